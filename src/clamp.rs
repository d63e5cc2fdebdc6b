//! The nearest number of a range.

/// `value`, or the bound that it is beyond; NaN stays NaN. `low` is at most `high`.
///
/// [`f64::clamp`] prints its bounds where it panics, and with that the library's printer of floats would be in the page:
/// 9 KB of brotli for a message that nothing else needs ([`crate::json::number`] writes floats).
pub fn clamp(value: f64, low: f64, high: f64) -> f64 {
    if value < low {
        low
    } else if value > high {
        high
    } else {
        value
    }
}
