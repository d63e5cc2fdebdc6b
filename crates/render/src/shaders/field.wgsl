// With view.wgsl, values.wgsl.
// Draws one polygon for each bin. The colour is found for each vertex and not for each pixel: all vertices of a bin have the same
// value, and there are fewer vertices than pixels.

struct Field {
    // Index of the shown row's first element in `values`.
    offset: u32,
    // 0 to 1.
    opacity: f32,
    // Bits of an element of `values`: 32 of a float32 value, 8 or 16 of a code.
    bits: u32,
    unused: u32,
    // Order keys of the least and the greatest value that the table colours.
    limits: vec2u,
    padding: vec2u,
    // Colours of what the table does not colour, with alpha and opacity multiplied in.
    no_data: vec4f,
    under: vec4f,
    over: vec4f,
    // Order keys of the least value of each entry, ascending.
    thresholds: array<vec4u, 64>,
    // The colour of each entry: packed RGBA, sRGB bytes, alpha not multiplied in.
    colors: array<vec4u, 64>,
}

@group(1) @binding(0) var<uniform> field: Field;
// Shape (rows, bins). The bits of float32 values, as a shader may assume that no float is NaN; or codes, several in a word.
@group(2) @binding(0) var<storage, read> values: array<u32>;
// The bits of the float32 value of each code.
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
