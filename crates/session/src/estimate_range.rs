//! A method from its plan to its limits.

use std::rc::Rc;

use crate::range::{
    ColorRange, Estimate, EstimateRequest, Estimator, Method, SampleFrames, SampledArray, in_float32,
    with_user_limits,
};
use crate::session::Field;
use replayscope_zarr::array::Decoded;

/// Finds the limits of a field, one chunk after the other; those that are given are kept. Nothing is read where the session
/// tells what the method would find.
///
/// # Errors
/// Those of `fetch`.
pub async fn estimate_range<E, F: Future<Output = Result<Rc<Decoded>, E>>>(
    field: &Field,
    request: EstimateRequest,
    mut fetch: impl FnMut(u64) -> F,
) -> Result<ColorRange, E> {
    let EstimateRequest { method, seed, given } = request;
    let range = |estimate: Estimate, chunks, bytes| {
        let Estimate { limits, method, frames, .. } = estimate;
        let [low, high] = in_float32(with_user_limits(limits, given));
        ColorRange { field: field.name.clone(), low, high, from: None, method, frames, chunks, bytes, seed }
    };
    if let Some(known) = field.known()
        && [Some(Method::Auto), Method::by_name(known.method)].contains(&Some(method))
    {
        return Ok(range(known, 0, 0));
    }
    let stored = SampledArray::new(&field.array);
    let (mut chunks, mut bytes) = (0, 0);
    let frames = method.sample(stored, seed).iter().map(|part| part.rows.len() as u64).sum();
    let mut estimator = Estimator::new(method, &stored, frames);
    for SampleFrames { chunk, rows } in method.plan(stored, seed) {
        let decoded = fetch(chunk).await?;
        let rows = rows.into_iter().map(|row| row as usize);
        estimator.add(stored.chunk_frames * chunk, &decoded.values, rows);
        chunks += 1;
        bytes += decoded.encoded_bytes;
    }
    Ok(range(estimator.estimate(), chunks, bytes))
}
