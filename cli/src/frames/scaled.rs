//! Scales values before they are stored, so that float32 can hold values that only float64 could.

use std::str::FromStr;

use super::Frames;
use crate::environment::Environment;
use crate::error::CliError;
use crate::session::Times;
use crate::writer::{Precision, Rounding};

/// The transform of a value before it is stored.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Scale {
    /// Multiplies by a number that is finite and not 0.
    Factor(f64),
    /// Takes the decimal logarithm: −∞ for 0, NaN below.
    Log10,
}

impl Scale {
    fn of(self, value: f64) -> f64 {
        match self {
            Self::Factor(factor) => value * factor,
            Self::Log10 => value.log10(),
        }
    }

    /// Units of the stored values, as UDUNITS writes them:
    /// <https://docs.unidata.ucar.edu/udunits/current/udunits2lib.html#Syntax>. `of` are those of the values.
    fn units(self, of: Option<&str>) -> String {
        match (self, of) {
            (Self::Factor(factor), of) => [&reciprocal(factor), of.unwrap_or_default()].join(" "),
            (Self::Log10, of) => format!("lg(re {})", of.unwrap_or("1")),
        }
        .trim_end()
        .to_owned()
    }
}

/// The reciprocal of a number as text: exact for a power of ten, which float64 may not be.
fn reciprocal(number: f64) -> String {
    let text = format!("{number:e}");
    match text.strip_prefix("1e").and_then(|exponent| exponent.parse::<i32>().ok()) {
        Some(exponent) => format!("1e{}", -exponent),
        None => format!("{:e}", number.recip()),
    }
}

impl FromStr for Scale {
    type Err = String;

    fn from_str(said: &str) -> Result<Self, String> {
        if said == "log10" {
            return Ok(Self::Log10);
        }
        // The units contain the reciprocal.
        let usable = |factor: &f64| factor.is_normal() && factor.recip().is_normal();
        said.parse().ok().filter(usable).map(Self::Factor).ok_or_else(|| {
            "a finite factor other than 0, such as 1e50, or log10 for the decimal logarithm".to_owned()
        })
    }
}

/// Frames whose values are scaled in float64.
pub struct Scaled<'a> {
    frames: &'a mut dyn Frames,
    scale: Scale,
    stored: Vec<u8>,
    changes: Rounding,
}

impl<'a> Scaled<'a> {
    /// Scales the values of `frames`.
    pub fn new(frames: &'a mut dyn Frames, scale: Scale) -> Self {
        Self { frames, scale, stored: Vec::new(), changes: Rounding::default() }
    }

    /// Changes of the values read so far by the scale, before they are rounded: a factor may exceed float64, too.
    pub fn changes(&self) -> &Rounding {
        &self.changes
    }
}

impl Frames for Scaled<'_> {
    fn frames(&self) -> u64 {
        self.frames.frames()
    }

    fn bins(&self) -> u64 {
        self.frames.bins()
    }

    fn precision(&self) -> Precision {
        Precision::F64
    }

    fn usual_precision(&self) -> Precision {
        Precision::F32
    }

    fn units(&self) -> Option<String> {
        Some(self.scale.units(self.frames.units().as_deref()))
    }

    fn read(&mut self, frames: u64, values: &mut Vec<u8>) -> Result<(), CliError> {
        self.frames.read(frames, &mut self.stored)?;
        let precision = self.frames.precision();
        values.clear();
        for stored in self.stored.chunks_exact(precision.size()) {
            let value = precision.read(stored);
            let scaled = self.scale.of(value);
            self.changes.replace(value, scaled);
            Precision::F64.push(scaled, values);
        }
        Ok(())
    }

    fn times(&self) -> Result<Option<Times>, CliError> {
        self.frames.times()
    }

    fn environment(&self) -> Result<Option<Environment>, CliError> {
        self.frames.environment()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units_lead_back_to_the_values() {
        let said = |text: &str| text.parse::<Scale>();
        assert_eq!(said("1e50").unwrap().units(None), "1e-50");
        assert_eq!(said("4").unwrap().units(Some("1/m")), "2.5e-1 1/m");
        assert_eq!(said("log10").unwrap().units(None), "lg(re 1)");
        assert_eq!(said("log10").unwrap().units(Some("Hz")), "lg(re Hz)");
        for wrong in ["0", "NaN", "inf", "1e-320", "ln", ""] {
            assert!(said(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn values_are_scaled_in_float64() {
        assert_eq!(Scale::Factor(1e50).of(1e-60).to_bits(), (1e-60_f64 * 1e50).to_bits());
        assert!((Scale::Log10.of(1e-60) + 60.0).abs() < 1e-12);
        assert_eq!(Scale::Log10.of(0.0), f64::NEG_INFINITY);
        assert!(Scale::Log10.of(-1.0).is_nan() && Scale::Factor(2.0).of(f64::NAN).is_nan());
    }
}
