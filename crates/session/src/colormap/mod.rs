//! Colormap tables, and the rule that maps a value to a colour.

mod palette;
mod scale;

use std::sync::{LazyLock, OnceLock};

pub use palette::{Ends, Palette};
pub use replayscope_codecs::{order_key, value_of};
pub use scale::{Scale, Transform};

/// 256 colours, sRGB, opaque.
pub type Lut = [[u8; 3]; 256];

/// One line per group: its kind, then the names of its colormaps, as matplotlib spells them (`CET_…` as colorcet, `cmo.…` as cmocean),
/// in the order of the tables.
const GROUPS: &str = include_str!("names.txt");

/// The number of colormaps that are part of the first page.
const FIRST: usize = 9;

/// Bytes of a table: reds, greens and blues, each as the difference to the previous entry (which compresses five times better).
/// `tests/fixtures/colormaps/write.py` wrote them.
const TABLE: usize = 3 * 256;

const TABLES: &[u8; FIRST * TABLE] = include_bytes!("tables.bin");

static LUTS: LazyLock<Vec<Lut>> = LazyLock::new(|| decoded(TABLES));
static MORE: OnceLock<Vec<Lut>> = OnceLock::new();

/// The colormap of that name; `None` where there is none, or where it is one of [`more`] that were not [added](add_more).
pub fn lut(name: &str) -> Option<&'static Lut> {
    let index = all().position(|(known, _)| known == name)?;
    LUTS.get(index).or_else(|| MORE.get()?.get(index - FIRST))
}

/// Name and kind of each colormap: "uniform" (perceptually), "sequential", "diverging", "cyclic", "rainbow" or "isoluminant".
pub fn all() -> impl Iterator<Item = (&'static str, &'static str)> {
    GROUPS
        .lines()
        .filter_map(|line| line.split_once(' '))
        .flat_map(|(kind, names)| names.split(' ').map(move |name| (name, kind)))
}

/// The tables that the page loads on demand.
pub fn more() -> Vec<Lut> {
    decoded(include_bytes!("more.bin"))
}

/// Adds the tables of [`more`] to those of [`lut`].
pub fn add_more(luts: Vec<Lut>) {
    // A second call would set the same tables.
    let _ = MORE.set(luts);
}

fn decoded(tables: &[u8]) -> Vec<Lut> {
    let lut = |table: &[u8; TABLE]| {
        let mut lut = [[0; 3]; 256];
        for (channel, differences) in table.as_chunks::<256>().0.iter().enumerate() {
            let mut level = 0_u8;
            for (color, difference) in lut.iter_mut().zip(differences) {
                level = level.wrapping_add(*difference);
                color[channel] = level;
            }
        }
        lut
    };
    tables.as_chunks().0.iter().map(lut).collect()
}

/// An sRGB colour as `#rrggbb`.
pub fn hex([red, green, blue]: [u8; 3]) -> String {
    format!("#{red:02x}{green:02x}{blue:02x}")
}

/// The sRGB colour of `#rrggbb`; `None` for any other text.
pub fn rgb(text: &str) -> Option<[u8; 3]> {
    let hex = text.strip_prefix('#').filter(|hex| hex.len() == 6)?;
    let rgb = u32::from_str_radix(hex, 16).ok()?;
    Some([(rgb >> 16) as u8, (rgb >> 8) as u8, rgb as u8])
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `t` and the colour that matplotlib gives it, 0..255 unrounded; see `tests/fixtures/colormaps/write.py`.
    const MATPLOTLIB: &str = include_str!("../../../../tests/fixtures/colormaps/matplotlib.csv");

    #[test]
    fn every_table_is_its_makers_within_one() {
        add_more(more());
        let unit = Scale::new([0.0, 1.0], 1.0, Transform::Linear, 256).unwrap();
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
        assert_eq!(rows, FIRST * 56 + (all().count() - FIRST) * 15);
    }

    #[test]
    fn names_are_exact() {
        add_more(more());
        assert_eq!(all().count(), 157);
        for (name, kind) in all() {
            assert!(lut(name).is_some(), "{name}");
            assert!(
                ["uniform", "sequential", "diverging", "cyclic", "rainbow", "isoluminant"].contains(&kind),
                "{kind}"
            );
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
