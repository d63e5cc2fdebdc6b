// With view.wgsl.
// Draws triangles or lines of the environment in one colour: insides of regions, borders of bins.

struct Corner {
    @builtin(position) position: vec4f,
    @location(0) @interpolate(flat) color: vec4f,
}

@vertex
fn corner(@location(0) position: vec2f, @location(1) color: vec4f) -> Corner {
    return Corner(clip_of(position), vec4f(color.rgb * color.a, color.a));
}

@fragment
fn fill(@location(0) @interpolate(flat) color: vec4f) -> @location(0) vec4f {
    return color;
}
