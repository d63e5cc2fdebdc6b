//! What Zarr calls `NumPy`'s types.

/// Zarr's name of a `NumPy` type such as `<f4`, and whether its bytes are big-endian; a bool is a byte.
pub fn numpy_type(descr: &str) -> Option<(&'static str, bool)> {
    let (order, kind) = descr.split_at_checked(1)?;
    let name = match kind {
        "f2" => "float16",
        "f4" => "float32",
        "f8" => "float64",
        "i1" => "int8",
        "i2" => "int16",
        "i4" => "int32",
        "i8" => "int64",
        "u1" | "b1" => "uint8",
        "u2" => "uint16",
        "u4" => "uint32",
        "u8" => "uint64",
        _ => return None,
    };
    matches!(order, "<" | ">" | "|" | "=").then_some((name, order == ">"))
}
