//! A method from its plan to its limits.

use std::rc::Rc;

use super::{Estimate, Estimator, Part, Range, Request, Stored, in_float32, with_given};
use crate::array::{Array, Decoded};
use crate::error::Error;

/// Finds the limits of an array, one chunk after the other; those that are given are kept.
///
/// # Errors
/// Those of `fetch`.
pub async fn estimate<F: Future<Output = Result<Rc<Decoded>, Error>>>(
    field: &str,
    array: &Array,
    request: Request,
    mut fetch: impl FnMut(u64) -> F,
) -> Result<Range, Error> {
    let Request { method, seed, given } = request;
    let stored = Stored::new(array);
    let (mut chunks, mut bytes) = (0, 0);
    let frames = method.sample(stored, seed).iter().map(|part| part.rows.len() as u64).sum();
    let mut estimator = Estimator::new(method, &stored, frames);
    for Part { chunk, rows } in method.plan(stored, seed) {
        let decoded = fetch(chunk).await?;
        estimator.add(&decoded.values, &mut rows.into_iter().map(|row| row as usize));
        chunks += 1;
        bytes += decoded.encoded_bytes;
    }
    let Estimate { limits, method, frames, .. } = estimator.estimate();
    let [low, high] = in_float32(with_given(limits, given));
    Ok(Range { field: field.to_owned(), low, high, from: None, method, frames, chunks, bytes, seed })
}
