//! `replayscope demo`: a simulated session — a rat, its place cells, their spikes, and a decode of them.
//!
//! The simulation runs in order of time and is written in steps, so an hour needs no more memory than a minute. The same options give
//! the same bytes.

mod arena;
mod cells;
mod decoder;
mod rat;
mod replay;

use std::path::PathBuf;
use std::sync::atomic::AtomicBool;

use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;
use replayscope_session::{OverlayEntry, PositionEntry, PositionType, TimeRef};

use crate::error::CliError;
use crate::output::OutputFolder;
use crate::session::{Description, RegularTimes, Times, Written, finish_session};
use crate::writer::{CoordinateLayout, Field, FieldLayout, GroupWriter, Pooling, Precision, write_field};
use arena::Arena;
use cells::Cells;
use decoder::Decoder;
use rat::{CAMERA_RATE, Motion, Rat};
use replay::Replays;

/// Cells fire this much faster than usual in a replay, and this much slower at rest.
const REPLAY_GAIN: f64 = 6.0;
const REST_GAIN: f64 = 0.3;
/// Seconds of each minute in which the recording has a gap: these frames are NaN.
const GAP: std::ops::Range<f64> = 40.0..40.1;
/// Seconds of each minute in which the camera loses the rat: these positions are NaN.
const LOST: std::ops::Range<f64> = 20.0..20.3;

/// Options of [`demo`].
#[derive(Debug, Clone, PartialEq)]
pub struct DemoOptions {
    /// The session's folder.
    pub output: PathBuf,
    /// Length in seconds.
    pub seconds: f64,
    /// Decoded frames a second, in Hz.
    pub rate: f64,
    /// Bins along x and y, before the mask.
    pub bins: [usize; 2],
    /// Seed of the simulation.
    pub seed: u64,
    /// Precision of the stored posterior.
    pub precision: Precision,
    /// Pooling methods of the time pyramid; empty for no pyramid.
    pub pyramid: Vec<Pooling>,
    /// Replace an existing session.
    pub force: bool,
}

/// Simulates and writes a session; `progress` gets the number of chunks written and their total.
pub fn demo(
    options: &DemoOptions,
    stop: &AtomicBool,
    mut progress: impl FnMut(u64, u64),
) -> Result<Written, CliError> {
    let frames = check(options)?;
    let output = OutputFolder::begin(&options.output, options.force, &[])?;
    let arena = Arena::new(options.bins);
    let environment = arena.environment();
    let layout = FieldLayout::new(frames, environment.bins(), options.precision);
    let mut group = GroupWriter::new(output.path());

    let mut simulation = Simulation::new(&arena, options);
    let mut frames_of_chunk: Vec<f32> = Vec::new();
    let field = Field {
        name: "posterior".to_owned(),
        layout,
        given: Precision::F32,
        pyramid: options.pyramid.clone(),
    };
    let report = write_field(
        &mut group,
        &field,
        |chunk, values| {
            frames_of_chunk.clear();
            layout.frames_of(chunk).for_each(|frame| simulation.frame(frame, &mut frames_of_chunk));
            values.clear();
            values.extend(frames_of_chunk.iter().flat_map(|value| value.to_le_bytes()));
            Ok(())
        },
        stop,
        &mut |written| progress(written, layout.chunks()),
    )?;

    let samples = (frames as f64 / options.rate * CAMERA_RATE).floor() as u64 + 1;
    let positions = CoordinateLayout {
        rows: samples,
        dimension: "position_time",
        columns: Some((2, "axis")),
        units: Some("cm"),
    };
    let path = Rat::new(&arena, stream(options.seed, 0)).take(samples as usize).enumerate();
    group.write_coordinate(
        "position",
        &positions,
        path.flat_map(|(sample, motion)| {
            let lost = LOST.contains(&(sample as f64 / CAMERA_RATE % 60.0));
            if lost { [f64::NAN; 2] } else { motion.position }
        }),
    )?;

    let clock = RegularTimes { start: 0.0, rate: options.rate };
    let description = Description {
        units: None,
        name: "Simulated open field".to_owned(),
        description: Some(format!(
            "A simulated rat, place cells, Poisson spikes and their Bayesian decode, with replays while it rests \
             (replayscope demo, seed {}).",
            options.seed
        )),
        times: Times::Regular(clock),
        field: field.name,
        overlays: vec![OverlayEntry::Position(PositionEntry {
            kind: PositionType::Position,
            name: "position".to_owned(),
            array: "position".to_owned(),
            time: TimeRef::Regular { start: 0.0, rate: CAMERA_RATE },
            color: "#ff3b30".to_owned(),
            size: 10.0,
            trail_length: 1.0,
        })],
    };
    finish_session(group, &layout, &environment, description)?;
    output.commit()?;
    Ok(Written { layout, field: report })
}

/// Checks the options; returns the number of frames.
fn check(options: &DemoOptions) -> Result<u64, CliError> {
    let positive = |option, value: f64, example| {
        if value.is_finite() && value > 0.0 {
            Ok(())
        } else {
            Err(CliError::option(option, value, "it has to be a positive number", example))
        }
    };
    positive("--seconds", options.seconds, "--seconds 60")?;
    positive("--rate", options.rate, "--rate 500")?;
    let [x, y] = options.bins;
    if x.min(y) < 4 || x.max(y) > 1000 {
        return Err(CliError::option(
            "--bins",
            format!("{x}x{y}"),
            "4 to 1000 a side are simulated",
            "--bins 40x40",
        ));
    }
    let frames = (options.seconds * options.rate).round();
    if !(1.0..=1e9).contains(&frames) {
        let why =
            format!("at {} Hz that is {frames} frames, and 1 to 1,000,000,000 are simulated", options.rate);
        return Err(CliError::option("--seconds", options.seconds, why, "--seconds 60"));
    }
    Ok(frames as u64)
}

/// Seeds of the independent parts of a simulation.
fn stream(seed: u64, part: u64) -> u64 {
    seed.wrapping_mul(8).wrapping_add(part)
}

/// The state of the simulation.
struct Simulation {
    arena: Arena,
    cells: Cells,
    rat: Rat,
    /// The camera samples before and after the current frame, and the number of the first.
    camera: [Motion; 2],
    sample: u64,
    replays: Replays,
    rng: ChaCha8Rng,
    decoder: Decoder,
    rate: f64,
    spikes: Vec<usize>,
}

impl Simulation {
    fn new(arena: &Arena, options: &DemoOptions) -> Self {
        let cells = Cells::new(arena, stream(options.seed, 1));
        let mut rat = Rat::new(arena, stream(options.seed, 0));
        let mut motion = || rat.next().unwrap_or(Motion { position: [0.0; 2], resting: false });
        let camera = [motion(), motion()];
        Self {
            decoder: Decoder::new(arena, &cells, 1.0 / options.rate),
            replays: Replays::new(stream(options.seed, 2)),
            rng: ChaCha8Rng::seed_from_u64(stream(options.seed, 3)),
            arena: arena.clone(),
            cells,
            rat,
            camera,
            sample: 0,
            rate: options.rate,
            spikes: Vec::new(),
        }
    }

    /// Appends the next frame; frames come in order.
    fn frame(&mut self, frame: u64, out: &mut Vec<f32>) {
        let time = frame as f64 / self.rate;
        let dt = 1.0 / self.rate;
        let motion = self.motion(time);
        let replayed = self.replays.at(time, dt, motion, &self.arena);
        let gain = match (replayed, motion.resting) {
            (Some(_), _) => REPLAY_GAIN,
            (None, true) => REST_GAIN,
            (None, false) => 1.0,
        };
        let place = self.arena.cell(replayed.unwrap_or(motion.position));
        self.cells.spikes(place, gain, dt, &mut self.rng, &mut self.spikes);
        let start = out.len();
        self.decoder.step(&self.spikes, out);
        if GAP.contains(&(time % 60.0)) {
            out[start..].fill(f32::NAN);
        }
    }

    /// The rat's position between two camera samples, by linear interpolation as in the viewer.
    fn motion(&mut self, time: f64) -> Motion {
        let along = time * CAMERA_RATE;
        while self.sample < along.floor() as u64 {
            self.camera = [self.camera[1], self.rat.next().unwrap_or(self.camera[1])];
            self.sample += 1;
        }
        let part = along.fract();
        let [before, after] = self.camera;
        let position =
            [0, 1].map(|axis| before.position[axis] + part * (after.position[axis] - before.position[axis]));
        Motion { position, resting: before.resting }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Distance between the most likely place and another, in centimetres.
    fn error(arena: &Arena, posterior: &[f32], place: [f64; 2]) -> f64 {
        let best = (0..posterior.len()).max_by(|&a, &b| posterior[a].total_cmp(&posterior[b]));
        let [x, y] = arena.center(arena.active[best.unwrap()]);
        (x - place[0]).hypot(y - place[1])
    }

    fn median(mut values: Vec<f64>) -> f64 {
        values.sort_by(f64::total_cmp);
        values[values.len() / 2]
    }

    #[test]
    fn the_decode_follows_the_rat_and_its_replays() {
        let arena = Arena::new([20, 20]);
        let options = DemoOptions {
            output: PathBuf::new(),
            seconds: 30.0,
            rate: 500.0,
            bins: [20, 20],
            seed: 0,
            precision: Precision::F32,
            pyramid: Vec::new(),
            force: false,
        };
        let mut simulation = Simulation::new(&arena, &options);
        let (mut running, mut replaying, mut longest) = (Vec::new(), Vec::new(), 0.0_f64);
        let mut began = 0.0;
        for frame in 0..15_000 {
            let mut posterior = Vec::new();
            simulation.frame(frame, &mut posterior);
            let time = frame as f64 / 500.0;
            let motion = simulation.motion(time);
            if let Some(place) = simulation.replays.now(time) {
                replaying.push(error(&arena, &posterior, place));
                longest = longest.max(time - began);
            } else {
                began = time;
                if !motion.resting {
                    running.push(error(&arena, &posterior, motion.position));
                }
            }
        }
        assert!(replaying.len() > 200, "{} frames of replay", replaying.len());
        assert!(longest < 0.5, "a replay of {longest} s");
        let (running, replaying) = (median(running), median(replaying));
        assert!(running < 10.0, "running: {running} cm off");
        assert!(replaying < 12.0, "replaying: {replaying} cm off");
    }
}
