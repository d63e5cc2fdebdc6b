// Where one looks.

struct View {
    // Viewport, device pixels.
    size: vec2f,
    // Mesh units to clip space: what a unit of x moves, and one of y.
    across: vec2f,
    up: vec2f,
    // Camera centre in mesh coordinates, in two parts so that deep zooms keep f32 exact.
    center: vec2f,
    center_low: vec2f,
}

@group(0) @binding(0) var<uniform> view: View;

// Of a place in mesh units.
fn clip_of(place: vec2f) -> vec4f {
    let offset = (place - view.center) - view.center_low;
    return vec4f(offset.x * view.across + offset.y * view.up, 0.0, 1.0);
}
