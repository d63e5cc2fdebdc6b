// With values.wgsl.
// Several frames to one, bin by bin; as `Projection::of`.

const MEAN = 1u;
const MIN = 3u;

struct Part {
    // Where the first of its frames begins in `values`, and how many there are.
    first: u32,
    rows: u32,
    bins: u32,
    // Max unless it is one of the above.
    projection: u32,
    // Whether it is the first part of the picture's frames, and the last.
    begins: u32,
    ends: u32,
    // Of an element of `values`: 32, or 8 or 16 of a code.
    bits: u32,
}

@group(0) @binding(0) var<uniform> part: Part;
// (frames, bins), f32 kept as bits: shaders may assume that floats are never NaN. Or codes, several in a word.
@group(1) @binding(0) var<storage, read> values: array<u32>;
// What is drawn, one value a bin; then how many values went into each.
@group(2) @binding(0) var<storage, read_write> folded: array<u32>;

// The bits of the value that each code stands for.
@group(3) @binding(0) var<storage, read> table: array<u32>;

@compute @workgroup_size(64)
fn fold(@builtin(global_invocation_id) place: vec3u) {
    let bin = place.x;
    if bin >= part.bins {
        return;
    }
    var bits = 0x7fc00000u;
    var count = 0u;
    if part.begins == 0u {
        bits = folded[bin];
        count = folded[part.bins + bin];
    }
    for (var row = 0u; row < part.rows; row++) {
        let value = value_at(part.first + row * part.bins + bin, part.bits);
        if (value & 0x7fffffffu) > 0x7f800000u {
            continue;
        }
        if count == 0u {
            bits = value;
        } else if part.projection == MEAN {
            bits = bitcast<u32>(bitcast<f32>(bits) + bitcast<f32>(value));
        } else if (order_key(value) < order_key(bits)) == (part.projection == MIN) {
            bits = value;
        }
        count++;
    }
    if part.ends == 1u && part.projection == MEAN && count > 0u {
        bits = bitcast<u32>(bitcast<f32>(bits) / f32(count));
    }
    folded[bin] = bits;
    folded[part.bins + bin] = count;
}
