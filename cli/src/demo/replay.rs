//! Replays: while the rat rests, the cells run along a path of their own, many times faster than it ever ran.

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use rand_distr::StandardNormal;

use super::arena::Arena;
use super::rat::{Motion, turn};

/// Replays a second of rest.
const RATE: f64 = 2.5;
/// Distance between the points of a path, in centimetres.
const STEP: f64 = 1.0;

/// The replays of a session, computed frame by frame.
#[derive(Debug, Clone)]
pub struct Replays {
    rng: ChaCha8Rng,
    current: Option<Sweep>,
}

/// One replay.
#[derive(Debug, Clone, PartialEq)]
struct Sweep {
    path: Vec<[f64; 2]>,
    start: f64,
    duration: f64,
}

impl Replays {
    /// Replays of a seed; the same seed gives the same replays.
    pub fn new(seed: u64) -> Self {
        Self { rng: ChaCha8Rng::seed_from_u64(seed), current: None }
    }

    /// The replayed position at `time`, in centimetres, where there is a replay. `dt` is the time since the last
    /// call; both in seconds.
    pub fn at(&mut self, time: f64, dt: f64, motion: Motion, arena: &Arena) -> Option<[f64; 2]> {
        if self.current.as_ref().is_some_and(|sweep| time >= sweep.start + sweep.duration || !motion.resting)
        {
            self.current = None;
        }
        if self.current.is_none() && motion.resting && self.rng.random_bool((RATE * dt).min(1.0)) {
            self.current = Some(self.begin(time, motion.position, arena));
        }
        self.now(time)
    }

    /// The replayed position at `time` in seconds, where there is a replay, without advancing.
    pub fn now(&self, time: f64) -> Option<[f64; 2]> {
        self.current.as_ref().map(|sweep| sweep.position(time))
    }

    /// A sweep of 20 to 200 ms at 3 to 8 m/s, half of them from where the rat sits.
    fn begin(&mut self, start: f64, from: [f64; 2], arena: &Arena) -> Sweep {
        let duration = self.rng.random_range(0.02..0.2);
        let length = duration * self.rng.random_range(300.0..800.0);
        let remote = arena.center(arena.active[self.rng.random_range(0..arena.active.len())]);
        let mut point = if self.rng.random_bool(0.5) { from } else { remote };
        let mut heading = arena.inward(point) + self.rng.random_range(-1.0..1.0);
        let mut path = vec![point];
        for _ in 0..(length / STEP).ceil() as usize {
            let bend: f64 = self.rng.sample(StandardNormal);
            heading += 0.08 * bend;
            let next = |heading: f64, reach: f64| {
                [point[0] + reach * heading.cos(), point[1] + reach * heading.sin()]
            };
            if arena.wall(next(heading, 6.0)) > -2.0 {
                heading += turn(heading, arena.inward(point)).clamp(-0.3, 0.3);
            }
            let ahead = next(heading, STEP);
            if arena.wall(ahead) < 0.0 {
                point = ahead;
            } else {
                heading = arena.inward(point);
            }
            path.push(point);
        }
        Sweep { path, start, duration }
    }
}

impl Sweep {
    fn position(&self, time: f64) -> [f64; 2] {
        let along = ((time - self.start) / self.duration).clamp(0.0, 1.0) * (self.path.len() - 1) as f64;
        let [before, after] = [along.floor(), along.ceil()].map(|index| self.path[index as usize]);
        let part = along.fract();
        [0, 1].map(|axis| before[axis] + part * (after[axis] - before[axis]))
    }
}
