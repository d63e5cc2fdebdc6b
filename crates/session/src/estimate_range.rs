//! Estimates a field's limits by a method.

use std::rc::Rc;

use replayscope_zarr::array::Decoded;

use crate::range::{
    ColorRange, Estimate, EstimateRequest, Estimator, Method, SampleFrames, SampledArray, in_float32,
    with_user_limits,
};
use crate::session::Field;

/// Estimates the limits of a field, and keeps those that the request gives. `fetch` loads and decodes a chunk by its index; chunks are
/// fetched one after the other, and none where the session stores the estimate of the method.
///
/// # Errors
/// The first error of `fetch`.
pub async fn estimate_range<E, F: Future<Output = Result<Rc<Decoded>, E>>>(
    field: &Field,
    request: EstimateRequest,
    mut fetch: impl FnMut(u64) -> F,
) -> Result<ColorRange, E> {
    let EstimateRequest { method, seed, user_limits } = request;
    let range = |estimate: Estimate, chunks, bytes| {
        let Estimate { limits, method, frames, .. } = estimate;
        let [low, high] = in_float32(with_user_limits(limits, user_limits));
        ColorRange { field: field.name.clone(), low, high, from: None, method, frames, chunks, bytes, seed }
    };
    if let Some(stored) = field.stored_estimate()
        && [Some(Method::Auto), Method::by_name(stored.method)].contains(&Some(method))
    {
        return Ok(range(stored, 0, 0));
    }
    let array = SampledArray::new(&field.array);
    let (mut chunks, mut bytes) = (0, 0);
    let frames = method.sample(array, seed).iter().map(|part| part.rows.len() as u64).sum();
    let mut estimator = Estimator::new(method, &array, frames);
    for SampleFrames { chunk, rows } in method.sample_frames(array, seed) {
        let decoded = fetch(chunk).await?;
        let rows = rows.into_iter().map(|row| row as usize);
        estimator.add(array.chunk_frames * chunk, &decoded.values, rows);
        chunks += 1;
        bytes += decoded.encoded_bytes;
    }
    Ok(range(estimator.estimate(), chunks, bytes))
}
