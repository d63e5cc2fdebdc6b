//! Requests for an estimate, and the check of their values.

use replayscope_json::Json;
use replayscope_json::number::text;

use super::Method;

/// Parameters of an estimate.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct EstimateRequest {
    /// The method.
    pub method: Method,
    /// Seed of the sample frames.
    pub seed: u64,
    /// The user's lower and upper limit, which replace the estimated ones.
    pub user_limits: [Option<f64>; 2],
}

impl EstimateRequest {
    /// Reads an object `{method, samples, percentile, stride, lower, upper, seed, vmin, vmax}`, all optional.
    ///
    /// # Errors
    /// A sentence that says which value is wrong, why, and what is valid.
    pub fn from_json(json: &Json) -> Result<Self, String> {
        let get = |key: &str| json.get(key).filter(|value| !value.is_null());
        let number = |key: &str| match get(key) {
            None => Ok(None),
            Some(Json::Number(number)) => Ok(Some(*number)),
            Some(other) => {
                Err(format!("{key} is {}, and has to be a number, as in {{{key}: 1}}.", other.brief()))
            }
        };
        let whole = |key: &str| match (number(key)?, get(key).and_then(Json::as_u64)) {
            (None, _) => Ok(None),
            (_, Some(whole)) => Ok(Some(whole)),
            (Some(other), None) => Err(format!("{key} is {}, and has to be 0, 1, 2, …", text(other))),
        };
        let names = || Method::NAMES.map(|(name, _)| name).join(", ");
        let method = match get("method") {
            None => Method::Auto,
            Some(given) => given
                .as_str()
                .and_then(Method::by_name)
                .ok_or_else(|| format!("method is {}, and there are {}.", given.brief(), names()))?,
        };
        let percentile = match get("percentile") {
            None => None,
            Some(Json::Array(ends)) => match ends.as_slice() {
                [Json::Number(low), Json::Number(high)] => Some([*low, *high]),
                _ => return Err("percentile has to be two numbers, as in {percentile: [1, 99]}.".to_owned()),
            },
            Some(other) => {
                return Err(format!(
                    "percentile is {}, and has to be two numbers, as in [1, 99].",
                    other.brief()
                ));
            }
        };
        Self {
            method: method.with(
                whole("samples")?,
                percentile,
                whole("stride")?,
                [number("lower")?, number("upper")?],
            ),
            seed: whole("seed")?.unwrap_or(0),
            user_limits: [number("vmin")?, number("vmax")?],
        }
        .checked()
    }

    /// Returns the request if its values are valid.
    ///
    /// # Errors
    /// A sentence that says which value is wrong, why, and what is valid.
    pub fn checked(self) -> Result<Self, String> {
        let percents = match self.method {
            Method::Subset { percentiles: [low, high], .. } => {
                if low >= high {
                    return Err(format!(
                        "The lower percentile ({}) has to be below the upper one ({}), as in 1 and 99.",
                        text(low),
                        text(high)
                    ));
                }
                [low, high]
            }
            Method::Peaks { lower, upper, .. } => [lower, upper],
            Method::Exact | Method::Strided { .. } | Method::Auto => [0.0, 100.0],
        };
        if let Some(percent) = percents.iter().find(|percent| !(0.0..=100.0).contains(*percent)) {
            return Err(format!(
                "A percentile is between 0 and 100, and {} is not; 99.5 is usual.",
                text(*percent)
            ));
        }
        match self.method {
            Method::Subset { samples: 0, .. } | Method::Peaks { samples: 0, .. } => {
                return Err(
                    "Without frames no range can be estimated: samples has to be 1 or more; 10000 is usual."
                        .to_owned(),
                );
            }
            Method::Strided { stride: Some(0) } => {
                return Err("A stride of 0 would never end: it has to be 1 or more.".to_owned());
            }
            _ => {}
        }
        for (name, limit) in ["vmin", "vmax"].into_iter().zip(self.user_limits) {
            if let Some(limit) = limit.filter(|limit| !(*limit as f32).is_finite()) {
                return Err(format!("{name} is {}, and a limit has to be a finite float32.", text(limit)));
            }
        }
        if let [Some(low), Some(high)] = self.user_limits
            && low as f32 >= high as f32
        {
            return Err(format!(
                "vmin ({}) has to be below vmax ({}), in float32 too: nothing lies between them. Swap them, or leave one out.",
                text(low),
                text(high)
            ));
        }
        Ok(self)
    }
}
