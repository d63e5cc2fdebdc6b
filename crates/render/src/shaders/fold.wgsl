// With values.wgsl.
// Folds several frames into one, bin by bin, in order of time. `Fold` in fold.rs says what each fold does.

const MEAN = 1u;
const MIN = 3u;

// One dispatch folds consecutive rows of one block; the frames of a picture may be in several.
struct Dispatch {
    // Index of the first row's first element in `values`.
    first: u32,
    rows: u32,
    bins: u32,
    // One of the numbers above; any other is the maximum.
    fold: u32,
    // 1 in the first dispatch of a field, else 0.
    begins: u32,
    // 1 in the last dispatch of a field, else 0.
    ends: u32,
    // Bits of an element of `values`: 32 of a float32 value, 8 or 16 of a code.
    bits: u32,
}

@group(0) @binding(0) var<uniform> dispatch: Dispatch;
// Shape (rows, bins). The bits of float32 values, as a shader may assume that no float is NaN; or codes, several in a word.
@group(1) @binding(0) var<storage, read> values: array<u32>;
// The bits of one value for each bin, then for each bin how many values that was made of.
@group(2) @binding(0) var<storage, read_write> folded: array<u32>;
// The bits of the float32 value of each code.
@group(3) @binding(0) var<storage, read> table: array<u32>;

@compute @workgroup_size(64)
fn fold(@builtin(global_invocation_id) id: vec3u) {
    let bin = id.x;
    if bin >= dispatch.bins {
        return;
    }
    var bits = 0x7fc00000u;
    var count = 0u;
    if dispatch.begins == 0u {
        bits = folded[bin];
        count = folded[dispatch.bins + bin];
    }
    for (var row = 0u; row < dispatch.rows; row++) {
        let value = value_at(dispatch.first + row * dispatch.bins + bin, dispatch.bits);
        if (value & 0x7fffffffu) > 0x7f800000u {
            continue;
        }
        if count == 0u {
            bits = value;
        } else if dispatch.fold == MEAN {
            bits = bitcast<u32>(bitcast<f32>(bits) + bitcast<f32>(value));
        } else if (order_key(value) < order_key(bits)) == (dispatch.fold == MIN) {
            bits = value;
        }
        count++;
    }
    if dispatch.ends == 1u && dispatch.fold == MEAN && count > 0u {
        bits = bitcast<u32>(bitcast<f32>(bits) / f32(count));
    }
    folded[bin] = bits;
    folded[dispatch.bins + bin] = count;
}
