//! `replayscope info`: describes a session, and reports what is wrong or slow.

mod shape;
mod slow;

use std::collections::BTreeMap;
use std::fmt;
use std::path::PathBuf;
use std::rc::Rc;

use futures_executor::block_on;
use replayscope_files::FileKind;
use replayscope_session::Error;
use replayscope_session::config::SessionConfig;
use replayscope_session::environment::Bounds;
use replayscope_session::range::Estimate;
use replayscope_session::{self as session, Narrowed, Session, TimeAxis};
use replayscope_zarr as zarr;
use replayscope_zarr::array::{Array, ArrayError, ArrayMetadata, DataType, Group, open_array, open_group};
use replayscope_zarr::source::ByteSource;

use crate::error::CliError;
use crate::{short, source};
use shape::{chunk_bytes, outer_shape};

/// Most lines of a kind; the rest is counted.
const MOST: usize = 100;
/// Names that are tried where the metadata do not list the arrays.
const USUAL_NAMES: [&str; 5] = ["posterior", "time", "bin_center_x", "bin_center_y", "position"];

/// Most bytes of a chunk that is read for its values.
const LOOKED_AT: u64 = 64 << 20;

/// The description of a session.
#[derive(Debug, Clone, Default)]
pub struct Info {
    /// Lines to print.
    pub lines: Vec<String>,
    /// Sentences about what is wrong, worst first; empty for a session that opens.
    pub problems: Vec<String>,
    /// Sentences about what is slow.
    pub slow: Vec<String>,
    /// The address as it was given.
    pub address: String,
}

impl fmt::Display for Info {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.lines.iter().try_for_each(|line| writeln!(f, "{}", short::line(line)))?;
        if self.problems.is_empty() && self.slow.is_empty() {
            return write!(f, "No problems found.");
        }
        let mut lines = Vec::new();
        for (title, sentences) in [("Problems:", &self.problems), ("Slow:", &self.slow)] {
            if !sentences.is_empty() {
                lines.push(title.to_owned());
                lines.extend(sentences.iter().map(|sentence| format!("  - {}", short::line(sentence))));
            }
        }
        if !self.slow.is_empty() {
            let quote = if self.address.contains([' ', '&', '?', '\'']) { "\"" } else { "" };
            let address = format!("{quote}{}{quote}", self.address);
            lines.push(format!("A copy that reads fast: replayscope pack {address} -o OUT.zarr"));
        }
        write!(f, "{}", lines.join("\n"))
    }
}

/// Describes the session at a URL or in a folder. Reads metadata, coordinates, and three chunks of a field that float32 may not hold.
/// `also` names paths outside of its folder that the session may refer to.
///
/// # Errors
/// Where the address cannot be read at all; other failures are listed in [`Info`].
pub fn info(address: &str, also: &[PathBuf]) -> Result<Info, CliError> {
    if FileKind::of(address).is_some() {
        return of_file(address, also);
    }
    let source = source::open(address, also).map_err(Error::from)?;
    let group = block_on(open_group(&source, "")).map_err(Error::from)?;
    let mut report = Info { address: address.to_owned(), ..Info::default() };
    report.lines.push(source.location("").trim_end_matches('/').to_owned());
    // Opens the session as the viewer does, which stops at the first error; each array is then checked by itself.
    match block_on(session::open(source.clone(), session::Opening::default())) {
        Ok(session) => {
            report.describe_session(&session);
            report.slow.extend(slow::pyramids(&session));
        }
        Err(error) => report.problems.push(format!("The viewer cannot open it: {error}")),
    }
    // Block sizes of the levels, by field and pooling method.
    let mut pyramids: BTreeMap<_, Vec<u64>> = BTreeMap::new();
    for (path, error) in &group.unreadable {
        report.problems.push(format!("{path}: {error}"));
    }
    if !group.consolidated {
        report.slow.push(
            "The metadata is not consolidated, so a viewer needs a request for each array and cannot list them; only \
             the usual names were looked for. In Python: `import zarr; zarr.consolidate_metadata(\"session.zarr\")`"
                .to_owned(),
        );
    }
    let mut described = 0;
    for (path, array) in arrays_of(&source, &group) {
        let array = match array {
            Ok(array) => array,
            Err(error) if is_missing(&error) => continue,
            Err(error) => {
                if let Some(metadata) = group.array(path).filter(|metadata| is_label(path, metadata, &error))
                {
                    described += 1;
                    if described <= MOST {
                        let dimensions = dimensions(metadata);
                        report.lines.push(format!("{path}: {} ({dimensions})", metadata.data_type.name));
                    }
                    continue;
                }
                report.problems.push(format!("{path}: {error}"));
                continue;
            }
        };
        if let Some((of, method, frames)) = pooling(array.metadata()) {
            pyramids.entry((of, method)).or_default().push(frames);
        } else {
            described += 1;
            if described <= MOST {
                report.describe_array(&array);
            }
        }
        report.look_for_problems(&array);
        report.slow.extend(slow::array(&array));
    }
    if described > MOST {
        report.lines.push(format!("… and {} more arrays", described - MOST));
    }
    for ((of, method), mut frames) in pyramids {
        frames.sort_unstable();
        report.lines.push(format!("pyramid of {of}: {method}, {}", describe_levels(&frames)));
    }
    Ok(report.shortened())
}

/// Describes a file: `.npy`, netCDF, HDF5, a zip or a session document.
fn of_file(address: &str, also: &[PathBuf]) -> Result<Info, CliError> {
    let (folder, name) = source::open_beside(address, also).map_err(Error::from)?;
    let mut report = Info { address: address.to_owned(), ..Info::default() };
    report.lines.push(folder.location(&name));
    let mut timed = true;
    let opened = match source::open_session(address, also, None) {
        Err(error) if error.code() == "no-time" => {
            report.problems.push(format!("{error} (The viewer asks for the rate.)"));
            timed = false;
            source::open_session(address, also, Some(1.0))
        }
        opened => opened,
    };
    match opened {
        Ok(session) => {
            report.describe_session(&session);
            if !timed {
                report.lines.retain(|line| !line.starts_with("time: "));
            }
            report.slow.extend(slow::pyramids(&session));
            // Several fields may be columns of one array.
            let mut seen = Vec::new();
            for array in session.arrays() {
                if !seen.contains(&array.location()) {
                    report.describe_array(&array);
                    report.look_for_problems(&array);
                    report.slow.extend(slow::array(&array));
                    seen.push(array.location());
                }
            }
        }
        Err(error) => report.problems.push(format!("The viewer cannot open it: {error}")),
    }
    Ok(report.shortened())
}

/// Field, method and block size of a level of a time pyramid, from its attribute `pooling`.
fn pooling(metadata: &ArrayMetadata) -> Option<(String, String, u64)> {
    let pooling = metadata.attributes.get("pooling")?;
    let text = |key| pooling.get(key)?.as_str().map(str::to_owned);
    Some((text("of")?, text("method")?, pooling.get("frames")?.as_u64()?))
}

fn describe_levels(frames: &[u64]) -> String {
    let factor = frames.first().copied().unwrap_or_default();
    let powers = std::iter::successors(Some(factor), |power| power.checked_mul(factor));
    if !powers.take(frames.len()).eq(frames.iter().copied()) {
        let frames: Vec<String> = frames.iter().map(u64::to_string).collect();
        return format!("levels of {} frames", frames.join(", "));
    }
    let s = if frames.len() == 1 { "" } else { "s" };
    format!("{} level{s} of {factor}×", frames.len())
}

/// The arrays of a group: those that its metadata list, or those with the usual names.
fn arrays_of<'a>(
    source: &'a Rc<dyn ByteSource>,
    group: &'a Group,
) -> Box<dyn Iterator<Item = (&'a str, Result<Array, zarr::Error>)> + 'a> {
    if group.consolidated {
        let listed = |(path, metadata): &'a (String, ArrayMetadata)| {
            (path.as_str(), Array::new(source.clone(), path, metadata.clone()))
        };
        Box::new(group.arrays.iter().map(listed))
    } else {
        Box::new(USUAL_NAMES.into_iter().map(|name| (name, block_on(open_array(source, name)))))
    }
}

/// Whether an array is a coordinate that a session does not need, of a type that is not drawn: texts, flags, a scalar.
fn is_label(path: &str, metadata: &ArrayMetadata, error: &zarr::Error) -> bool {
    metadata.shape.len() <= 1
        && !USUAL_NAMES.contains(&path)
        && matches!(error, zarr::Error::Array(ArrayError::Unsupported { .. }))
}

/// Name and length of each dimension.
fn dimensions(metadata: &ArrayMetadata) -> String {
    let dimension = |axis| match metadata.dimension(axis) {
        "" => metadata.shape[axis].to_string(),
        name => format!("{name} {}", metadata.shape[axis]),
    };
    (0..metadata.shape.len()).map(dimension).collect::<Vec<String>>().join(" × ")
}

fn is_missing(error: &zarr::Error) -> bool {
    matches!(error, zarr::Error::Array(ArrayError::Missing { .. }))
}

impl Info {
    /// Limits the lists to [`MOST`] entries.
    fn shortened(mut self) -> Self {
        for (list, what) in [(&mut self.problems, "problems"), (&mut self.slow, "things that are slow")] {
            if list.len() > MOST {
                let more = list.len() - MOST;
                list.truncate(MOST);
                list.push(format!("… and {more} more {what}"));
            }
        }
        self
    }

    fn describe_session(&mut self, session: &Session) {
        self.lines.push(format!("name: {}", session.name));
        if let Some(description) = &session.description {
            self.lines.push(format!("description: {description}"));
        }
        let time = &session.time;
        let (start, stop) = (time.time_of(0), time.time_of(time.frames().saturating_sub(1)));
        let rate = match time {
            TimeAxis::Regular { rate, .. } => format!("{rate} Hz"),
            TimeAxis::Irregular { .. } | TimeAxis::Partial { .. } => "at irregular times".to_owned(),
        };
        // Microseconds: further digits are rounding errors.
        let [start, stop] = [start, stop].map(|seconds| (seconds * 1e6).round() / 1e6);
        self.lines.push(format!("time: {start} … {stop} s, {} frames, {rate}", time.frames()));
        let SessionConfig { chunk_frames, cache_bytes, prefetch_chunks } = session.config();
        self.lines.push(format!(
            "suits it: chunks of {chunk_frames} frames, {} of values in memory, {prefetch_chunks} chunks ahead",
            indicatif::BinaryBytes(cache_bytes),
        ));
        let environment = &session.environment;
        let Bounds { x, y } = environment.bounds();
        self.lines.push(format!(
            "environment: {} bins ({}), x {:.4} … {:.4}, y {:.4} … {:.4} {}",
            environment.bins(),
            environment.layout.name(),
            x[0],
            x[1],
            y[0],
            y[1],
            environment.units.as_deref().unwrap_or("(no units)"),
        ));
        if environment.linearised.is_some() {
            self.lines.push("environment: a track, in space and linearised".to_owned());
        }
        let listed = |names: Vec<&str>| if names.is_empty() { "none".to_owned() } else { names.join(", ") };
        let fields = session.fields.iter().map(|field| field.name.as_str());
        self.lines.push(format!("fields: {}", listed(fields.collect())));
        for (field, known) in
            session.fields.iter().filter_map(|field| Some((field, field.stored_estimate()?)))
        {
            let Estimate { limits: [low, high], method, frames, .. } = known;
            self.lines
                .push(format!("limits of {}: {low} … {high}, {method} of all {frames} frames", field.name));
        }
        if !environment.regions.is_empty() {
            let regions = environment.regions.iter().map(|region| region.name.as_str());
            self.lines.push(format!("regions: {}", listed(regions.collect())));
        }
        let overlays = session.overlays.iter().map(|overlay| overlay.name.as_str());
        self.lines.push(format!("overlays: {}", listed(overlays.collect())));
        self.lines.extend(session.notes.iter().map(|note| format!("note: {note}")));
        for field in session.fields.iter().filter(|field| field.array.is_wide()) {
            let mut narrowed = Narrowed::default();
            match look(&field.array, &mut narrowed) {
                Ok(true) => {
                    self.lines.extend(narrowed.note(&field.name).map(|note| format!("note: {note}")));
                }
                Ok(false) => {
                    let chunk = indicatif::BinaryBytes(field.array.chunk_bytes());
                    self.lines.push(format!(
                        "note: `{}` was not searched for values that float32 cannot hold: a chunk is {chunk}",
                        field.name
                    ));
                }
                Err(error) => {
                    self.problems.push(format!("Values of `{}` cannot be read: {error}", field.name));
                }
            }
        }
    }

    fn describe_array(&mut self, array: &Array) {
        let metadata = array.metadata();
        // The array of a single-array file has no name.
        let name = if array.path().is_empty() { "values" } else { array.path() };
        let shard = match metadata.codecs.as_slice() {
            [only] if only.name == "sharding_indexed" => outer_shape(metadata)
                .map_or(String::new(), |shape| {
                    format!(", shard {} frames", shape.first().copied().unwrap_or_default())
                }),
            _ => String::new(),
        };
        self.lines.push(format!(
            "{name}: {} ({}), chunk {} frames = {}{shard}, codecs {}",
            metadata.data_type.name,
            dimensions(metadata),
            array.chunk_frames(),
            indicatif::BinaryBytes(chunk_bytes(array)),
            metadata.describe_codecs(),
        ));
    }

    fn look_for_problems(&mut self, array: &Array) {
        let (metadata, path) = (array.metadata(), array.path());
        let is_float = metadata.dtype().is_ok_and(DataType::is_float);
        let time_axis = (0..metadata.shape.len()).find(|&axis| metadata.dimension(axis) == "time");
        if let Some(axis) = time_axis.filter(|&axis| axis > 0 && is_float) {
            self.problems.push(format!(
                "{path}: time is dimension {axis} and not the first, so it is not shown. In xarray: \
                 `ds[\"{path}\"] = ds[\"{path}\"].transpose(\"time\", ...)`",
            ));
        }
    }
}

/// Counts the values that float32 cannot hold in the first, the middle and the last chunk of an array; false where chunks are too
/// large, and none was read.
pub(crate) fn look(array: &Array, narrowed: &mut Narrowed) -> Result<bool, Error> {
    if array.chunk_bytes() > LOOKED_AT {
        return Ok(false);
    }
    let last = array.chunks().saturating_sub(1);
    for chunk in [0, last / 2, last] {
        if !narrowed.has(chunk) {
            narrowed.add(chunk, &array.decode(&block_on(array.fetch(chunk))?)?);
        }
    }
    Ok(true)
}
