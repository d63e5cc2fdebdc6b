//! The `transpose` codec: elements stored with their dimensions in another order.

use crate::fault::{Fault, zeros};

/// Puts elements of `size` bytes (1, 2, 4 or 8) back into the C order of `shape`. Stored dimension `i` is dimension `order[i]`.
pub fn undo(stored: &[u8], shape: &[usize], order: &[usize], size: usize) -> Result<Vec<u8>, Fault> {
    // How far apart, in the stored elements, neighbours along each dimension are.
    let mut strides = vec![0; shape.len()];
    let mut stride = 1;
    for &dimension in order.iter().rev() {
        strides[dimension] = stride;
        stride *= shape[dimension];
    }
    let mut elements = zeros(stored.len())?;
    // A copy of known length is an instruction, and one of any length a call.
    let gather = match size {
        1 => gather::<1>,
        2 => gather::<2>,
        4 => gather::<4>,
        _ => gather::<8>,
    };
    gather(stored, shape, &strides, &mut elements);
    Ok(elements)
}

/// Collects elements of `SIZE` bytes in C order, a row (the last dimension) at a time.
fn gather<const SIZE: usize>(stored: &[u8], shape: &[usize], strides: &[usize], elements: &mut [u8]) {
    let (Some((&row, outer)), Some((&stride, outer_strides))) = (shape.split_last(), strides.split_last())
    else {
        return;
    };
    let (stored, elements) = (stored.as_chunks::<SIZE>().0, elements.as_chunks_mut::<SIZE>().0);
    let mut at = vec![0; outer.len()];
    for row in elements.chunks_exact_mut(row.max(1)) {
        let start: usize = at.iter().zip(outer_strides).map(|(at, stride)| at * stride).sum();
        for (element, stored) in row.iter_mut().zip(stored[start..].iter().step_by(stride.max(1))) {
            *element = *stored;
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
        for size in [2, 4, 8] {
            let wide =
                |bytes: &[u8]| -> Vec<u8> { bytes.iter().flat_map(|byte| vec![*byte; size]).collect() };
            let found = undo(&wide(&stored), &[2, 3, 4], &[2, 0, 1], size).unwrap();
            assert_eq!(found, wide(&(0..24).collect::<Vec<u8>>()));
        }
    }
}
