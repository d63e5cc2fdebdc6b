//! CF packing, and numcodecs' way to the same: <https://cfconventions.org/cf-conventions/cf-conventions.html#packed-data>.

/// How stored numbers become values: masked ones are NaN, the others `stored · scale + offset`, or `stored / scale + offset`.
#[derive(Debug, Clone, PartialEq)]
pub struct Packing {
    /// `scale_factor`.
    pub scale: f64,
    /// `add_offset`.
    pub offset: f64,
    /// Stored numbers that mean "no value"; NaN itself needs none.
    pub masked: Vec<f64>,
}

impl Packing {
    /// Values are what is stored.
    pub fn none() -> Self {
        Self { scale: 1.0, offset: 0.0, masked: Vec::new() }
    }

    /// Whether values are what is stored.
    pub fn is_none(&self) -> bool {
        (self.scale, self.offset) == (1.0, 0.0) && self.masked.is_empty()
    }

    /// The value of a stored number.
    pub fn value(&self, stored: f64) -> f64 {
        if self.masked.contains(&stored) {
            f64::NAN
        } else if (self.scale, self.offset) == (1.0, 0.0) {
            stored // Adding zero would take the sign from −0.
        } else {
            stored * self.scale + self.offset
        }
    }
}
