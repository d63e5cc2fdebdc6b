//! `replayscope pack`: writes any number of [`Frames`] as a session, a few chunks at a time.

use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;

use crate::environment::Environment;
use crate::error::CliError;
use crate::frames::{self, Frames, Scale, Scaled};
use crate::output::OutputFolder;
use crate::session::{Description, RegularTimes, Times, Written, finish_session};
use crate::view::references;
use crate::writer::{Field, FieldLayout, GroupWriter, Pooling, Precision, write_field};

/// Options of [`pack`].
#[derive(Debug, Clone)]
pub struct PackOptions {
    /// The `.npy`, shape (time, bin), float16/32/64, C order.
    pub input: PathBuf,
    /// Paths outside of the input's folder that the input may refer to.
    pub also: Vec<PathBuf>,
    /// neurospatial's `env.json`, with `env.npz` beside it; `None` for the input's own environment.
    pub environment: Option<PathBuf>,
    /// An `.npz` of the bins' polygons, which replace every other geometry.
    pub polygons: Option<PathBuf>,
    /// Rate and time of the first frame; `None` for the input's own.
    pub clock: Option<RegularTimes>,
    /// Name of the field; `None` for the input's name without `.npy`.
    pub name: Option<String>,
    /// The transform of values before they are stored; `None` for none.
    pub scale: Option<Scale>,
    /// Precision of the stored values; `None` for the input's default.
    pub precision: Option<Precision>,
    /// Pooling methods of the time pyramid; empty for no pyramid.
    pub pyramid: Vec<Pooling>,
    /// Replace an existing session.
    pub force: bool,
    /// The session's folder.
    pub output: PathBuf,
}

/// Packs an input; `progress` gets the number of chunks written and their total.
pub fn pack(
    options: &PackOptions,
    stop: &AtomicBool,
    mut progress: impl FnMut(u64, u64),
) -> Result<Written, CliError> {
    if let Some(clock) = options.clock {
        check(clock)?;
    }
    let inputs = [Some(&options.input), options.environment.as_ref(), options.polygons.as_ref()];
    // Files that a document refers to are inputs as well.
    let referred = references::of_file(&options.input);
    let inputs = inputs.into_iter().flatten().chain(&options.also).chain(&referred);
    let inputs: Vec<&Path> = inputs.map(PathBuf::as_path).collect();
    // Opened before the output, so that an input that cannot be packed is reported first.
    let mut input = frames::open(&options.input, &options.also)?;
    let output = OutputFolder::begin(&options.output, options.force, &inputs)?;
    match options.scale {
        None => pack_frames(&mut *input, options, output, stop, &mut progress),
        Some(scale) => {
            let mut scaled = Scaled::new(&mut *input, scale);
            let mut written = pack_frames(&mut scaled, options, output, stop, &mut progress)?;
            written.field.rounding.add(scaled.changes());
            Ok(written)
        }
    }
}

/// Packs frames of any source; the input of `options` is only named in messages. `output` is made before, so that nothing is read
/// where it cannot be written.
pub fn pack_frames(
    input: &mut dyn Frames,
    options: &PackOptions,
    output: OutputFolder,
    stop: &AtomicBool,
    progress: &mut dyn FnMut(u64, u64),
) -> Result<Written, CliError> {
    let missing = |what, option| CliError::Unsaid { path: options.input.clone(), what, option };
    let environment = match &options.environment {
        Some(path) => Some(Environment::load(path)?),
        None => input.environment()?,
    };
    let environment = match &options.polygons {
        Some(path) => Some(Environment::with_polygons(environment, path)?),
        None => environment,
    };
    let environment =
        environment.ok_or_else(|| missing("where its bins are", "--environment environment.json"))?;
    let (frames, bins, given) = (input.frames(), input.bins(), input.precision());
    if bins != environment.bins() as u64 {
        return Err(CliError::BinCount {
            data: bins,
            environment: environment.bins(),
            data_path: options.input.clone(),
            environment_path: options.environment.clone().unwrap_or_else(|| options.input.clone()),
        });
    }
    let times = match options.clock {
        Some(clock) => Some(Times::Regular(clock)),
        None => input.times()?,
    };
    let times = times.ok_or_else(|| missing("when its frames are", "--rate 500"))?;

    let layout =
        FieldLayout::new(frames, environment.bins(), options.precision.unwrap_or(input.usual_precision()));
    let field = Field { name: field_name(options)?, layout, given, pyramid: options.pyramid.clone() };
    let mut group = GroupWriter::new(output.path());
    let units = input.units();
    let report = write_field(
        &mut group,
        &field,
        |chunk, values| {
            let range = layout.frames_of(chunk);
            input.read(range.end - range.start, values)
        },
        stop,
        &mut |written| progress(written, layout.chunks()),
    )?;

    let title = options.output.file_stem().map(|stem| stem.to_string_lossy().into_owned());
    let description = Description {
        name: title.unwrap_or_else(|| field.name.clone()),
        description: None,
        times,
        field: field.name,
        units,
        overlays: Vec::new(),
    };
    finish_session(group, &layout, &environment, description)?;
    output.commit()?;
    Ok(Written { layout, field: report })
}

/// Names that a field cannot have: those of the session's other arrays. Names of pyramid groups end in `_max` or `_mean`.
const RESERVED: [&str; 6] = ["time", "bin", "bin_center_x", "bin_center_y", "environment", "zarr.json"];

fn check(RegularTimes { start, rate }: RegularTimes) -> Result<(), CliError> {
    if !(rate.is_finite() && rate > 0.0) {
        return Err(CliError::option("--rate", rate, "frames per second are positive", "--rate 500"));
    }
    if !start.is_finite() {
        return Err(CliError::option("--start", start, "a time is a finite number of seconds", "--start 0"));
    }
    Ok(())
}

fn field_name(options: &PackOptions) -> Result<String, CliError> {
    let stem = || options.input.file_stem().map(|stem| stem.to_string_lossy().into_owned());
    let name = options.name.clone().or_else(stem).unwrap_or_default();
    // The name becomes a folder, a Zarr node and a part of URLs.
    let plain = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | '.');
    let usable = !name.is_empty() && name.chars().all(plain) && !name.starts_with(['.', '_']);
    if usable && !RESERVED.contains(&name.as_str()) {
        return Ok(name);
    }
    let why = "a field's name is letters, digits, `_`, `-` and `.`, begins with a letter or digit, and is none of the \
               session's own arrays";
    Err(CliError::option("--name", name, why, "--name posterior"))
}
