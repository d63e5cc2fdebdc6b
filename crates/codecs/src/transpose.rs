//! The `transpose` codec: elements stored with their dimensions in another order.

use crate::{Fault, zeros};

/// Puts elements of `size` bytes back into the C order of `shape`. Stored dimension `i` is dimension `order[i]`.
pub fn undo(stored: &[u8], shape: &[usize], order: &[usize], size: usize) -> Result<Vec<u8>, Fault> {
    // How far apart, in the stored elements, neighbours along each dimension are.
    let mut strides = vec![0; shape.len()];
    let mut stride = 1;
    for &dimension in order.iter().rev() {
        strides[dimension] = stride;
        stride *= shape[dimension];
    }
    let mut elements = zeros(stored.len())?;
    gather(stored, shape, &strides, size, &mut elements);
    Ok(elements)
}

/// Collects elements in C order, a row (the last dimension) at a time.
fn gather(stored: &[u8], shape: &[usize], strides: &[usize], size: usize, elements: &mut [u8]) {
    let (Some((&row, outer)), Some((&stride, outer_strides))) = (shape.split_last(), strides.split_last())
    else {
        return;
    };
    let mut at = vec![0; outer.len()];
    for row in elements.chunks_exact_mut(row.max(1) * size) {
        let start: usize = at.iter().zip(outer_strides).map(|(at, stride)| at * stride).sum();
        let elements = row.chunks_exact_mut(size);
        for (element, stored) in elements.zip(stored[start * size..].chunks(stride * size)) {
            // A byte at a time: as a copy of unknown length it would be a call.
            element.iter_mut().zip(stored).for_each(|(to, from)| *to = *from);
        }
        // Count on, last dimension fastest.
        if let Some(d) = (0..outer.len()).rev().find(|&d| at[d] + 1 < outer[d]) {
            at[d] += 1;
            at[d + 1..].fill(0);
        }
    }
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
