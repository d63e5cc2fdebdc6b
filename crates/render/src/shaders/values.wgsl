// Reads stored elements, for a shader that binds `values` and `table`.

// The bits of the float32 value of element `index`. An element has `bits` bits; one of 8 or 16 is a code, whose value is in `table`.
fn value_at(index: u32, bits: u32) -> u32 {
    if bits == 32u {
        return values[index];
    }
    let count = 32u / bits;
    return table[extractBits(values[index / count], index % count * bits, bits)];
}

// An integer in the order of the values: `order_key` of crates/codecs.
fn order_key(bits: u32) -> u32 {
    return select(bits | 0x80000000u, ~bits, (bits >> 31u) == 1u);
}
