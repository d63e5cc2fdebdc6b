//! The `transpose` codec: elements stored with their dimensions in another order.

use ndarray::{ArrayView, IxDyn};

use super::super::metadata::Extension;
use super::{Fault, reserve};

/// The codec's order, if it is a permutation of that many dimensions.
pub(super) fn order(codec: &Extension, dimensions: usize) -> Option<Vec<usize>> {
    let order: Vec<usize> = codec.counts("order")?.into_iter().map(|dimension| dimension as usize).collect();
    let permutes = order.len() == dimensions && (0..dimensions).all(|dimension| order.contains(&dimension));
    permutes.then_some(order)
}

/// Puts elements of `size` bytes back into the C order of `shape`. Stored dimension `i` is dimension `order[i]`.
pub(super) fn undo(stored: &[u8], shape: &[usize], order: &[usize], size: usize) -> Result<Vec<u8>, Fault> {
    match size {
        1 => elements::<1>(stored, shape, order),
        2 => elements::<2>(stored, shape, order),
        4 => elements::<4>(stored, shape, order),
        _ => elements::<8>(stored, shape, order),
    }
}

fn elements<const N: usize>(stored: &[u8], shape: &[usize], order: &[usize]) -> Result<Vec<u8>, Fault> {
    let stored_shape: Vec<_> = order.iter().map(|&dimension| shape[dimension]).collect();
    let mut inverse = vec![0; order.len()];
    for (from, &to) in order.iter().enumerate() {
        inverse[to] = from;
    }
    let view = ArrayView::from_shape(IxDyn(&stored_shape), stored.as_chunks::<N>().0)
        .map_err(|error| Fault::corrupt("transpose", error))?;
    let mut elements: Vec<[u8; N]> = reserve(view.len())?;
    elements.extend(view.permuted_axes(inverse).iter());
    Ok(elements.into_flattened())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn three_dimensions_come_back() {
        // numpy: np.arange(24).reshape(2, 3, 4).transpose(2, 0, 1), shape (4, 2, 3).
        let stored: Vec<u8> = (0..24).map(|i| (i / 6) + 4 * (i % 3) + 12 * (i / 3 % 2)).collect();
        assert_eq!(undo(&stored, &[2, 3, 4], &[2, 0, 1], 1).unwrap(), (0..24).collect::<Vec<u8>>());
    }
}
