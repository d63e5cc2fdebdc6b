/// Turns the value of a bin into a colour: a lookup table of up to 256 entries, and the least value that reaches each entry.
///
/// Values are compared as order keys ([`replayscope_codecs::order_key`]): integers in the order of the values. So the result does
/// not depend on the precision of a device's arithmetic, nor on how it treats infinities and denormals.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct TransferFunction {
    /// For each entry the order key of the least value that reaches it, ascending. A value has the colour of the last entry whose
    /// threshold is not above its key. The first threshold is 0; entries that are not used have `u32::MAX`, which no value has.
    pub thresholds: [u32; 256],
    /// The colour of each entry: sRGB bytes and alpha, which is not multiplied into them.
    pub colors: [[u8; 4]; 256],
    /// Order keys of the least and of the greatest value that are coloured by the table.
    pub limit_keys: [u32; 2],
    /// Colour of values below the limits: sRGB bytes and alpha.
    pub under: [u8; 4],
    /// Colour of values above the limits: sRGB bytes and alpha.
    pub over: [u8; 4],
    /// Colour of NaN: sRGB bytes and alpha.
    pub no_data: [u8; 4],
}
