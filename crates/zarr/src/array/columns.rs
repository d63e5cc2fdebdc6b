//! Which of an array's stored columns a bin shows: a decoder's results hold the bins of all its states side by side.

use replayscope_codecs::{Fault, reserve};

use super::metadata::ArrayMetadata;
use crate::error::Flaw;
use crate::json::Json;

/// The attribute that holds them, as nested lists; see [`Columns`].
pub const COLUMNS: &str = "replayscope_columns";

/// Lists of columns, one a state, each as half-open runs `[first, end]`; all lists are equally long. Bin `i` is the
/// column `i` of the only list, or the NaN-aware sum of column `i` of each: of what is not NaN, and NaN where all are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Columns {
    lists: Vec<Vec<usize>>,
}

impl Columns {
    /// From the attribute; `None` where an array has none and is shown as it is. `stored` is how many columns there are.
    pub(super) fn from_attributes(metadata: &ArrayMetadata, stored: usize) -> Result<Option<Self>, Flaw> {
        let Some(lists) = metadata.attributes.get(COLUMNS) else { return Ok(None) };
        let run = |run: &Json| match run.as_array()? {
            [first, end] => Some(first.as_u64()? as usize..end.as_u64()? as usize),
            _ => None,
        };
        // All lists together are no longer than a row, whatever they claim.
        let mut left = stored;
        let mut list = |list: &Json| -> Option<Vec<usize>> {
            let mut columns = Vec::new();
            for range in list.as_array()?.iter().map(run) {
                let range = range?;
                left = left.checked_sub(range.len()).filter(|_| range.end <= stored)?;
                columns.extend(range);
            }
            Some(columns)
        };
        let lists: Option<Vec<_>> = lists.as_array().and_then(|lists| lists.iter().map(&mut list).collect());
        let lists = lists.filter(|lists| {
            !lists.is_empty()
                && !lists[0].is_empty()
                && lists.len() <= stored
                && lists.iter().all(|list| list.len() == lists[0].len())
        });
        let lists =
            lists.ok_or_else(|| Flaw::Invalid(format!("`{COLUMNS}` does not fit {stored} columns")))?;
        Ok(Some(Self { lists }))
    }

    /// As the attribute holds them.
    pub fn to_json(lists: &[Vec<usize>]) -> Json {
        let runs = |list: &Vec<usize>| {
            let runs = list.chunk_by(|a, b| a + 1 == *b);
            let run = |run: &[usize]| Json::from(&[run[0] as f64, (run[run.len() - 1] + 1) as f64][..]);
            Json::Array(runs.map(run).collect())
        };
        Json::Array(lists.iter().map(runs).collect())
    }

    /// How many bins they make.
    pub(super) fn bins(&self) -> usize {
        self.lists[0].len()
    }

    /// The first and the last column of each list, which no two fields of an array share.
    pub(super) fn ends(&self) -> Vec<[usize; 2]> {
        self.lists.iter().map(|list| [list[0], list[list.len() - 1]]).collect()
    }

    /// Whether a bin is a sum, and so no stored element.
    pub(super) fn sums(&self) -> bool {
        self.lists.len() > 1
    }

    /// Picks the columns of each row; elements have `size` bytes.
    pub(super) fn pick(&self, rows: &[u8], size: usize, stored: usize) -> Result<Vec<u8>, Fault> {
        let mut picked = reserve(rows.len() / stored.max(1) * self.bins())?;
        for row in rows.chunks_exact((stored * size).max(1)) {
            for column in &self.lists[0] {
                picked.extend_from_slice(&row[column * size..(column + 1) * size]);
            }
        }
        Ok(picked)
    }

    /// Adds up the columns of each row of values, in float64.
    pub(super) fn sum(&self, rows: &[f64], stored: usize) -> Result<Vec<f64>, Fault> {
        let mut summed = reserve(rows.len() / stored.max(1) * self.bins())?;
        for row in rows.chunks_exact(stored.max(1)) {
            for bin in 0..self.bins() {
                let (mut sum, mut any) = (0.0, false);
                for value in self.lists.iter().map(|list| row[list[bin]]).filter(|value| !value.is_nan()) {
                    sum += value;
                    any = true;
                }
                summed.push(if any { sum } else { f64::NAN });
            }
        }
        Ok(summed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn metadata(columns: &Json) -> ArrayMetadata {
        let node = Json::object([
            ("shape", Json::from(&[2.0, 6.0][..])),
            ("data_type", "float32".into()),
            ("chunk_grid", "regular".into()),
            ("chunk_key_encoding", "default".into()),
            ("codecs", Json::Array(Vec::new())),
            ("attributes", Json::object([(COLUMNS, columns.clone())])),
        ]);
        ArrayMetadata::from_json(&node, "memory:").unwrap()
    }

    #[test]
    fn states_are_picked_and_summed() {
        let lists = vec![vec![0, 1, 2], vec![3, 4, 5]];
        let json = Columns::to_json(&lists);
        let columns = Columns::from_attributes(&metadata(&json), 6).unwrap().unwrap();
        assert_eq!(columns.lists, lists);
        let nan = f64::NAN;
        let sum = columns.sum(&[1.0, nan, nan, 0.5, 2.0, nan, 0.0, 1.0, 2.0, 3.0, 4.0, 5.0], 6).unwrap();
        assert_eq!(sum[..2], [1.5, 2.0]);
        assert!(sum[2].is_nan());
        assert_eq!(sum[3..], [3.0, 5.0, 7.0]);

        let one = Columns::to_json(&[vec![1, 2, 5]]);
        let one = Columns::from_attributes(&metadata(&one), 6).unwrap().unwrap();
        assert_eq!(
            one.pick(&(0..24).collect::<Vec<u8>>(), 2, 6).unwrap(),
            [2, 3, 4, 5, 10, 11, 14, 15, 16, 17, 22, 23]
        );
    }

    #[test]
    fn what_does_not_fit_is_refused() {
        for lists in [
            vec![vec![5, 6]],
            vec![vec![0], vec![1, 2]],
            vec![],
            vec![vec![]],
            vec![(0..6).chain(0..6).collect()],
            vec![(0..4).collect(), (2..6).collect()],
        ] {
            let json = Columns::to_json(&lists);
            assert!(Columns::from_attributes(&metadata(&json), 6).is_err(), "{lists:?}");
        }
        assert!(Columns::from_attributes(&metadata(&Json::from(7.0)), 6).is_err());
    }
}
