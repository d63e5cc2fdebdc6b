// Plain colour on the environment: insides of regions, borders of bins.

struct View {
    size: vec2f,
    // Mesh units to clip space.
    across: vec2f,
    up: vec2f,
    center: vec2f,
    center_low: vec2f,
}

@group(0) @binding(0) var<uniform> view: View;

struct Corner {
    @builtin(position) position: vec4f,
    @location(0) @interpolate(flat) color: vec4f,
}

@vertex
fn corner(@location(0) position: vec2f, @location(1) color: vec4f) -> Corner {
    let offset = (position - view.center) - view.center_low;
    return Corner(vec4f(offset.x * view.across + offset.y * view.up, 0.0, 1.0), vec4f(color.rgb * color.a, color.a));
}

@fragment
fn fill(@location(0) @interpolate(flat) color: vec4f) -> @location(0) vec4f {
    return color;
}
