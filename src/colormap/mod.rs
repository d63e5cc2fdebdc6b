//! Colormap tables, and the rule that turns a value into an entry of one.

mod scale;

use std::sync::LazyLock;

pub use scale::{Scale, order_key, value_of};

/// 256 colours, sRGB, opaque.
pub type Lut = [[u8; 3]; 256];

/// Names of the built-in colormaps, as matplotlib spells them.
pub const NAMES: [&str; 9] =
    ["viridis", "magma", "inferno", "plasma", "cividis", "turbo", "gray", "hot", "RdBu"];

/// The tables in the order of `NAMES`, written by `tests/fixtures/colormaps/write.py` from matplotlib:
/// for each its reds, greens and blues, each entry less the one before it (it compresses five times better).
const TABLES: &[u8; NAMES.len() * 3 * 256] = include_bytes!("tables.bin");

static LUTS: LazyLock<[Lut; NAMES.len()]> = LazyLock::new(|| {
    let mut luts = [[[0; 3]; 256]; NAMES.len()];
    for (lut, table) in luts.iter_mut().zip(TABLES.as_chunks::<{ 3 * 256 }>().0) {
        for (channel, differences) in table.as_chunks::<256>().0.iter().enumerate() {
            let mut level = 0_u8;
            for (color, difference) in lut.iter_mut().zip(differences) {
                level = level.wrapping_add(*difference);
                color[channel] = level;
            }
        }
    }
    luts
});

/// The built-in colormap of that name (one of [`NAMES`]), or `None`.
pub fn lut(name: &str) -> Option<&'static Lut> {
    let index = NAMES.iter().position(|known| *known == name)?;
    Some(&LUTS[index])
}

/// The colour of `#rrggbb`.
pub fn rgb(text: &str) -> Option<[u8; 3]> {
    let hex = text.strip_prefix('#').filter(|hex| hex.len() == 6)?;
    let rgb = u32::from_str_radix(hex, 16).ok()?;
    Some([(rgb >> 16) as u8, (rgb >> 8) as u8, rgb as u8])
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `t` and the colour that matplotlib gives it, 0..255 unrounded; see `tests/fixtures/colormaps/write.py`.
    const MATPLOTLIB: &str = include_str!("../../tests/fixtures/colormaps/matplotlib.csv");

    #[test]
    fn every_table_is_matplotlibs_within_one() {
        let unit = Scale::new([0.0, 1.0], 1.0).unwrap();
        let mut rows = 0;
        for line in MATPLOTLIB.lines().skip(1) {
            let cells: Vec<&str> = line.split(',').collect();
            let t: f32 = cells[1].parse().unwrap();
            let color = lut(cells[0]).unwrap()[usize::from(unit.index(t).unwrap())];
            for (got, expected) in color.iter().zip(&cells[2..]) {
                let expected: f64 = expected.parse().unwrap();
                assert!((f64::from(*got) - expected).abs() <= 1.0, "{line}: {color:?}");
            }
            rows += 1;
        }
        assert_eq!(rows, NAMES.len() * 56);
    }

    #[test]
    fn names_are_exact() {
        for name in NAMES {
            assert!(lut(name).is_some(), "{name}");
        }
        assert!(lut("Viridis").is_none());
        assert!(lut("").is_none());
    }

    #[test]
    fn ends_are_where_they_belong() {
        assert_eq!(lut("gray").unwrap()[0], [0, 0, 0]);
        assert_eq!(lut("gray").unwrap()[255], [255, 255, 255]);
        assert_eq!(lut("viridis").unwrap()[0], [68, 1, 84]);
        assert_eq!(lut("RdBu").unwrap()[0], [103, 0, 31]);
    }
}
