//! Creates render pipelines, buffers and bind groups. Every bind group of this crate binds one buffer.

use crate::device::Gpu;

/// The parameters in which the render pipelines differ.
pub(crate) struct RenderStages<'a> {
    pub module: &'a wgpu::ShaderModule,
    /// Layouts of the bind groups, in order.
    pub groups: &'a [Option<&'a wgpu::BindGroupLayout>],
    /// Entry points of the vertex shader and the fragment shader.
    pub entries: [&'static str; 2],
    /// Layouts of the vertex buffers, in order.
    pub buffers: &'a [Option<wgpu::VertexBufferLayout<'a>>],
    pub topology: wgpu::PrimitiveTopology,
    pub format: wgpu::TextureFormat,
    /// Samples a pixel: 1, or 4 with antialiasing.
    pub samples: u32,
}

/// The layout of a vertex buffer of positions, two floats each.
pub(crate) const POSITIONS: wgpu::VertexBufferLayout<'static> = wgpu::VertexBufferLayout {
    array_stride: 8,
    step_mode: wgpu::VertexStepMode::Vertex,
    attributes: &wgpu::vertex_attr_array![0 => Float32x2],
};

impl Gpu {
    /// A shader module of WGSL that build.rs has put together.
    pub(crate) fn shader(&self, code: &'static str) -> wgpu::ShaderModule {
        let source = wgpu::ShaderSource::Wgsl(code.into());
        self.device.create_shader_module(wgpu::ShaderModuleDescriptor { label: None, source })
    }

    /// A pipeline that blends its colours, into which alpha is multiplied, over those of the target.
    pub(crate) fn render_pipeline(&self, stages: &RenderStages) -> wgpu::RenderPipeline {
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

    /// A buffer of `size` bytes, all zero.
    pub(crate) fn buffer(&self, label: &'static str, size: u64, usage: wgpu::BufferUsages) -> wgpu::Buffer {
        self.device.create_buffer(&wgpu::BufferDescriptor {
            label: Some(label),
            size,
            usage,
            mapped_at_creation: false,
        })
    }

    /// A buffer that holds `contents`, a whole number of words.
    pub(crate) fn filled(&self, usage: wgpu::BufferUsages, contents: &[u8]) -> wgpu::Buffer {
        let usage = usage | wgpu::BufferUsages::COPY_DST;
        let buffer = self.buffer("filled", contents.len() as u64, usage);
        self.queue.write_buffer(&buffer, 0, contents);
        buffer
    }

    /// The layout of a bind group of one buffer; `dynamic`: bound with an offset.
    pub(crate) fn bind_group_layout(
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

    /// A bind group of one buffer: `size` bytes from a dynamic offset on, or the whole buffer.
    pub(crate) fn bind_group(
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

    /// A buffer for `count` uniforms of type `T`, `stride` bytes apart, and the bind group that binds one of them by its offset.
    pub(crate) fn uniforms<T>(
        &self,
        layout: &wgpu::BindGroupLayout,
        count: usize,
        stride: u64,
    ) -> (wgpu::Buffer, wgpu::BindGroup) {
        let usage = wgpu::BufferUsages::UNIFORM | wgpu::BufferUsages::COPY_DST;
        let buffer = self.buffer("uniforms", count as u64 * stride, usage);
        let group = self.bind_group(layout, &buffer, Some(size_of::<T>() as u64));
        (buffer, group)
    }
}
