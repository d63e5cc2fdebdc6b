// With view.wgsl, values.wgsl.
// One polygon a bin. Colour is found per vertex, not per pixel: all vertices of a bin agree, and there are fewer of them.

struct Field {
    // Where the shown frame begins in `values`.
    offset: u32,
    // Premultiplied by alpha and opacity.
    opacity: f32,
    // Of an element of `values`: 32, or 8 or 16 of a code.
    bits: u32,
    unused: u32,
    // Order keys of the least and the greatest value within the limits.
    limits: vec2u,
    padding: vec2u,
    no_data: vec4f,
    under: vec4f,
    over: vec4f,
    // Order key of the least value of each colour; ascending.
    thresholds: array<vec4u, 64>,
    // Packed RGBA, sRGB bytes as they are.
    colors: array<vec4u, 64>,
}

@group(1) @binding(0) var<uniform> field: Field;
// (frames, bins), f32 kept as bits: shaders may assume that floats are never NaN. Or codes, several in a word.
@group(2) @binding(0) var<storage, read> values: array<u32>;
// The bits of the value that each code stands for.
@group(3) @binding(0) var<storage, read> table: array<u32>;

struct Corner {
    @builtin(position) @invariant position: vec4f,
    @location(0) @interpolate(flat) color: vec4f,
}

@vertex
fn corner(@location(0) position: vec2f, @location(1) bin: u32) -> Corner {
    return Corner(clip_of(position), color_of(value_at(field.offset + bin, field.bits)));
}

@fragment
fn fill(@location(0) @interpolate(flat) color: vec4f) -> @location(0) vec4f {
    return color;
}

fn color_of(bits: u32) -> vec4f {
    if (bits & 0x7fffffffu) > 0x7f800000u {
        return field.no_data;
    }
    let key = order_key(bits);
    if key < field.limits.x {
        return field.under;
    }
    if key > field.limits.y {
        return field.over;
    }
    var index = 0u;
    for (var step = 128u; step > 0u; step >>= 1u) {
        if threshold(index + step) <= key {
            index += step;
        }
    }
    let color = unpack4x8unorm(field.colors[index >> 2u][index & 3u]);
    let alpha = color.a * field.opacity;
    return vec4f(color.rgb * alpha, alpha);
}

fn threshold(index: u32) -> u32 {
    return field.thresholds[index >> 2u][index & 3u];
}
