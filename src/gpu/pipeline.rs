//! Pipelines, buffers and their groups, each made in one way.

use super::Gpu;

/// What tells one pipeline from another.
pub(super) struct Stages<'a> {
    pub module: &'a wgpu::ShaderModule,
    pub groups: &'a [Option<&'a wgpu::BindGroupLayout>],
    /// Entry points of the vertex and the fragment shader.
    pub entries: [&'static str; 2],
    pub buffers: &'a [Option<wgpu::VertexBufferLayout<'a>>],
    pub topology: wgpu::PrimitiveTopology,
    pub format: wgpu::TextureFormat,
    /// In a pixel: 1, or 4 where edges are to be smooth.
    pub samples: u32,
}

/// Places, two floats each.
pub(super) const PLACES: wgpu::VertexBufferLayout<'static> = wgpu::VertexBufferLayout {
    array_stride: 8,
    step_mode: wgpu::VertexStepMode::Vertex,
    attributes: &wgpu::vertex_attr_array![0 => Float32x2],
};

impl Gpu {
    /// A shader, of which build.rs has taken the comments.
    pub(super) fn shader(&self, code: &'static str) -> wgpu::ShaderModule {
        let source = wgpu::ShaderSource::Wgsl(code.into());
        self.device.create_shader_module(wgpu::ShaderModuleDescriptor { label: None, source })
    }

    /// A pipeline that blends what it draws over what is there; colours come with alpha multiplied in.
    pub(super) fn pipeline(&self, stages: &Stages) -> wgpu::RenderPipeline {
        let [vertex, fragment] = stages.entries;
        let layout = self.device.create_pipeline_layout(&wgpu::PipelineLayoutDescriptor {
            label: Some(vertex),
            bind_group_layouts: stages.groups,
            immediate_size: 0,
        });
        self.device.create_render_pipeline(&wgpu::RenderPipelineDescriptor {
            label: Some(vertex),
            layout: Some(&layout),
            vertex: wgpu::VertexState {
                module: stages.module,
                entry_point: Some(vertex),
                compilation_options: wgpu::PipelineCompilationOptions::default(),
                buffers: stages.buffers,
            },
            fragment: Some(wgpu::FragmentState {
                module: stages.module,
                entry_point: Some(fragment),
                compilation_options: wgpu::PipelineCompilationOptions::default(),
                targets: &[Some(wgpu::ColorTargetState {
                    format: stages.format,
                    blend: Some(wgpu::BlendState::PREMULTIPLIED_ALPHA_BLENDING),
                    write_mask: wgpu::ColorWrites::ALL,
                })],
            }),
            primitive: wgpu::PrimitiveState { topology: stages.topology, ..Default::default() },
            depth_stencil: None,
            multisample: wgpu::MultisampleState { count: stages.samples, ..Default::default() },
            multiview_mask: None,
            cache: None,
        })
    }

    /// A buffer of `size` bytes.
    pub(super) fn buffer(&self, label: &'static str, size: u64, usage: wgpu::BufferUsages) -> wgpu::Buffer {
        self.device.create_buffer(&wgpu::BufferDescriptor {
            label: Some(label),
            size,
            usage,
            mapped_at_creation: false,
        })
    }

    /// A buffer that holds `contents` from the start.
    pub(super) fn filled(&self, usage: wgpu::BufferUsages, contents: &[u8]) -> wgpu::Buffer {
        let usage = usage | wgpu::BufferUsages::COPY_DST;
        let buffer = self.buffer("filled", contents.len() as u64, usage);
        self.queue.write_buffer(&buffer, 0, contents);
        buffer
    }

    /// The layout of a group of one buffer.
    pub(super) fn group_layout(
        &self,
        visibility: wgpu::ShaderStages,
        ty: wgpu::BufferBindingType,
        dynamic: bool,
    ) -> wgpu::BindGroupLayout {
        self.device.create_bind_group_layout(&wgpu::BindGroupLayoutDescriptor {
            label: None,
            entries: &[wgpu::BindGroupLayoutEntry {
                binding: 0,
                visibility,
                ty: wgpu::BindingType::Buffer { ty, has_dynamic_offset: dynamic, min_binding_size: None },
                count: None,
            }],
        })
    }

    /// A group of one buffer: `size` bytes of it from wherever the offset points, or all.
    pub(super) fn group(
        &self,
        layout: &wgpu::BindGroupLayout,
        buffer: &wgpu::Buffer,
        size: Option<u64>,
    ) -> wgpu::BindGroup {
        let size = size.and_then(wgpu::BufferSize::new);
        self.device.create_bind_group(&wgpu::BindGroupDescriptor {
            label: None,
            layout,
            entries: &[wgpu::BindGroupEntry {
                binding: 0,
                resource: wgpu::BindingResource::Buffer(wgpu::BufferBinding { buffer, offset: 0, size }),
            }],
        })
    }

    /// Room for `count` uniforms of a type, `stride` bytes apart, and the group that is bound with an offset to one.
    pub(super) fn uniforms<T>(
        &self,
        layout: &wgpu::BindGroupLayout,
        count: usize,
        stride: u64,
    ) -> (wgpu::Buffer, wgpu::BindGroup) {
        let usage = wgpu::BufferUsages::UNIFORM | wgpu::BufferUsages::COPY_DST;
        let buffer = self.buffer("uniforms", count as u64 * stride, usage);
        let group = self.group(layout, &buffer, Some(size_of::<T>() as u64));
        (buffer, group)
    }
}
