//! From a Zarr group to a [`Session`], in as few round trips as its parts allow.

use std::rc::Rc;

use futures_util::future::{join, try_join, try_join_all, try_join3};
use serde_json::{Map, Value};

use super::{
    DOCUMENT_VERSION, EnvironmentRef, Field, FieldEntry, Overlay, OverlayEntry, PositionEntry, Session,
    SessionDocument, SessionError, TimeAxis, TimeRef, seconds_per_unit,
};
use crate::array::{Array, ArrayError, Group, open_array, open_group};
use crate::environment::Environment;
use crate::error::{Error, ErrorKind};
use crate::source::{ByteSource, Span};

/// A time array up to this size is read whole at open; a larger one is judged by its ends first.
const TIMES_AT_ONCE: u64 = 1 << 20;

/// Opens the group at the root of `source`.
///
/// Reads `zarr.json`, then, together, whatever coordinates the session document does not already hold: at most
/// two round trips with consolidated metadata, three without. `at` is the time in seconds that will be shown first:
/// where its frame is known before any coordinate is read, its shard's index is read along with them.
pub async fn open(source: Rc<dyn ByteSource>, at: Option<f64>) -> Result<Session, Error> {
    let group = open_group(&source, "").await?;
    let library = Library { source, group };
    let document = read_document(&library.group.attributes)?.unwrap_or_default();
    let mut notes = Vec::new();

    let fields = library.fields(document.fields.as_deref(), &mut notes).await?;
    let frames = fields.first().map_or(0, |field| field.array.frames());
    let positions: Vec<&PositionEntry> = document
        .overlays
        .iter()
        .filter_map(|entry| match entry {
            OverlayEntry::Position(position) => Some(position),
            OverlayEntry::Unknown(other) => {
                let kind = other.get("type").and_then(Value::as_str).unwrap_or("without a type");
                notes.push(format!("An overlay of type `{kind}` is not drawn by this version."));
                None
            }
        })
        .collect();
    let coordinates = try_join3(
        library.time(document.time.as_ref(), frames),
        library.environment(document.environment.as_ref()),
        try_join_all(positions.into_iter().map(|entry| library.position(entry))),
    );
    let (coordinates, ()) = join(coordinates, prepare(&fields, document.time.as_ref(), at)).await;
    let ((time, unchecked_time), environment, mut overlays) = coordinates?;

    for i in 0..overlays.len() {
        let taken = fields.iter().map(|field| field.name.as_str());
        let taken = taken.chain(overlays[..i].iter().map(|overlay| overlay.name.as_str()));
        overlays[i].name = unique(&overlays[i].name, &taken);
    }
    for field in &fields {
        let bins = field.array.width();
        if bins != environment.bins() {
            let environment = environment.bins();
            return Err(SessionError::BinCount { field: field.name.clone(), bins, environment }.into());
        }
        same_frames(&field.name, &field.array, &time)?;
    }
    notes.extend(environment.notes.iter().cloned());
    let name = document.name.unwrap_or_else(|| library.root_name());
    let description = document.description;
    Ok(Session { name, description, time, unchecked_time, fields, environment, overlays, notes })
}

/// Reads what the first picture's chunk needs to be found, if it can be told which that is.
async fn prepare(fields: &[Field], time: Option<&TimeRef>, at: Option<f64>) {
    let Some(array) = fields.first().map(|field| &field.array).filter(|array| array.frames() > 0) else {
        return;
    };
    let frame = match (time, at) {
        (_, None) => 0,
        (Some(TimeRef::Regular { start, rate }), Some(at)) => {
            TimeAxis::regular(*start, *rate, array.frames()).map_or(0, |axis| axis.frame_at(at))
        }
        _ => return,
    };
    // Should it fail, fetching the chunk fails too and tells why.
    let _ = array.prepare(array.chunk_of(frame)).await;
}

/// Reads a whole time array; how an axis inferred from its ends is checked once there is time for it.
pub async fn check_times(array: &Array) -> Result<TimeAxis, Error> {
    let mut times = Vec::new();
    for chunk in 0..array.chunks() {
        times.extend(read_column(array, chunk).await?);
    }
    let scale = time_scale(array)?;
    Ok(TimeAxis::from_times(times.into_iter().map(|time| time * scale).collect())?)
}

fn read_document(attributes: &Map<String, Value>) -> Result<Option<SessionDocument>, SessionError> {
    let Some(value) = attributes.get("replayscope") else { return Ok(None) };
    // The version is looked at first: a later document may have any other shape.
    if let Some(version) = value.get("version").and_then(Value::as_u64)
        && version > u64::from(DOCUMENT_VERSION)
    {
        return Err(SessionError::NewerDocument { version, known: DOCUMENT_VERSION });
    }
    let document: SessionDocument = serde_json::from_value(value.clone())
        .map_err(|error| SessionError::BadDocument { reason: error.to_string() })?;
    Ok(Some(document))
}

fn same_frames(name: &str, array: &Array, time: &TimeAxis) -> Result<(), SessionError> {
    let (frames, times) = (array.frames(), time.frames());
    if frames == times {
        Ok(())
    } else {
        Err(SessionError::FrameCount { field: name.to_owned(), frames, times })
    }
}

fn time_scale(array: &Array) -> Result<f64, SessionError> {
    seconds_per_unit(array.metadata().attributes.get("units").and_then(Value::as_str))
}

async fn read_column(array: &Array, chunk: u64) -> Result<Vec<f64>, Error> {
    let encoded = array.fetch(chunk).await?;
    Ok(array.decode_f64(&encoded)?.into_iter().collect())
}

/// The group being opened, and how its references are followed.
struct Library {
    source: Rc<dyn ByteSource>,
    group: Group,
}

impl Library {
    fn root_name(&self) -> String {
        let location = self.source.location("");
        location.trim_end_matches('/').rsplit('/').next().unwrap_or("session").to_owned()
    }

    /// Opens what a reference names: a path within the group, or `URL#path`.
    async fn array(&self, reference: &str) -> Result<Rc<Array>, Error> {
        if let Some(metadata) = self.group.arrays.get(reference) {
            return Ok(Rc::new(Array::new(self.source.clone(), reference, metadata.clone())?));
        }
        let elsewhere =
            reference.contains("://") || reference.contains('#') || reference.starts_with(['.', '/']);
        if !elsewhere {
            return Ok(Rc::new(open_array(&self.source, reference).await?));
        }
        let (root, path) = reference.split_once('#').unwrap_or((reference, ""));
        let source = if root.is_empty() { self.source.clone() } else { self.source.open(root)? };
        Ok(Rc::new(open_array(&source, path).await?))
    }

    /// An array of the group by name: `None` where there is none.
    async fn find(&self, name: &str) -> Result<Option<Rc<Array>>, Error> {
        if self.group.consolidated && !self.group.arrays.contains_key(name) {
            return Ok(None);
        }
        match self.array(name).await {
            Ok(array) => Ok(Some(array)),
            Err(error) if matches!(error.kind(), ErrorKind::Array(ArrayError::Missing { .. })) => Ok(None),
            Err(error) => Err(error),
        }
    }

    async fn fields(
        &self,
        entries: Option<&[FieldEntry]>,
        notes: &mut Vec<String>,
    ) -> Result<Vec<Field>, Error> {
        let entries = match entries {
            Some(entries) => entries.to_vec(),
            None => self.infer_fields(notes),
        };
        let opened = try_join_all(entries.iter().map(|entry| self.array(&entry.array))).await?;
        let mut fields = Vec::new();
        for (entry, array) in entries.into_iter().zip(opened) {
            let metadata = array.metadata();
            let transposed = metadata.dimension(1) == "time";
            if metadata.shape.len() != 2 || transposed {
                let dimensions: Vec<&str> =
                    (0..metadata.shape.len()).map(|i| metadata.dimension(i)).collect();
                return Err(SessionError::Shape {
                    name: entry.name,
                    shape: format!("{:?} over ({})", metadata.shape, dimensions.join(", ")),
                    needed: "a field is (time, bin): `ds.transpose(\"time\", \"bin\")`, other dimensions stacked into bin"
                        .to_owned(),
                }
                .into());
            }
            fields.push(Field {
                name: unique(&entry.name, &fields.iter().map(|field: &Field| field.name.as_str())),
                units: entry.units.or_else(|| text(&array.metadata().attributes, "units")),
                array,
                colormap: entry.colormap,
                limits: entry.range,
            });
        }
        if fields.is_empty() {
            let found: Vec<String> = self
                .group
                .arrays
                .iter()
                .map(|(name, metadata)| format!("{name} {:?} {}", metadata.shape, metadata.data_type.name))
                .collect();
            let found = if found.is_empty() { "none".to_owned() } else { found.join(", ") };
            return Err(SessionError::NoFields { found }.into());
        }
        Ok(fields)
    }

    /// The float arrays over (time, bin); `posterior` first, since that is what people come for.
    fn infer_fields(&self, notes: &mut Vec<String>) -> Vec<FieldEntry> {
        if !self.group.consolidated {
            // A static server cannot list a folder; the name that every decoder writes is all there is to try.
            return vec![entry("posterior")];
        }
        notes.extend(
            self.group.unreadable.iter().map(|(name, error)| format!("`{name}` is left out: {error}")),
        );
        let bin = self
            .group
            .arrays
            .get("bin_center_x")
            .map(|metadata| metadata.dimension(0))
            .filter(|name| !name.is_empty());
        let mut names: Vec<&String> = Vec::new();
        for (name, metadata) in &self.group.arrays {
            let is_float = metadata.dtype().is_ok_and(crate::array::DataType::is_float);
            if !is_float || metadata.shape.len() < 2 || !matches!(metadata.dimension(0), "time" | "") {
                continue;
            }
            let over_bins = bin.is_none_or(|bin| [bin, ""].contains(&metadata.dimension(1)));
            if metadata.shape.len() == 2 && over_bins {
                names.push(name);
            } else {
                notes
                    .push(format!("`{name}` {:?} is not over (time, bin) and is not shown.", metadata.shape));
            }
        }
        names.sort_by_key(|name| (name.as_str() != "posterior", *name));
        names.into_iter().map(|name| entry(name)).collect()
    }

    async fn time(
        &self,
        time: Option<&TimeRef>,
        frames: u64,
    ) -> Result<(TimeAxis, Option<Rc<Array>>), Error> {
        match time {
            Some(TimeRef::Regular { start, rate }) => Ok((TimeAxis::regular(*start, *rate, frames)?, None)),
            Some(TimeRef::Array { array }) => read_times(self.array(array).await?).await,
            None => match self.find("time").await? {
                Some(array) => read_times(array).await,
                None => Err(SessionError::NoTime.into()),
            },
        }
    }

    async fn environment(&self, environment: Option<&EnvironmentRef>) -> Result<Environment, Error> {
        let dict = match environment {
            None => None,
            Some(EnvironmentRef::Inline(dict)) => Some(dict.clone()),
            Some(EnvironmentRef::Ref(reference)) => Some(self.json(reference).await?),
        };
        let Some(dict) = dict else {
            let centers = self.centers().await?.ok_or(SessionError::NoGeometry)?;
            let mut environment = Environment::from_centers(&centers)?;
            environment.units = text(&self.group.attributes, "units");
            return Ok(environment);
        };
        // neurospatial keeps its arrays beside the dict; the session's own bin centres then say what is missing.
        match Environment::from_dict(&dict, None) {
            Ok(environment) => Ok(environment),
            Err(error) => match self.centers().await? {
                Some(centers) => Ok(Environment::from_dict(&dict, Some(&centers))?),
                None => Err(error.into()),
            },
        }
    }

    async fn json(&self, reference: &str) -> Result<Value, Error> {
        let (folder, file) = reference.rsplit_once('/').unwrap_or(("", reference));
        let source =
            if folder.is_empty() { self.source.clone() } else { self.source.open(&format!("{folder}/"))? };
        let bytes = source.read(file, Span::Whole).await?;
        serde_json::from_slice(&bytes).map_err(|error| {
            let reason = format!("its environment {} is no JSON ({error})", source.location(file));
            SessionError::BadDocument { reason }.into()
        })
    }

    /// Bin centres from the group's coordinates; a session with x alone is a line.
    async fn centers(&self) -> Result<Option<Vec<[f64; 2]>>, Error> {
        let column = async |name| match self.find(name).await? {
            Some(array) => read_all(&array).await.map(Some),
            None => Ok(None),
        };
        let (Some(x), y) = try_join(column("bin_center_x"), column("bin_center_y")).await? else {
            return Ok(None);
        };
        let y = y.unwrap_or_else(|| vec![0.0; x.len()]);
        if x.len() != y.len() {
            return Err(SessionError::Shape {
                name: "bin_center_y".to_owned(),
                shape: format!("[{}]", y.len()),
                needed: format!("bin_center_x has {}; both hold one value a bin", x.len()),
            }
            .into());
        }
        Ok(Some(x.into_iter().zip(y).map(|(x, y)| [x, y]).collect()))
    }

    async fn position(&self, entry: &PositionEntry) -> Result<Overlay, Error> {
        let array = self.array(&entry.array).await?;
        if array.metadata().shape.len() != 2 || array.width() != 2 {
            return Err(SessionError::Shape {
                name: entry.name.clone(),
                shape: format!("{:?}", array.metadata().shape),
                needed: "positions are (n, 2): x and y in the environment's units".to_owned(),
            }
            .into());
        }
        let (time, _) = match &entry.time {
            TimeRef::Regular { start, rate } => (TimeAxis::regular(*start, *rate, array.frames())?, None),
            TimeRef::Array { array } => read_times(self.array(array).await?).await?,
        };
        same_frames(&entry.name, &array, &time)?;
        Ok(Overlay {
            name: entry.name.clone(),
            array,
            time,
            color: parse_color(&entry.color),
            size: if entry.size.is_finite() { entry.size.clamp(1.0, 200.0) } else { 10.0 },
            trail_length: if entry.trail_length.is_finite() { entry.trail_length.max(0.0) } else { 0.0 },
        })
    }
}

/// A time axis from an array: whole where small, else from its ends with the array still to be checked.
async fn read_times(array: Rc<Array>) -> Result<(TimeAxis, Option<Rc<Array>>), Error> {
    if array.metadata().shape.len() != 1 {
        return Err(SessionError::Shape {
            name: "time".to_owned(),
            shape: format!("{:?}", array.metadata().shape),
            needed: "a time axis is 1-D, one stamp a frame".to_owned(),
        }
        .into());
    }
    let (frames, chunks) = (array.frames(), array.chunks());
    if frames * 8 <= TIMES_AT_ONCE || chunks < 3 {
        return Ok((check_times(&array).await?, None));
    }
    let scale = time_scale(&array)?;
    let ends = try_join_all([0, chunks - 1].map(|chunk| read_column(&array, chunk))).await?;
    let head = TimeAxis::from_times(ends[0].iter().map(|time| time * scale).collect())?;
    if let TimeAxis::Regular { start, .. } = head
        && let Some(last) = ends[1].last()
        && let Ok(guess) = TimeAxis::from_ends(start, last * scale, frames)
        && guess.agrees(0, &ends[0], scale)
        && guess.agrees(frames - ends[1].len() as u64, &ends[1], scale)
    {
        return Ok((guess, Some(array)));
    }
    Ok((check_times(&array).await?, None))
}

async fn read_all(array: &Array) -> Result<Vec<f64>, Error> {
    let parts = try_join_all((0..array.chunks()).map(|chunk| read_column(array, chunk))).await?;
    Ok(parts.concat())
}

fn text(attributes: &Map<String, Value>, key: &str) -> Option<String> {
    attributes.get(key).and_then(Value::as_str).map(str::to_owned)
}

fn entry(name: &str) -> FieldEntry {
    FieldEntry { name: name.to_owned(), array: name.to_owned(), units: None, colormap: None, range: None }
}

/// Links name layers, so two of one name are told apart.
fn unique<'a>(name: &str, taken: &(impl Iterator<Item = &'a str> + Clone)) -> String {
    let mut free = name.to_owned();
    let mut n = 1;
    while taken.clone().any(|other| other == free) {
        n += 1;
        free = format!("{name} ({n})");
    }
    free
}

/// `#rrggbb`; anything else is the default red, since a colour is no reason not to open a session.
fn parse_color(color: &str) -> [u8; 3] {
    let parsed = color
        .strip_prefix('#')
        .filter(|hex| hex.len() == 6)
        .and_then(|hex| u32::from_str_radix(hex, 16).ok());
    parsed.map_or([0xff, 0x3b, 0x30], |rgb| [(rgb >> 16) as u8, (rgb >> 8) as u8, rgb as u8])
}
