//! Place cells: each fires where its Gaussian fields are, as a Poisson process.

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use rand_distr::{Distribution, Poisson};

use super::arena::Arena;

/// Cells recorded.
pub const CELLS: usize = 200;
/// Firing rate outside all fields, in Hz.
const BASELINE: f64 = 0.1;

/// The tuning of every cell.
#[derive(Debug, Clone)]
pub struct Cells {
    /// Grid cells of the arena.
    places: usize,
    /// Expected rate in Hz, shape (cells, places).
    pub rates: Vec<f32>,
    /// Running sum of the rates over cells, in Hz, shape (places, cells).
    cumulative: Vec<f32>,
}

impl Cells {
    /// Fields cover the arena evenly.
    pub fn new(arena: &Arena, seed: u64) -> Self {
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        let places = arena.grid[0] * arena.grid[1];
        let mut rates = Vec::with_capacity(CELLS * places);
        for _ in 0..CELLS {
            let center = arena.center(arena.active[rng.random_range(0..arena.active.len())]);
            let width: f64 = rng.random_range(5.0..11.0);
            let peak: f64 = rng.random_range(8.0..22.0);
            rates.extend((0..places).map(|place| {
                let [x, y] = arena.center(place);
                let square = ((x - center[0]).powi(2) + (y - center[1]).powi(2)) / width.powi(2);
                (BASELINE + peak * (-0.5 * square).exp()) as f32
            }));
        }
        let mut cumulative = Vec::with_capacity(CELLS * places);
        for place in 0..places {
            let mut sum = 0.0;
            cumulative.extend((0..CELLS).map(|cell| {
                sum += rates[cell * places + place];
                sum
            }));
        }
        Self { places, rates, cumulative }
    }

    /// Rate of one cell at every place, in Hz.
    pub fn rate(&self, cell: usize) -> &[f32] {
        &self.rates[cell * self.places..][..self.places]
    }

    /// Rate of all cells together at one place, in Hz.
    pub fn total(&self, place: usize) -> f32 {
        self.cumulative[(place + 1) * CELLS - 1]
    }

    /// Which cells fire within `dt` seconds at a place, `gain` times as fast as usual.
    ///
    /// One Poisson count for all and then a cell for each spike is the same as a Poisson count for each cell.
    pub fn spikes(&self, place: usize, gain: f64, dt: f64, rng: &mut ChaCha8Rng, spikes: &mut Vec<usize>) {
        spikes.clear();
        let total = self.total(place);
        let expected = f64::from(total) * gain * dt;
        let count = Poisson::new(expected).map_or(0.0, |poisson| poisson.sample(rng)) as usize;
        let running = &self.cumulative[place * CELLS..][..CELLS];
        for _ in 0..count {
            let drawn = rng.random_range(0.0..total);
            spikes.push(running.partition_point(|&sum| sum <= drawn).min(CELLS - 1));
        }
    }

    /// Number of places.
    pub fn places(&self) -> usize {
        self.places
    }
}
