// What is stored, for a shader that binds `values` and `table`.

// The bits of a value; `bits` is an element's size, and 8 or 16 of them are a code that the table has the value of.
fn value_at(index: u32, bits: u32) -> u32 {
    if bits == 32u {
        return values[index];
    }
    let count = 32u / bits;
    return table[extractBits(values[index / count], index % count * bits, bits)];
}

// As `colormap::order_key`.
fn order_key(bits: u32) -> u32 {
    return select(bits | 0x80000000u, ~bits, (bits >> 31u) == 1u);
}
