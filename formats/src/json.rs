//! JSON, written.

use std::fmt::Write;

/// Appends a string, quoted.
pub fn string(out: &mut String, text: &str) {
    out.push('"');
    for letter in text.chars() {
        match letter {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            control if control < ' ' => {
                let _ = write!(out, "\\u{:04x}", u32::from(control));
            }
            letter => out.push(letter),
        }
    }
    out.push('"');
}

/// Appends an integer.
pub fn integer(out: &mut String, number: impl Into<i128>) {
    let number = number.into();
    // The standard library's 128-bit digits are only for what needs them: nothing, as all comes from 64 bits.
    match (i64::try_from(number), u64::try_from(number)) {
        (Ok(signed), _) => {
            let _ = write!(out, "{signed}");
        }
        (_, Ok(unsigned)) => {
            let _ = write!(out, "{unsigned}");
        }
        _ => out.push_str("null"),
    }
}

/// Appends a list, its elements written by `each`.
pub fn list<T>(out: &mut String, items: impl IntoIterator<Item = T>, mut each: impl FnMut(&mut String, T)) {
    out.push('[');
    for (index, item) in items.into_iter().enumerate() {
        if index > 0 {
            out.push(',');
        }
        each(out, item);
    }
    out.push(']');
}

/// Appends a number so that it is read as the same again: NaN and the infinities as the strings Zarr has for them.
pub fn float(out: &mut String, number: f64) {
    if number.is_nan() {
        out.push_str("\"NaN\"");
    } else if number.is_infinite() {
        out.push_str(if number > 0.0 { "\"Infinity\"" } else { "\"-Infinity\"" });
    } else if number.fract() == 0.0 && number.abs() < 9e15 && (number != 0.0 || number.is_sign_positive()) {
        let _ = write!(out, "{}", number as i64);
    } else {
        decimal(out, number);
    }
}

/// The fewest digits that are read as this number again. Not by the standard library, whose tables weigh as much as
/// the rest of this module; slow (Steele and White's, as "Dragon4"), but few such numbers are told.
fn decimal(out: &mut String, number: f64) {
    let bits = number.to_bits();
    if bits >> 63 == 1 {
        out.push('-');
    }
    let (exponent, fraction) = ((bits >> 52 & 0x7ff) as i32, bits & ((1 << 52) - 1));
    if exponent == 0 && fraction == 0 {
        out.push_str("0.0");
        return;
    }
    let (mantissa, exponent) =
        if exponent == 0 { (fraction, -1074) } else { (fraction | 1 << 52, exponent - 1075) };
    // The number is value / unit, and whatever is nearer than `below` or `above` is read as it.
    let (mut value, mut unit) = (Big::from(mantissa), Big::from(1));
    let (mut above, mut below) = (Big::from(1), Big::from(1));
    let lopsided = fraction == 0 && exponent > -1074;
    let shift = exponent.unsigned_abs();
    if exponent >= 0 {
        for big in [&mut value, &mut above, &mut below] {
            big.double(shift);
        }
    } else {
        unit.double(shift);
    }
    value.double(1);
    unit.double(1);
    if lopsided {
        // Below a power of two, numbers are twice as dense.
        value.double(1);
        unit.double(1);
        above.double(1);
    }
    let inclusive = mantissa % 2 == 0;
    let mut point = 0;
    // Until 0.1 <= value / unit < 1, counting what is nearest above.
    loop {
        let order = value.plus(&above).cmp(&unit);
        if order.is_gt() || inclusive && order.is_eq() {
            unit.times(10);
            point += 1;
        } else {
            break;
        }
    }
    loop {
        let mut next = value.plus(&above);
        next.times(10);
        let order = next.cmp(&unit);
        if order.is_gt() || inclusive && order.is_eq() {
            break;
        }
        for big in [&mut value, &mut above, &mut below] {
            big.times(10);
        }
        point -= 1;
    }
    let mut digits = String::new();
    loop {
        for big in [&mut value, &mut above, &mut below] {
            big.times(10);
        }
        let mut digit = 0_u8;
        while value.cmp(&unit).is_ge() {
            value.minus(&unit);
            digit += 1;
        }
        let (low, high) = (value.cmp(&below), value.plus(&above).cmp(&unit));
        let low = low.is_lt() || inclusive && low.is_eq();
        let high = high.is_gt() || inclusive && high.is_eq();
        if !low && !high {
            digits.push(char::from(b'0' + digit));
            continue;
        }
        let nearer_above = if low && high { value.plus(&value).cmp(&unit).is_ge() } else { high };
        digits.push(char::from(b'0' + digit + u8::from(nearer_above)));
        break;
    }
    if (-5..=0).contains(&point) {
        out.push_str("0.");
        (point..0).for_each(|_| out.push('0'));
        out.push_str(&digits);
    } else if point > 0 && (point as usize) < digits.len() {
        out.push_str(&digits[..point as usize]);
        out.push('.');
        out.push_str(&digits[point as usize..]);
    } else {
        out.push_str(&digits[..1]);
        if digits.len() > 1 {
            out.push('.');
            out.push_str(&digits[1..]);
        }
        let _ = write!(out, "e{}", point - 1);
    }
}

/// A natural number of any size, its lowest 32 bits first.
struct Big(Vec<u32>);

impl Big {
    fn from(number: u64) -> Self {
        let mut big = Self(vec![number as u32, (number >> 32) as u32]);
        big.trim();
        big
    }

    fn trim(&mut self) {
        while self.0.last() == Some(&0) {
            self.0.pop();
        }
    }

    fn times(&mut self, factor: u32) {
        let mut carry = 0_u64;
        for word in &mut self.0 {
            carry += u64::from(*word) * u64::from(factor);
            *word = carry as u32;
            carry >>= 32;
        }
        if carry > 0 {
            self.0.push(carry as u32);
        }
    }

    fn double(&mut self, times: u32) {
        let words = (times / 32) as usize;
        if !self.0.is_empty() {
            self.0.splice(0..0, std::iter::repeat_n(0, words));
        }
        for _ in 0..times % 32 {
            self.times(2);
        }
    }

    fn plus(&self, other: &Self) -> Self {
        let mut sum = Vec::with_capacity(self.0.len().max(other.0.len()) + 1);
        let mut carry = 0_u64;
        for index in 0..self.0.len().max(other.0.len()) {
            let word = |big: &Self| u64::from(big.0.get(index).copied().unwrap_or(0));
            carry += word(self) + word(other);
            sum.push(carry as u32);
            carry >>= 32;
        }
        if carry > 0 {
            sum.push(carry as u32);
        }
        Self(sum)
    }

    /// Takes away what is not greater.
    fn minus(&mut self, other: &Self) {
        let mut borrow = false;
        for (index, word) in self.0.iter_mut().enumerate() {
            let (less, first) = word.overflowing_sub(other.0.get(index).copied().unwrap_or(0));
            let (less, second) = less.overflowing_sub(borrow.into());
            *word = less;
            borrow = first || second;
        }
        self.trim();
    }

    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        let length = self.0.len().cmp(&other.0.len());
        length.then_with(|| self.0.iter().rev().cmp(other.0.iter().rev()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn told(number: f64) -> String {
        let mut out = String::new();
        float(&mut out, number);
        out
    }

    #[test]
    fn known_numbers() {
        for (number, text) in [
            (0.1, "0.1"),
            (-0.0, "-0.0"),
            (3.0, "3"),
            (1e300, "1e300"),
            (5e-324, "5e-324"),
            (f64::MAX, "1.7976931348623157e308"),
            (-1234.5, "-1234.5"),
            (f64::from(0.1_f32), "0.10000000149011612"),
            (9.969_209_968_386_869e36, "9.969209968386869e36"),
            (f64::NAN, "\"NaN\""),
            (f64::NEG_INFINITY, "\"-Infinity\""),
        ] {
            assert_eq!(told(number), text);
        }
    }

    #[test]
    fn strings_are_quoted() {
        let mut out = String::new();
        string(&mut out, "a\"b\\c\n\u{1}é");
        assert_eq!(out, r#""a\"b\\c\n\u0001é""#);
    }

    proptest! {
        #[test]
        fn every_number_is_read_as_itself_and_is_as_short_as_can_be(bits: u64) {
            let number = f64::from_bits(bits);
            prop_assume!(number.is_finite());
            let text = told(number);
            prop_assert_eq!(text.parse::<f64>().unwrap().to_bits(), bits, "{}", text);
            let digits = |text: &str| {
                let digits = text.split('e').next().unwrap().replace(['-', '.'], "");
                digits.trim_start_matches('0').len()
            };
            prop_assert_eq!(digits(&text), digits(&format!("{number:e}")), "{} {:e}", text, number);
        }
    }
}
