//! `replayscope range`: the colour limits that the viewer estimates, and what is read for them.

use std::cell::RefCell;
use std::fmt;
use std::path::PathBuf;
use std::rc::Rc;

use futures_executor::block_on;
use replayscope_session::Error;
use replayscope_session::Narrowed;
use replayscope_session::estimate_range;
use replayscope_session::range::{ColorRange, EstimateRequest};

use crate::error::CliError;
use crate::info::look;
use crate::short;
use crate::source::open_session;

/// The estimated limits of a field.
#[derive(Debug, Clone, PartialEq)]
pub struct RangeReport {
    /// The limits, and what was read for them.
    pub range: ColorRange,
    /// The number of chunks of the field.
    pub of_chunks: u64,
    /// A sentence about values that float32 cannot hold, where any were read.
    pub narrowed: Option<String>,
}

impl fmt::Display for RangeReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            range: ColorRange { field, low, high, from: _, method, frames, chunks, bytes, seed },
            of_chunks,
            narrowed,
        } = self;
        let field = short::line(field);
        writeln!(f, "field: {field}\nlow: {low}\nhigh: {high}\nmethod: {method}\nframes: {frames}")?;
        write!(f, "chunks: {chunks} of {of_chunks}\nbytes: {bytes}\nseed: {seed}")?;
        narrowed.iter().try_for_each(|note| write!(f, "\nnote: {note}"))
    }
}

/// Estimates the limits of a field (without a name, the first one) of everything that the viewer opens, by the viewer's own code: the
/// same method and seed give the same limits. `also` names paths outside of its folder that the session may refer to.
pub fn range(
    address: &str,
    also: &[PathBuf],
    field: Option<&str>,
    request: EstimateRequest,
) -> Result<RangeReport, CliError> {
    let session = match open_session(address, also, None) {
        // The values do not depend on the time axis.
        Err(error) if error.code() == "no-time" => open_session(address, also, Some(1.0))?,
        opened => opened?,
    };
    let chosen = match field {
        None => session.fields.first(),
        Some(name) => session.fields.iter().find(|field| field.name == name),
    };
    let chosen = chosen.ok_or_else(|| {
        let names: Vec<&str> = session.fields.iter().map(|field| field.name.as_str()).collect();
        let why = format!("the session has {}", names.join(", "));
        CliError::option(
            "--field",
            field.unwrap_or_default(),
            why,
            format!("--field {}", names.first().unwrap_or(&"posterior")),
        )
    })?;
    let array = chosen.array.clone();
    let narrowed = Rc::new(RefCell::new(Narrowed::default()));
    let fetch = |chunk| {
        let (array, narrowed) = (array.clone(), narrowed.clone());
        async move {
            let decoded = array.decode(&array.fetch(chunk).await?)?;
            narrowed.borrow_mut().add(chunk, &decoded);
            Ok::<_, Error>(Rc::new(decoded))
        }
    };
    let range = block_on(estimate_range(chosen, request, fetch))?;
    let mut narrowed = narrowed.take();
    // A packed session stores its limits, so no chunk is read.
    if array.is_wide() {
        look(&array, &mut narrowed)?;
    }
    let narrowed = narrowed.note(&chosen.name);
    Ok(RangeReport { range, of_chunks: array.chunks(), narrowed })
}
