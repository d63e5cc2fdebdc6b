//! `replayscope info`: what is in a session, and what of it will be slow or wrong.

use std::fmt;
use std::rc::Rc;

use futures_executor::block_on;
use replayscope::array::{Array, ArrayError, ArrayMetadata, DataType, Group, open_array, open_group};
use replayscope::environment::Environment;
use replayscope::error::Error;
use replayscope::session::{DOCUMENT_VERSION, EnvironmentRef, SessionDocument, TimeRef};
use replayscope::source::ByteSource;
use serde_json::Value;

use crate::error::CliError;
use crate::source;

/// A chunk above this takes longer than a display frame to fetch and decode.
const LARGE_CHUNK: u64 = 8 << 20;
/// A chunk below this costs a request for next to nothing.
const SMALL_CHUNK: u64 = 16 << 10;
/// Names tried where the metadata does not list the arrays.
const USUAL_NAMES: [&str; 5] = ["posterior", "time", "bin_center_x", "bin_center_y", "position"];

/// What was found.
#[derive(Debug, Clone, Default)]
pub struct Info {
    /// One line an item, ready to print.
    pub lines: Vec<String>,
    /// Sentences, worst first; none is a session that opens well.
    pub problems: Vec<String>,
}

impl fmt::Display for Info {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.lines.iter().try_for_each(|line| writeln!(f, "{line}"))?;
        match self.problems.as_slice() {
            [] => write!(f, "No problems found."),
            problems => {
                write!(f, "Problems:")?;
                problems.iter().try_for_each(|problem| write!(f, "\n  - {problem}"))
            }
        }
    }
}

/// Looks at the session at a URL or in a folder. Reads metadata and the first and last chunk of the time axis.
pub fn info(address: &str) -> Result<Info, CliError> {
    let source = source::open(address).map_err(Error::from)?;
    let group = block_on(open_group(&source, "")).map_err(Error::from)?;
    let mut report = Info::default();
    report.lines.push(source.location("").trim_end_matches('/').to_owned());

    let arrays = arrays_of(&source, &group, &mut report);
    let document = document_of(&group, &mut report);
    if let Some(document) = &document {
        report.describe_document(document);
    }
    for array in &arrays {
        report.describe_array(array);
    }
    let fields: Vec<&Array> = arrays.iter().filter(|array| is_field(array.metadata())).collect();
    report.check_fields(&fields, &arrays);
    report.describe_time(document.as_ref(), &fields, &arrays);
    report.check_environment(document.as_ref(), &fields, &arrays);
    Ok(report)
}

/// A float array over time and one dimension more: what the viewer shows when nothing says otherwise.
fn is_field(metadata: &ArrayMetadata) -> bool {
    let is_float = metadata.dtype().is_ok_and(DataType::is_float);
    is_float && metadata.shape.len() == 2 && metadata.dimension(0) == "time"
}

fn arrays_of(source: &Rc<dyn ByteSource>, group: &Group, report: &mut Info) -> Vec<Array> {
    let mut arrays = Vec::new();
    for (path, error) in &group.unreadable {
        report.problems.push(format!("{path}: {error}"));
    }
    if group.consolidated {
        for (path, metadata) in &group.arrays {
            match Array::new(source.clone(), path, metadata.clone()) {
                Ok(array) => arrays.push(array),
                Err(error) => report.problems.push(format!("{path}: {error}")),
            }
        }
    } else {
        report.problems.push(
            "The metadata is not consolidated, so a viewer needs a request for each array and cannot list them; only \
             the usual names were looked for. In Python: `import zarr; zarr.consolidate_metadata(\"session.zarr\")`"
                .to_owned(),
        );
        for name in USUAL_NAMES {
            match block_on(open_array(source, name)) {
                Ok(array) => arrays.push(array),
                Err(ArrayError::Missing { .. }) => {}
                Err(error) => report.problems.push(format!("{name}: {error}")),
            }
        }
    }
    arrays
}

fn document_of(group: &Group, report: &mut Info) -> Option<SessionDocument> {
    let value = group.attributes.get("replayscope")?;
    let version = value.get("version").and_then(Value::as_u64);
    if version.is_some_and(|version| version > u64::from(DOCUMENT_VERSION)) {
        report.problems.push(format!(
            "The session document is version {}, and this program reads up to {DOCUMENT_VERSION}. Use a newer one.",
            version.unwrap_or_default()
        ));
        return None;
    }
    match serde_json::from_value(value.clone()) {
        Ok(document) => Some(document),
        Err(error) => {
            let problem = format!("The session document (attribute `replayscope`) cannot be read: {error}.");
            report.problems.push(problem);
            None
        }
    }
}

impl Info {
    fn describe_document(&mut self, document: &SessionDocument) {
        self.lines.push(format!("session document, version {}", document.version));
        for (label, text) in [("name", &document.name), ("description", &document.description)] {
            if let Some(text) = text {
                self.lines.push(format!("  {label}: {text}"));
            }
        }
        if !document.overlays.is_empty() {
            self.lines.push(format!("  overlays: {}", document.overlays.len()));
        }
    }

    fn describe_array(&mut self, array: &Array) {
        let metadata = array.metadata();
        let dimensions: Vec<String> = (0..metadata.shape.len())
            .map(|axis| match metadata.dimension(axis) {
                "" => metadata.shape[axis].to_string(),
                name => format!("{name} {}", metadata.shape[axis]),
            })
            .collect();
        let shard = match metadata.codecs.as_slice() {
            [only] if only.name == "sharding_indexed" => outer_shape(metadata)
                .map_or(String::new(), |shape| {
                    format!(", shard {} frames", shape.first().copied().unwrap_or_default())
                }),
            _ => String::new(),
        };
        let bytes = chunk_bytes(array);
        self.lines.push(format!(
            "{}: {} ({}), chunk {} frames = {}{shard}, codecs {}",
            array.path(),
            metadata.data_type.name,
            dimensions.join(" × "),
            array.chunk_frames(),
            indicatif::BinaryBytes(bytes),
            metadata.describe_codecs(),
        ));
        let path = array.path();
        if bytes > LARGE_CHUNK {
            let size = indicatif::BinaryBytes(bytes);
            self.problems.push(format!(
                "{path}: a chunk holds {size}, so every jump in time fetches and decodes that much. Chunks of about \
                 1 MiB seek best: in xarray `ds.to_zarr(…, encoding={{\"{path}\": {{\"chunks\": ({}, {})}}}})`.",
                (array.chunk_frames() * (1 << 20) / bytes).max(1),
                array.width(),
            ));
        }
        if bytes < SMALL_CHUNK && array.chunks() > 1000 {
            self.problems.push(format!(
                "{path}: its {} chunks hold {} each, so playing costs a request every few frames.",
                array.chunks(),
                indicatif::BinaryBytes(bytes),
            ));
        }
        let is_float = metadata.dtype().is_ok_and(DataType::is_float);
        let time_axis = (0..metadata.shape.len()).find(|&axis| metadata.dimension(axis) == "time");
        if let Some(axis) = time_axis.filter(|&axis| axis > 0 && is_float) {
            self.problems.push(format!(
                "{path}: time is dimension {axis} and not the first, so it is not shown. In xarray: \
                 `ds[\"{path}\"] = ds[\"{path}\"].transpose(\"time\", ...)`",
            ));
        }
    }

    fn check_fields(&mut self, fields: &[&Array], arrays: &[Array]) {
        if fields.is_empty() {
            let names: Vec<&str> = arrays.iter().map(Array::path).collect();
            self.problems.push(format!(
                "There is nothing to show: none of the arrays ({}) is a float array (time, bin). Name the dimensions \
                 in xarray: `xr.DataArray(posterior, dims=(\"time\", \"bin\"))`.",
                if names.is_empty() { "none found".to_owned() } else { names.join(", ") },
            ));
        }
        let widths: Vec<String> =
            fields.iter().map(|field| format!("{} {}", field.path(), field.width())).collect();
        if fields.iter().any(|field| field.width() != fields[0].width()) {
            self.problems.push(format!("The fields have different numbers of bins: {}.", widths.join(", ")));
        }
    }

    fn describe_time(&mut self, document: Option<&SessionDocument>, fields: &[&Array], arrays: &[Array]) {
        let frames = fields.first().map_or(0, |field| field.frames());
        if let Some(TimeRef::Regular { start, rate }) = document.and_then(|document| document.time.as_ref()) {
            let stop = start + frames.saturating_sub(1) as f64 / rate;
            self.lines.push(format!("time span: {start} … {stop} s at {rate} Hz"));
            return;
        }
        let Some(time) =
            arrays.iter().find(|array| array.path() == "time" && array.metadata().shape.len() == 1)
        else {
            self.problems.push(
                "There is no `time` array and no session document that says the rate, so frames have no time.".to_owned(),
            );
            return;
        };
        if frames > 0 && time.frames() != frames {
            let of_time = time.frames();
            self.problems.push(format!("`time` has {of_time} values and the fields have {frames} frames."));
        }
        let end = |chunk: u64| -> Result<Vec<f64>, ArrayError> {
            let encoded = block_on(time.fetch(chunk))?;
            Ok(time.decode_f64(&encoded)?.iter().copied().collect())
        };
        match end(0).and_then(|first| Ok((first, end(time.chunks().saturating_sub(1))?))) {
            Ok((first, last)) => {
                let (Some(&start), Some(&stop)) = (first.first(), last.last()) else {
                    return;
                };
                let rate = (time.frames().saturating_sub(1)) as f64 / (stop - start);
                self.lines.push(format!("time span: {start} … {stop} s, {rate:.6} Hz on average"));
                if first.windows(2).any(|pair| pair[1] <= pair[0]) {
                    self.problems.push("`time` does not increase from frame to frame.".to_owned());
                }
            }
            Err(error) => self.problems.push(format!("time: {error}")),
        }
    }

    fn check_environment(&mut self, document: Option<&SessionDocument>, fields: &[&Array], arrays: &[Array]) {
        let environment = match document.and_then(|document| document.environment.as_ref()) {
            Some(EnvironmentRef::Inline(dict)) => match Environment::from_dict(dict, None) {
                Ok(environment) => environment,
                Err(error) => return self.problems.push(format!("environment: {error}")),
            },
            Some(EnvironmentRef::Ref(reference)) => {
                return self.lines.push(format!("environment: {reference} (not looked at)"));
            }
            None => {
                let bins = |name: &str| arrays.iter().find(|array| array.path() == name).map(Array::frames);
                match (bins("bin_center_x"), bins("bin_center_y")) {
                    (Some(x), Some(y)) => {
                        self.lines.push(format!("environment: from {x} bin centres"));
                        for field in fields.iter().filter(|field| field.width() as u64 != x || x != y) {
                            let (path, width) = (field.path(), field.width());
                            self.problems.push(format!(
                                "{path} has {width} bins, bin_center_x {x} and bin_center_y {y}; they have to agree."
                            ));
                        }
                    }
                    _ => self.problems.push(
                        "Nothing says where the bins are: there is no environment and no bin_center_x, bin_center_y. \
                         neurospatial's `DecodingResult.to_xarray()` writes them."
                            .to_owned(),
                    ),
                }
                return;
            }
        };
        let bounds = environment.bounds();
        let units = environment.units.as_deref().unwrap_or("");
        self.lines.push(format!(
            "environment: {} bins, x {:.4} … {:.4}, y {:.4} … {:.4} {units}",
            environment.bins(),
            bounds.x[0],
            bounds.x[1],
            bounds.y[0],
            bounds.y[1],
        ));
        for field in fields {
            if let Err(error) = environment.check_bins(field.path(), field.width()) {
                self.problems.push(error.to_string());
            }
        }
    }
}

/// Decoded bytes of one chunk.
fn chunk_bytes(array: &Array) -> u64 {
    let size = array.metadata().dtype().map_or(4, DataType::size) as u64;
    array.chunk_frames().saturating_mul(array.width() as u64).saturating_mul(size)
}

/// The chunk shape of the array's own grid, which of a sharded array is the shard.
fn outer_shape(metadata: &ArrayMetadata) -> Option<Vec<u64>> {
    let shape = metadata.chunk_grid.configuration.get("chunk_shape")?.as_array()?;
    shape.iter().map(Value::as_u64).collect()
}
