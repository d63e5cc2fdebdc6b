//! Float64 as the fewest decimal digits that are read as the same number again, and back, both exact.
//!
//! The browser can do it, so the page does not bring the standard library's tables for it (25 KB): every float in a
//! message or a link goes through here.

/// The number that a text says; `None` for anything else than decimal digits with a sign, a point, an exponent.
pub fn parse(text: &str) -> Option<f64> {
    let decimal = |byte: u8| byte.is_ascii_digit() || b"+-.eE".contains(&byte);
    if !text.bytes().all(decimal) || !text.bytes().any(|byte| byte.is_ascii_digit()) {
        return None;
    }
    host::parse(text)
}

/// The fewest digits: `0.1`, `-250`, `1e-7`.
pub fn text(number: f64) -> String {
    host::text(number)
}

/// `value`, or the bound that it is beyond; NaN stays NaN. `low` is at most `high`.
///
/// [`f64::clamp`] prints its bounds where it panics, and with that the library's printer of floats would be in the page:
/// 9 KB of brotli for a message that nothing else needs (this module writes floats).
pub fn clamp(value: f64, low: f64, high: f64) -> f64 {
    if value < low {
        low
    } else if value > high {
        high
    } else {
        value
    }
}

#[cfg(target_arch = "wasm32")]
mod host {
    pub fn parse(text: &str) -> Option<f64> {
        let number = wasm_bindgen::JsValue::from_str(text).unchecked_into_f64();
        (!number.is_nan()).then_some(number)
    }

    pub fn text(number: f64) -> String {
        // JavaScript writes 1e+300; in a link a plus may be read as a space.
        let text =
            js_sys::Number::from(number).to_string_with_radix(10).map(String::from).unwrap_or_default();
        text.replace('+', "")
    }
}

#[cfg(not(target_arch = "wasm32"))]
mod host {
    pub fn parse(text: &str) -> Option<f64> {
        text.parse().ok()
    }

    pub fn text(number: f64) -> String {
        let (plain, scientific) = (format!("{number}"), format!("{number:e}"));
        if plain.len() > 21 && scientific.len() < plain.len() { scientific } else { plain }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_decimal_numbers_are_read() {
        for (good, number) in
            [("1", 1.0_f64), ("-0.5", -0.5), ("1e-7", 1e-7), (".5", 0.5), ("2.", 2.0), ("1E2", 100.0)]
        {
            assert_eq!(parse(good).map(f64::to_bits), Some(number.to_bits()), "{good}");
        }
        for bad in ["", "-", "e", ".", "1e", "--1", "1,5", "0x10", "inf", "NaN", "1 2", "１"] {
            assert_eq!(parse(bad), None, "{bad}");
        }
    }
}
