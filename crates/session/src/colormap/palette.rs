//! The complete rule from a field's values to colours; the shader implements the same.

use super::{Lut, Scale, Transform};

/// A colour scale: maps values to colours.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Palette {
    /// Maps values to entries.
    pub scale: Scale,
    /// The colour of each entry, sRGB and alpha; those after the scale's last entry are not used.
    pub colors: [[u8; 4]; 256],
    /// Colours of values that have no entry.
    pub ends: Ends,
}

/// Colours of values without an entry, sRGB and alpha.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ends {
    /// Colour below the lower limit; `None`: that of the first entry.
    pub under: Option<[u8; 4]>,
    /// Colour above the upper limit; `None`: that of the last entry.
    pub over: Option<[u8; 4]>,
    /// Colour of NaN.
    pub no_data: [u8; 4],
}

impl Palette {
    /// The colours of `lut` along a scale: in reverse order where `reversed`, from transparent to opaque where `fade`.
    pub fn new(scale: Scale, lut: &Lut, reversed: bool, fade: bool, ends: Ends) -> Self {
        let last = usize::from(scale.entries()) - 1;
        let mut colors = [[0; 4]; 256];
        for (entry, color) in colors.iter_mut().enumerate().take(last + 1) {
            // A scale of few entries spans the first to the last colour; a single entry has the middle one.
            let place = (entry * 255 + last / 2).checked_div(last).unwrap_or(128);
            let [red, green, blue] = lut[if reversed { 255 - place } else { place }];
            *color = [red, green, blue, if fade { place as u8 } else { 255 }];
        }
        Self { scale, colors, ends }
    }

    /// A linear palette of 256 colours between two limits; `None` where these are not valid.
    pub fn plain(limits: [f32; 2], gamma: f32, lut: &Lut, no_data: [u8; 4]) -> Option<Self> {
        let scale = Scale::new(limits, gamma, Transform::Linear, 256)?;
        Some(Self::new(scale, lut, false, false, Ends { under: None, over: None, no_data }))
    }

    /// The colour of a value.
    pub fn color(&self, value: f32) -> [u8; 4] {
        let [low, high] = self.scale.limits();
        match self.scale.index(value) {
            None => self.ends.no_data,
            Some(_) if value < low => self.under(),
            Some(_) if value > high => self.over(),
            Some(entry) => self.colors[usize::from(entry)],
        }
    }

    /// The colour below the lower limit.
    pub fn under(&self) -> [u8; 4] {
        self.ends.under.unwrap_or(self.colors[0])
    }

    /// The colour above the upper limit.
    pub fn over(&self) -> [u8; 4] {
        self.ends.over.unwrap_or(self.colors[usize::from(self.scale.entries()) - 1])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::colormap::lut;

    const RED: [u8; 4] = [255, 0, 0, 255];
    const BLUE: [u8; 4] = [0, 0, 255, 255];
    const GREEN: [u8; 4] = [0, 255, 0, 255];

    fn gray(entries: u16, reversed: bool, fade: bool) -> Palette {
        let scale = Scale::new([0.0, 1.0], 1.0, Transform::Linear, entries).unwrap();
        let ends = Ends { under: Some(BLUE), over: Some(RED), no_data: GREEN };
        Palette::new(scale, lut("gray").unwrap(), reversed, fade, ends)
    }

    #[test]
    fn each_kind_of_value_has_its_colour() {
        let palette = gray(256, false, false);
        assert_eq!(palette.color(f32::NAN), GREEN);
        assert_eq!([palette.color(-0.1), palette.color(f32::NEG_INFINITY)], [BLUE; 2]);
        assert_eq!([palette.color(1.1), palette.color(f32::INFINITY)], [RED; 2]);
        assert_eq!([palette.color(0.0), palette.color(-0.0)], [[0, 0, 0, 255]; 2], "a limit is within");
        assert_eq!(palette.color(1.0), [255; 4]);
        let plain = Palette { ends: Ends { under: None, over: None, ..palette.ends }, ..palette };
        assert_eq!([plain.color(-1.0), plain.color(2.0)], [[0, 0, 0, 255], [255; 4]]);
    }

    #[test]
    fn steps_go_from_the_first_colour_to_the_last() {
        let palette = gray(4, false, false);
        let levels = [0.0, 0.24, 0.26, 0.51, 0.74, 0.76, 1.0].map(|value| palette.color(value)[0]);
        assert_eq!(levels, [0, 0, 85, 170, 170, 255, 255]);
        assert_eq!(gray(1, false, false).color(0.1)[0], 128);
        assert_eq!([0.1, 0.9].map(|value| gray(2, true, false).color(value)[0]), [255, 0]);
    }

    #[test]
    fn reversed_and_faded() {
        assert_eq!(gray(256, true, false).color(0.0), [255; 4]);
        let faded = gray(256, false, true);
        assert_eq!([0.0, 0.5, 1.0].map(|value| faded.color(value)[3]), [0, 128, 255]);
        assert_eq!(
            gray(256, true, true).color(0.0),
            [255, 255, 255, 0],
            "transparent is the lower limit, whatever its colour"
        );
    }
}
