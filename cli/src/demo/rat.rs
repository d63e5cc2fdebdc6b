//! The rat: runs about, pauses, runs again.

use std::f64::consts::{PI, TAU};

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use rand_distr::StandardNormal;

use super::arena::Arena;

/// Samples per second of the tracking camera, in Hz.
pub const CAMERA_RATE: f64 = 50.0;
/// Distance kept from walls, in centimetres.
const MARGIN: f64 = 3.0;
/// Mean running speed in cm/s.
const SPEED: f64 = 22.0;

/// Position and behaviour of the rat.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Motion {
    /// Position in centimetres.
    pub position: [f64; 2],
    /// Whether the rat pauses, which is when replays happen.
    pub resting: bool,
}

/// The rat's endless path, one [`Motion`] per camera sample. The same seed gives the same path.
#[derive(Debug, Clone)]
pub struct Rat {
    arena: Arena,
    rng: ChaCha8Rng,
    position: [f64; 2],
    heading: f64,
    speed: f64,
    resting: bool,
    /// Seconds left of this run or pause.
    left: f64,
}

impl Rat {
    /// Starts in the lower left quarter, running.
    pub fn new(arena: &Arena, seed: u64) -> Self {
        let [width, height] = arena.size();
        Self {
            arena: arena.clone(),
            rng: ChaCha8Rng::seed_from_u64(seed),
            position: [0.35 * width, 0.35 * height],
            heading: 0.6,
            speed: SPEED,
            resting: false,
            left: 2.0,
        }
    }
}

impl Iterator for Rat {
    type Item = Motion;

    fn next(&mut self) -> Option<Motion> {
        let motion = Motion { position: self.position, resting: self.resting && self.speed < 2.0 };
        let dt = 1.0 / CAMERA_RATE;
        self.left -= dt;
        if self.left <= 0.0 {
            self.resting = !self.resting;
            self.left =
                if self.resting { self.rng.random_range(1.0..3.0) } else { self.rng.random_range(2.5..7.0) };
        }

        // Speed and heading are Ornstein-Uhlenbeck and Brownian: smooth at the scale of a body.
        let noise: [f64; 2] = [self.rng.sample(StandardNormal), self.rng.sample(StandardNormal)];
        let (wanted, spread) = if self.resting { (0.0, 0.0) } else { (SPEED, 25.0) };
        self.speed += (wanted - self.speed) * dt / 0.25 + spread * dt.sqrt() * noise[0];
        self.speed = self.speed.clamp(0.0, 60.0);
        let turning = if self.resting { 0.0 } else { 1.8 };
        self.heading += turning * dt.sqrt() * noise[1];

        let ahead = |reach: f64| {
            [self.position[0] + reach * self.heading.cos(), self.position[1] + reach * self.heading.sin()]
        };
        if self.arena.wall(ahead(3.0 * MARGIN)) > -MARGIN {
            let away = turn(self.heading, self.arena.inward(ahead(MARGIN)));
            self.heading += away.clamp(-7.0 * dt, 7.0 * dt);
        }
        let next = [
            self.position[0] + self.speed * dt * self.heading.cos(),
            self.position[1] + self.speed * dt * self.heading.sin(),
        ];
        if self.arena.wall(next) < -1.0 {
            self.position = next;
        } else {
            // Nose against the wall: it stops and turns.
            self.speed *= 0.5;
            self.heading = self.arena.inward(self.position);
        }
        Some(motion)
    }
}

/// The smaller turn from one direction to another, in −π…π.
pub fn turn(from: f64, to: f64) -> f64 {
    (to - from + PI).rem_euclid(TAU) - PI
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stays_inside_runs_and_rests() {
        let arena = Arena::new([40, 40]);
        for seed in 0..5 {
            let path: Vec<Motion> = Rat::new(&arena, seed).take(50 * 120).collect();
            assert!(path.iter().all(|motion| arena.wall(motion.position) < 0.0));
            let resting = path.iter().filter(|motion| motion.resting).count();
            assert!(resting > 500 && resting < 4500, "{resting} samples at rest");
            let fastest = path
                .windows(2)
                .map(|pair| {
                    (pair[1].position[0] - pair[0].position[0])
                        .hypot(pair[1].position[1] - pair[0].position[1])
                })
                .fold(0.0, f64::max);
            assert!(fastest * CAMERA_RATE < 61.0);
            assert_eq!(path, Rat::new(&arena, seed).take(path.len()).collect::<Vec<_>>());
        }
    }
}
