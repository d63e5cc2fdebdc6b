// With view.wgsl.
// Draws segments of trails and dots as one quad each. Coordinates are pixels from the top left corner; how much of a pixel is covered
// is computed from its distance to the edge.

// Corners of the square from -1 to 1, as a triangle strip.
fn unit(corner: u32) -> vec2f {
    return vec2f(f32(corner & 1u), f32(corner >> 1u)) * 2.0 - 1.0;
}

fn clip(pixel: vec2f) -> vec4f {
    return vec4f(pixel / view.size * vec2f(2.0, -2.0) + vec2f(-1.0, 1.0), 0.0, 1.0);
}

struct SegmentInput {
    @location(0) start: vec2f,
    @location(1) end: vec2f,
    // Normals of the lines that divide a segment from its neighbours, so that no pixel is painted twice; zero at a free end.
    @location(2) start_plane: vec2f,
    @location(3) end_plane: vec2f,
    @location(4) alpha: vec2f,
    @location(5) half_width: f32,
    @location(6) color: vec4f,
}

struct Segment {
    @builtin(position) position: vec4f,
    @location(0) @interpolate(flat) ends: vec4f,
    @location(1) @interpolate(flat) planes: vec4f,
    @location(2) @interpolate(flat) alpha: vec2f,
    @location(3) @interpolate(flat) half_width: f32,
    @location(4) @interpolate(flat) color: vec3f,
}

@vertex
fn segment(@builtin(vertex_index) corner: u32, in: SegmentInput) -> Segment {
    let reach = in.half_width + 1.0;
    let length = distance(in.start, in.end);
    let along = select(vec2f(1.0, 0.0), (in.end - in.start) / length, length > 0.0);
    let across = vec2f(-along.y, along.x);
    let side = unit(corner);
    let base = select(in.start - along * reach, in.end + along * reach, side.x > 0.0);
    return Segment(
        clip(base + across * side.y * reach),
        vec4f(in.start, in.end),
        vec4f(in.start_plane, in.end_plane),
        in.alpha,
        in.half_width,
        in.color.rgb,
    );
}

@fragment
fn stroke(in: Segment) -> @location(0) vec4f {
    let pixel = in.position.xy;
    let from_start = pixel - in.ends.xy;
    let from_end = pixel - in.ends.zw;
    let free_end = all(in.planes.zw == vec2f(0.0));
    if dot(from_start, in.planes.xy) < 0.0 || (!free_end && dot(from_end, in.planes.zw) >= 0.0) {
        discard;
    }
    let span = in.ends.zw - in.ends.xy;
    let t = clamp(dot(from_start, span) / max(dot(span, span), 1e-12), 0.0, 1.0);
    let coverage = clamp(in.half_width + 0.5 - distance(pixel, in.ends.xy + span * t), 0.0, 1.0);
    let alpha = mix(in.alpha.x, in.alpha.y, t) * coverage;
    return vec4f(in.color * alpha, alpha);
}

struct DotInput {
    @location(0) center: vec2f,
    @location(1) radius: f32,
    @location(2) outline: f32,
    @location(3) color: vec4f,
    @location(4) outline_color: vec4f,
}

struct Dot {
    @builtin(position) position: vec4f,
    @location(0) @interpolate(flat) center: vec2f,
    @location(1) @interpolate(flat) radius: vec2f,
    @location(2) @interpolate(flat) color: vec4f,
    @location(3) @interpolate(flat) outline_color: vec3f,
}

@vertex
fn disc(@builtin(vertex_index) corner: u32, in: DotInput) -> Dot {
    let reach = in.radius + in.outline + 1.0;
    return Dot(
        clip(in.center + unit(corner) * reach),
        in.center,
        vec2f(in.radius, in.radius + in.outline),
        in.color,
        in.outline_color.rgb,
    );
}

@fragment
fn paint(in: Dot) -> @location(0) vec4f {
    let covered = clamp(in.radius + 0.5 - distance(in.position.xy, in.center), vec2f(0.0), vec2f(1.0));
    let alpha = covered.y * in.color.a;
    return vec4f(mix(in.outline_color, in.color.rgb, covered.x) * alpha, alpha);
}
