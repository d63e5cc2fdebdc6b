//! The decoder: Bayes' rule, frame after frame.
//!
//! State: the place. Transition: a random walk, and now and then a jump to anywhere, which is what lets it follow a
//! replay away from the rat. Observation: Poisson spikes, independent given the place. This is the causal filter of
//! clusterless and sorted-spike state-space decoders (Denovellis et al. 2021, <https://doi.org/10.7554/eLife.64505>).

use super::arena::Arena;
use super::cells::{CELLS, Cells};

/// Standard deviation of the walk after one second, in centimetres.
const WALK: f64 = 34.0;
/// Jumps a second.
const JUMPS: f64 = 5.0;

/// The posterior over places, and its update.
#[derive(Debug, Clone)]
pub struct Decoder {
    grid: [usize; 2],
    active: Vec<usize>,
    /// Weights of the walk for −r…r bins.
    kernel: Vec<f32>,
    /// Probability of a jump within one frame.
    jump: f32,
    /// Probability of no spike at all, exp(−dt Σ rate), 0 outside the arena; shape (places,).
    silence: Vec<f32>,
    /// Rate over the largest rate of that cell; shape (cells, places).
    likelihood: Vec<f32>,
    /// 0 outside the arena; shape (places,).
    posterior: Vec<f32>,
    scratch: Vec<f32>,
}

impl Decoder {
    /// A decoder with the exact tuning, which no experiment has; `dt` is the length of a frame in seconds.
    pub fn new(arena: &Arena, cells: &Cells, dt: f64) -> Self {
        let places = cells.places();
        let mut silence = vec![0.0; places];
        let mut posterior = vec![0.0; places];
        for &place in &arena.active {
            silence[place] = (-f64::from(cells.total(place)) * dt).exp() as f32;
            posterior[place] = 1.0 / arena.active.len() as f32;
        }
        let likelihood = (0..CELLS)
            .flat_map(|cell| {
                let rates = cells.rate(cell);
                let largest = rates.iter().copied().fold(f32::MIN_POSITIVE, f32::max);
                rates.iter().map(move |rate| rate / largest)
            })
            .collect();
        let jump = (1.0 - (-JUMPS * dt).exp()) as f32;
        let kernel = kernel(WALK * dt.sqrt() / arena.bin_size, arena.grid[0].max(arena.grid[1]));
        let scratch = vec![0.0; places];
        Self {
            grid: arena.grid,
            active: arena.active.clone(),
            kernel,
            jump,
            silence,
            likelihood,
            posterior,
            scratch,
        }
    }

    /// Advances by one frame: the walk, then the observed spikes. Appends the posterior of the bins, which sums to one.
    pub fn step(&mut self, spikes: &[usize], out: &mut Vec<f32>) {
        self.walk();
        let floor = self.jump / self.active.len() as f32;
        for (value, silence) in self.posterior.iter_mut().zip(&self.silence) {
            *value = ((1.0 - self.jump) * *value + floor) * silence;
        }
        let places = self.posterior.len();
        for (number, &cell) in spikes.iter().enumerate() {
            let likelihood = &self.likelihood[cell * places..][..places];
            self.posterior.iter_mut().zip(likelihood).for_each(|(value, factor)| *value *= factor);
            // Many spikes in one frame would otherwise multiply to zero everywhere.
            if number % 4 == 3 {
                self.normalise();
            }
        }
        self.normalise();
        out.extend(self.active.iter().map(|&place| self.posterior[place]));
    }

    /// Convolves with the kernel along both axes.
    fn walk(&mut self) {
        let [columns, rows] = self.grid;
        let reach = self.kernel.len() / 2;
        for (from, to) in self.posterior.chunks(rows).zip(self.scratch.chunks_mut(rows)) {
            to.fill(0.0);
            for (index, &weight) in self.kernel.iter().enumerate() {
                add_shifted(from, to, index as isize - reach as isize, weight);
            }
        }
        self.posterior.fill(0.0);
        for column in 0..columns {
            let to = &mut self.posterior[column * rows..][..rows];
            for (index, &weight) in self.kernel.iter().enumerate() {
                if let Some(other) = (column + index).checked_sub(reach).filter(|&other| other < columns) {
                    add_shifted(&self.scratch[other * rows..][..rows], to, 0, weight);
                }
            }
        }
    }

    fn normalise(&mut self) {
        let sum: f64 = self.active.iter().map(|&place| f64::from(self.posterior[place])).sum();
        if sum > 0.0 && sum.is_finite() {
            let scale = (1.0 / sum) as f32;
            self.posterior.iter_mut().for_each(|value| *value *= scale);
        } else {
            // No place explains these spikes: start from a uniform posterior.
            for &place in &self.active {
                self.posterior[place] = 1.0 / self.active.len() as f32;
            }
        }
    }
}

/// `to[i] += weight * from[i + shift]` where both exist.
fn add_shifted(from: &[f32], to: &mut [f32], shift: isize, weight: f32) {
    let length = from.len().saturating_sub(shift.unsigned_abs());
    let (from_start, to_start) =
        if shift < 0 { (0, shift.unsigned_abs()) } else { (shift.unsigned_abs(), 0) };
    let (Some(from), Some(to)) =
        (from.get(from_start..from_start + length), to.get_mut(to_start..to_start + length))
    else {
        return;
    };
    to.iter_mut().zip(from).for_each(|(to, from)| *to += weight * from);
}

/// A Gaussian of `sigma` bins over −r…r bins that sums to one.
fn kernel(sigma: f64, longest: usize) -> Vec<f32> {
    // Narrower than half a bin, a walk on a grid would never leave its bin.
    let sigma = sigma.max(0.5);
    let reach = ((3.0 * sigma).ceil() as usize).min(longest);
    let weight = |offset: f64| (-0.5 * (offset / sigma).powi(2)).exp();
    let weights: Vec<f64> = (0..=2 * reach).map(|index| weight(index as f64 - reach as f64)).collect();
    let sum: f64 = weights.iter().sum();
    weights.iter().map(|weight| (weight / sum) as f32).collect()
}
