//! `replayscope range`: the colour limits that the viewer would find, and what that takes.

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

/// What was found.
#[derive(Debug, Clone, PartialEq)]
pub struct Found {
    /// The limits.
    pub range: ColorRange,
    /// Chunks of the field.
    pub of_chunks: u64,
    /// A sentence on the values that float32 cannot hold, where any were read.
    pub narrowed: Option<String>,
}

impl fmt::Display for Found {
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

/// Finds the limits of a field, the first one where none is named, of whatever the viewer opens: by the same code, so that the
/// same method and seed give the same limits. `also` names what it may refer to outside of its own folder.
pub fn range(
    address: &str,
    also: &[PathBuf],
    field: Option<&str>,
    request: EstimateRequest,
) -> Result<Found, CliError> {
    let session = match open_session(address, also, None) {
        // Whenever its frames are, their values are the same.
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
    // The limits of a packed session are known without its values.
    if array.is_wide() {
        look(&array, &mut narrowed)?;
    }
    let narrowed = narrowed.note(&chosen.name);
    Ok(Found { range, of_chunks: array.chunks(), narrowed })
}
