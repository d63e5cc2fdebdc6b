//! `replayscope pack`: a float `.npy` of any size to a session, a few chunks at a time.

use std::fs::File;
use std::io::{BufReader, Read};
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;

use crate::environment::Environment;
use crate::error::CliError;
use crate::npy::{Element, NpyHeader};
use crate::output::OutputFolder;
use crate::session::{Clock, Description, Written, finish_session};
use crate::writer::{Field, FieldLayout, GroupWriter, Pooling, Precision, write_field};

/// What to pack, and how.
#[derive(Debug, Clone)]
pub struct PackOptions {
    /// The `.npy`, shape (time, bin), float16/32/64, C order.
    pub input: PathBuf,
    /// neurospatial's `env.json`, with `env.npz` beside it.
    pub environment: PathBuf,
    /// Rate and time of the first frame.
    pub clock: Clock,
    /// Name of the field; the input's name without `.npy` where it is none.
    pub name: Option<String>,
    /// The input's own precision where it is none.
    pub precision: Option<Precision>,
    /// How the time pyramid pools; none is no pyramid.
    pub pyramid: Vec<Pooling>,
    /// Replace an existing session.
    pub force: bool,
    /// The session's folder.
    pub output: PathBuf,
}

/// Packs; `progress` is told the chunks written and their total.
pub fn pack(
    options: &PackOptions,
    stop: &AtomicBool,
    mut progress: impl FnMut(u64, u64),
) -> Result<Written, CliError> {
    if !(options.clock.rate.is_finite() && options.clock.rate > 0.0) {
        return Err(CliError::option(
            "--rate",
            options.clock.rate,
            "frames per second are positive",
            "--rate 500",
        ));
    }
    if !options.clock.start.is_finite() {
        return Err(CliError::option(
            "--start",
            options.clock.start,
            "a time is a finite number of seconds",
            "--start 0",
        ));
    }
    let output = OutputFolder::begin(&options.output, options.force)?;
    let (mut input, source) = Input::open(&options.input)?;
    let environment = Environment::load(&options.environment)?;
    if input.bins != environment.bins() as u64 {
        return Err(CliError::BinCount {
            data: input.bins,
            environment: environment.bins(),
            data_path: options.input.clone(),
            environment_path: options.environment.clone(),
        });
    }

    let layout = FieldLayout::new(input.frames, environment.bins(), options.precision.unwrap_or(source));
    let field = Field { name: field_name(options)?, layout, given: source, pyramid: options.pyramid.clone() };
    let mut group = GroupWriter::new(output.path());
    let report = write_field(
        &mut group,
        &field,
        |chunk, values| {
            let range = layout.frames_of(chunk);
            input.read((range.end - range.start) * input.bins, values)
        },
        stop,
        &mut |written| progress(written, layout.chunks()),
    )?;

    let title = options.output.file_stem().map(|stem| stem.to_string_lossy().into_owned());
    let description = Description {
        name: title.unwrap_or_else(|| field.name.clone()),
        description: None,
        clock: options.clock,
        field: field.name,
        overlays: Vec::new(),
    };
    finish_session(group, &layout, &environment, description)?;
    output.commit()?;
    Ok(Written { layout, field: report })
}

/// Names that a field cannot have: the session's own arrays. None ends as the group of a pyramid does, in `_max` or
/// `_mean`.
const RESERVED: [&str; 5] = ["time", "bin", "bin_center_x", "bin_center_y", "zarr.json"];

fn field_name(options: &PackOptions) -> Result<String, CliError> {
    let stem = || options.input.file_stem().map(|stem| stem.to_string_lossy().into_owned());
    let name = options.name.clone().or_else(stem).unwrap_or_default();
    // It becomes a folder, a Zarr node and a part of URLs.
    let plain = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | '.');
    let usable = !name.is_empty() && name.chars().all(plain) && !name.starts_with(['.', '_']);
    if usable && !RESERVED.contains(&name.as_str()) {
        return Ok(name);
    }
    let why = "a field's name is letters, digits, `_`, `-` and `.`, begins with a letter or digit, and is none of the \
               session's own arrays";
    Err(CliError::option("--name", name, why, "--name posterior"))
}

/// The values of the `.npy`, read once from front to back.
struct Input {
    reader: BufReader<File>,
    path: PathBuf,
    element: Element,
    frames: u64,
    bins: u64,
}

impl Input {
    fn open(path: &Path) -> Result<(Self, Precision), CliError> {
        let shown = path.display();
        let refuse = |what: String, how: String| CliError::Npy { path: path.to_path_buf(), what, how };
        let resave = |expression: &str| {
            format!(
                "In Python: `import numpy as np; a = np.load(\"{shown}\", mmap_mode=\"r\"); np.save(\"packable.npy\", {expression})`"
            )
        };
        let file = File::open(path).map_err(CliError::io("read", path))?;
        let stored = file.metadata().map_err(CliError::io("read", path))?.len();
        let mut reader = BufReader::new(file);
        let header = NpyHeader::read(&mut reader).map_err(|what| {
            refuse(
                what,
                "A raw np.memmap file has no header; save it with `np.save(\"packable.npy\", memmap)`."
                    .to_owned(),
            )
        })?;
        let float = header.element().filter(|element| !element.is_bool);
        let precision = float.and_then(|element| Precision::of_size(element.size));
        let (Some(element), Some(precision)) = (float, precision) else {
            let what =
                format!("its values are `{}`, and float16, float32 or float64 are needed", header.descr);
            return Err(refuse(what, resave("a.astype(np.float32)")));
        };
        let &[frames, bins] = header.shape.as_slice() else {
            let what = format!("its shape is {:?}, and (time, bin) is needed", header.shape);
            return Err(refuse(what, resave("a.reshape(len(a), -1)")));
        };
        if header.fortran_order && frames > 1 && bins > 1 {
            let what =
                "it is stored column by column (fortran_order=True), so a frame is scattered over the file"
                    .to_owned();
            return Err(refuse(what, resave("np.ascontiguousarray(a)")));
        }
        if frames == 0 || bins == 0 {
            let what = format!("its shape is ({frames}, {bins}), so there is nothing in it");
            return Err(refuse(what, "Check what was saved.".to_owned()));
        }
        let needed = header.count().and_then(|count| count.checked_mul(element.size as u64));
        let there = stored.saturating_sub(header.data_start);
        if needed.is_none_or(|needed| there < needed) {
            let what = format!(
                "its header announces {frames} × {bins} values of {} bytes, and {there} bytes follow",
                element.size
            );
            return Err(refuse(
                what,
                "It was copied or written only in part; copy or save it again.".to_owned(),
            ));
        }
        Ok((Self { reader, path: path.to_path_buf(), element, frames, bins }, precision))
    }

    /// The next `count` values, little-endian, in place of what `bytes` holds.
    fn read(&mut self, count: u64, bytes: &mut Vec<u8>) -> Result<(), CliError> {
        bytes.resize(count as usize * self.element.size, 0);
        self.reader.read_exact(bytes).map_err(CliError::io("read", &self.path))?;
        if self.element.big_endian {
            bytes.chunks_exact_mut(self.element.size).for_each(<[u8]>::reverse);
        }
        Ok(())
    }
}
