//! Infers a grid from bin centres.

use replayscope_zarr::argsort::sorted;

use crate::environment::bounds::is_place;
use crate::environment::environment::{Environment, Layout, Rest};
use crate::environment::error::EnvironmentError;
use crate::environment::grid::Grid;

/// Largest distance of a centre from its grid point, in spacings.
const JITTER: f64 = 1e-6;

/// Centres are often stored as float32: its rounding is allowed in addition, up to this many spacings.
const MOST_JITTER: f64 = 1e-3;

/// Most columns or rows of a grid, which limits what two distant bins can allocate.
const MOST_LINES: f64 = (1 << 20) as f64;

impl Environment {
    /// The regular grid that bin centres `(bins, 2)` are on: a cell is the centre ± half a spacing, and grid points without a bin are
    /// holes. A bin whose centre is not finite has no polygon. `None` where the centres are on no grid.
    ///
    /// # Errors
    /// Without centres.
    pub fn grid_of_centers(centers: &[[f64; 2]]) -> Result<Option<Self>, EnvironmentError> {
        if centers.is_empty() {
            return Err(EnvironmentError::NoBins);
        }
        let environment =
            |grid| Self::new(Layout::Grid, std::rc::Rc::new(grid), centers.to_vec(), Rest::default());
        Ok(recognise(centers).map(environment))
    }
}

/// The grid that the centres are on, if they are on one.
pub(super) fn recognise(centers: &[[f64; 2]]) -> Option<Grid> {
    let axis = |i: usize| -> Vec<f64> { centers.iter().filter(|c| is_place(**c)).map(|c| c[i]).collect() };
    let (x, y) = (axis(0), axis(1));
    let (wide, high) = (extent(&x)?, extent(&y)?);
    let (x, y) = (Lattice::of(&x, high)?, Lattice::of(&y, wide)?);
    // A single column (row) has no spacing: it takes that of the other axis, so cells are square.
    let width = x.spacing.or(y.spacing).unwrap_or(1.0);
    let height = y.spacing.or(x.spacing).unwrap_or(1.0);

    let cell = |c: &[f64; 2]| is_place(*c).then(|| [x.index(c[0]), y.index(c[1])]);
    let grid = Grid::new(x.edges(width), y.edges(height), centers.iter().map(cell).collect())?;
    // A hexagonal lattice or a diagonal track has even spacings too, but its bins have no neighbours in
    // rows and columns, like the black squares of a chessboard.
    let placed = centers.iter().filter(|c| is_place(**c)).count();
    (placed == 1 || 4 * grid.bins_with_neighbours() >= placed).then_some(grid)
}

/// The difference of the highest and the lowest value; `None` without any.
fn extent(values: &[f64]) -> Option<f64> {
    let highest = values.iter().copied().reduce(f64::max)?;
    let lowest = values.iter().copied().reduce(f64::min)?;
    Some(highest - lowest)
}

/// Evenly spaced lines along one axis.
struct Lattice {
    first: f64,
    /// `None` for a single line.
    spacing: Option<f64>,
    lines: usize,
}

impl Lattice {
    /// The evenly spaced lines on which all values lie; not every line needs a value. `across` is the extent of the other axis: a column
    /// may deviate by a share of it.
    fn of(values: &[f64], across: f64) -> Option<Self> {
        let values = sorted(values);
        let (first, last) = (*values.first()?, *values.last()?);
        let largest = first.abs().max(last.abs());
        // The rounding error of the largest value as float32.
        let rounding = f64::from(f32::EPSILON) * largest;

        let extent = last - first;
        let one_line =
            extent <= (JITTER * across).max(1e-12 * largest) || extent <= rounding.min(MOST_JITTER * across);
        if one_line {
            return Some(Self { first: f64::midpoint(first, last), spacing: None, lines: 1 });
        }

        // Gaps are either jitter around one line or whole spacings, which differ much in size. The spacing is
        // the smallest gap of the second kind. Float32 values also lie on the lattice of their own rounding:
        // gaps as small as that are tried only when no larger one fits.
        let gaps: Vec<f64> = values.windows(2).map(|pair| pair[1] - pair[0]).collect();
        let gaps = sorted(&gaps);
        for least in [2.0 * rounding, 0.0] {
            let mut smaller = 0.0;
            for gap in &gaps {
                let jump = *gap > least && 2.0 * MOST_JITTER * gap >= smaller;
                if jump && let Some(lattice) = Self::fit(&values, *gap, rounding) {
                    return Some(lattice);
                }
                smaller = *gap;
            }
        }
        None
    }

    /// Fits lines to ascending values by least squares, from an approximate spacing.
    fn fit(values: &[f64], about: f64, rounding: f64) -> Option<Self> {
        let first = values[0];
        if (values[values.len() - 1] - first) / about > MOST_LINES {
            return None;
        }
        // Numbers are counted from line to line, so that an error of the spacing does not add up.
        let mut numbers = Vec::with_capacity(values.len());
        let (mut number, mut previous) = (0.0, first);
        for value in values {
            number += ((value - previous) / about).round();
            previous = *value;
            numbers.push(number);
        }
        let count = values.len() as f64;
        let mean_number = numbers.iter().sum::<f64>() / count;
        let mean_value = values.iter().map(|value| (value - first) / count).sum::<f64>();
        let (mut covariance, mut variance) = (0.0, 0.0);
        for (number, value) in numbers.iter().zip(values) {
            covariance += (number - mean_number) * (value - first - mean_value);
            variance += (number - mean_number).powi(2);
        }
        let spacing = covariance / variance;
        let origin = first + mean_value - spacing * mean_number;

        let allowed = (JITTER * spacing + rounding).min(MOST_JITTER * spacing);
        let on_line = |(number, value): (&f64, &f64)| (value - (origin + number * spacing)).abs() <= allowed;
        let fits = spacing.is_finite() && spacing > 0.0 && numbers.iter().zip(values).all(on_line);
        fits.then_some(Self { first: origin, spacing: Some(spacing), lines: number as usize + 1 })
    }

    fn index(&self, value: f64) -> u32 {
        self.spacing.map_or(0, |spacing| ((value - self.first) / spacing).round() as u32)
    }

    /// The edges of cells: half a spacing left of each line, and right of the last.
    fn edges(&self, spacing: f64) -> Vec<f64> {
        (0..=self.lines).map(|i| self.first + (i as f64 - 0.5) * spacing).collect()
    }
}
