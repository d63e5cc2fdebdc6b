//! Colormap tables.

/// 256 colours, sRGB, opaque.
pub type Lut = [[u8; 3]; 256];

/// Names of the built-in colormaps, as matplotlib spells them.
pub const NAMES: [&str; 9] =
    ["viridis", "magma", "inferno", "plasma", "cividis", "turbo", "gray", "hot", "RdBu"];
