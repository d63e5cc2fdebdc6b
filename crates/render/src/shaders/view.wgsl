// The camera.

struct View {
    // Width and height of the viewport, pixels.
    size: vec2f,
    // From mesh coordinates to clip space: the step of one unit of x, and of one unit of y.
    across: vec2f,
    up: vec2f,
    // The camera's centre in mesh coordinates.
    center: vec2f,
    // What float32 could not hold of it: a deep zoom needs that precision.
    center_low: vec2f,
}

@group(0) @binding(0) var<uniform> view: View;

// Clip coordinates of a position in mesh coordinates.
fn clip_of(position: vec2f) -> vec4f {
    let offset = (position - view.center) - view.center_low;
    return vec4f(offset.x * view.across + offset.y * view.up, 0.0, 1.0);
}
