//! From a Zarr group to a [`Session`], in as few round trips as its parts allow: a plan of what is wanted, the reads,
//! all together, and what they make.

use std::rc::Rc;

use super::{
    DOCUMENT_VERSION, EnvironmentRef, Field, FieldEntry, Level, Overlay, OverlayEntry, PositionEntry,
    Session, SessionDocument, SessionError, TimeAxis, TimeRef, seconds_per_unit,
};
use crate::array::{Array, ArrayError, DataType, Group, open_array, open_group};
use crate::environment::Environment;
use crate::error::{Error, ErrorKind};
use crate::join::{Boxed, join};
use crate::json::Json;
use crate::order::order;
use crate::source::{ByteSource, Span};

/// A time array up to this size is read whole at open; a larger one is judged by its ends first.
const TIMES_AT_ONCE: u64 = 1 << 20;

/// Opens the group at the root of `source`.
///
/// Reads `zarr.json`, then, together, whatever the session document does not already hold: at most two round trips
/// with consolidated metadata, three without. `at` is the time in seconds that will be shown first: where its frame is
/// known before any coordinate is read, its shard's index is read along with them.
pub async fn open(source: Rc<dyn ByteSource>, at: Option<f64>) -> Result<Session, Error> {
    let group = open_group(&source, "").await?;
    let document = read_document(&group.attributes)?.unwrap_or_default();
    let library = Library { source, group, document, at };
    let mut plan = Plan::new(&library)?;
    let mut parts = library.load(&plan.wanted).await?;
    if let Some(dict) = &parts[DICT].dict {
        plan.environment = Environment::from_dict(dict, None).ok();
        if plan.environment.is_none() {
            let centers = library.load(&[Wanted::center("x"), Wanted::center("y")]).await?;
            parts.splice(X..=Y, centers);
        }
    }
    library.session(plan, parts)
}

/// Reads a whole time array, as long as it is `wanted`; how an axis inferred from its ends is checked once there is time
/// for it.
pub async fn check_times(array: &Array, wanted: impl Fn() -> bool) -> Result<Option<TimeAxis>, Error> {
    let mut columns = Vec::new();
    for chunk in 0..array.chunks() {
        if !wanted() {
            return Ok(None);
        }
        columns.push(read_chunk(array, chunk).await?);
    }
    whole_axis(array, &columns).map(Some)
}

fn read_document(attributes: &Json) -> Result<Option<SessionDocument>, SessionError> {
    let Some(value) = attributes.get("replayscope") else { return Ok(None) };
    // The version is looked at first: a later document may have any other shape.
    if let Some(version) = value.get("version").and_then(Json::as_u64)
        && version > u64::from(DOCUMENT_VERSION)
    {
        return Err(SessionError::NewerDocument { version, known: DOCUMENT_VERSION });
    }
    SessionDocument::read(value).map(Some).map_err(|reason| SessionError::BadDocument { reason })
}

/// Something that a reference names, and what opening needs of it.
struct Wanted {
    reference: String,
    need: Need,
    /// Whether the group can do without.
    optional: bool,
}

#[derive(Clone, Copy, PartialEq)]
enum Need {
    Nothing,
    /// The JSON in it.
    Dict,
    /// An array's metadata.
    Array,
    /// That, and where in it the chunk of the first picture lies.
    Picture,
    /// All values of an array.
    Column,
    /// As many values as a time axis takes.
    Times,
}

impl Wanted {
    fn new(reference: &str, need: Need) -> Self {
        Self { reference: reference.to_owned(), need, optional: false }
    }

    fn center(axis: &str) -> Self {
        Self { optional: true, ..Self::new(&format!("bin_center_{axis}"), Need::Column) }
    }

    fn time(time: Option<&TimeRef>) -> Self {
        match time {
            Some(TimeRef::Regular { .. }) => Self::new("", Need::Nothing),
            Some(TimeRef::Array { array }) => Self::new(array, Need::Times),
            None => Self { optional: true, ..Self::new("time", Need::Times) },
        }
    }
}

/// What came of a reference: nothing where it is missing and may be.
#[derive(Default)]
struct Part {
    dict: Option<Json>,
    array: Option<Rc<Array>>,
    /// Values by chunk: of all of them, or of the first and the last.
    columns: Vec<Vec<f64>>,
}

/// Places in the list of what is wanted; the fields and the overlays (each an array and its time) follow.
const TIME: usize = 0;
const DICT: usize = 1;
const X: usize = 2;
const Y: usize = 3;
const FIELDS: usize = 4;

/// What is to be read, as far as the group's metadata tells.
struct Plan {
    wanted: Vec<Wanted>,
    fields: Vec<FieldEntry>,
    overlays: Vec<PositionEntry>,
    /// Where the document holds all of it.
    environment: Option<Environment>,
    notes: Vec<String>,
}

impl Plan {
    fn new(library: &Library) -> Result<Self, SessionError> {
        let document = &library.document;
        let mut notes = Vec::new();
        let fields = match &document.fields {
            Some(entries) => entries.clone(),
            None => library.infer_fields(&mut notes),
        };
        if fields.is_empty() {
            return Err(SessionError::NoFields { found: library.found() });
        }
        let mut overlays = Vec::new();
        for entry in &document.overlays {
            match entry {
                OverlayEntry::Position(position) => overlays.push(position.clone()),
                OverlayEntry::Unknown(other) => {
                    let kind = other.get("type").and_then(Json::as_str).unwrap_or("without a type");
                    notes.push(format!("An overlay of type `{kind}` is not drawn by this version."));
                }
            }
        }
        let (mut dict, mut environment) = (Wanted::new("", Need::Nothing), None);
        match &document.environment {
            None => {}
            Some(EnvironmentRef::Ref(reference)) => dict = Wanted::new(reference, Need::Dict),
            // neurospatial keeps its arrays beside the dict; the session's own bin centres then say what is missing.
            Some(EnvironmentRef::Inline(dict)) => environment = Environment::from_dict(dict, None).ok(),
        }
        let centers = ["x", "y"].map(|axis| {
            let needless = environment.is_some() || dict.need == Need::Dict;
            if needless { Wanted::new("", Need::Nothing) } else { Wanted::center(axis) }
        });
        let mut wanted = vec![Wanted::time(document.time.as_ref()), dict];
        wanted.extend(centers);
        wanted.extend(fields.iter().map(|entry| Wanted::new(&entry.array, Need::Array)));
        wanted[FIELDS].need = Need::Picture;
        for entry in &overlays {
            wanted.extend([Wanted::new(&entry.array, Need::Array), Wanted::time(Some(&entry.time))]);
        }
        Ok(Self { wanted, fields, overlays, environment, notes })
    }
}

/// The group being opened, and how its references are followed.
struct Library {
    source: Rc<dyn ByteSource>,
    group: Group,
    document: SessionDocument,
    at: Option<f64>,
}

impl Library {
    fn root_name(&self) -> String {
        let location = self.source.location("");
        location.trim_end_matches('/').rsplit('/').next().unwrap_or("session").to_owned()
    }

    fn found(&self) -> String {
        let arrays = self.group.arrays.iter();
        let found: Vec<String> = arrays
            .map(|(name, metadata)| format!("{name} {:?} {}", metadata.shape, metadata.data_type.name))
            .collect();
        if found.is_empty() { "none".to_owned() } else { found.join(", ") }
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
            .array("bin_center_x")
            .map(|metadata| metadata.dimension(0))
            .filter(|name| !name.is_empty());
        let mut names: Vec<&String> = Vec::new();
        for (name, metadata) in &self.group.arrays {
            let is_float = metadata.dtype().is_ok_and(DataType::is_float);
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
        if let Some(at) = names.iter().position(|name| *name == "posterior") {
            names[..=at].rotate_right(1);
        }
        names.into_iter().map(|name| entry(name)).collect()
    }

    /// The pooled levels of a field, as the attributes of the group's arrays tell them.
    fn levels(&self, field: &str, array: &Array, notes: &mut Vec<String>) -> Vec<Level> {
        let mut levels: Vec<Level> = Vec::new();
        for (path, metadata) in &self.group.arrays {
            let Some(pooling) = metadata.attributes.get("pooling") else { continue };
            let text = |key: &str| pooling.get(key).and_then(Json::as_str);
            if text("of") != Some(field) || text("method") != Some("max") {
                continue;
            }
            let frames = pooling.get("frames").and_then(Json::as_u64).unwrap_or_default();
            let level = Array::new(self.source.clone(), path, metadata.clone());
            match level {
                Ok(level)
                    if frames > 1
                        && level.width() == array.width()
                        && level.frames() == array.frames().div_ceil(frames) =>
                {
                    levels.push(Level { array: Rc::new(level), frames });
                }
                Ok(level) => notes.push(format!(
                    "`{path}` {} × {} is left out: it does not hold blocks of {frames} frames of `{field}`.",
                    level.frames(),
                    level.width()
                )),
                Err(error) => notes.push(format!("`{path}` is left out: {error}")),
            }
        }
        let order = order(levels.len(), &mut |a, b| levels[a].frames.cmp(&levels[b].frames));
        let mut levels: Vec<Option<Level>> = levels.into_iter().map(Some).collect();
        let mut ascending: Vec<Level> = Vec::new();
        for level in order.into_iter().filter_map(|at| levels[at].take()) {
            // Blocks of one level have to be made of whole blocks of the one before.
            let finer = ascending.last().map_or(1, |finer| finer.frames);
            if level.frames > finer && level.frames % finer == 0 {
                ascending.push(level);
            }
        }
        ascending
    }

    /// Reads all that is wanted, together.
    async fn load(&self, wanted: &[Wanted]) -> Result<Vec<Part>, Error> {
        join(wanted.iter().map(|wanted| Box::pin(self.part(wanted)) as _).collect(), wanted.len()).await
    }

    async fn part(&self, wanted: &Wanted) -> Result<Part, Error> {
        let Wanted { reference, need, optional } = wanted;
        let absent = self.group.consolidated && self.group.array(reference).is_none();
        if *need == Need::Nothing || (*optional && absent) {
            return Ok(Part::default());
        }
        if *need == Need::Dict {
            return Ok(Part { dict: Some(self.json(reference).await?), ..Part::default() });
        }
        let array = match self.array(reference).await {
            Ok(array) => Rc::new(array),
            Err(error)
                if *optional && matches!(error.kind(), ErrorKind::Array(ArrayError::Missing { .. })) =>
            {
                return Ok(Part::default());
            }
            Err(error) => return Err(error),
        };
        if *need == Need::Picture
            && let Some(frame) = self.first_frame(&array)
        {
            // Should it fail, fetching the chunk fails too and tells why.
            let _ = array.prepare(array.chunk_of(frame)).await;
        }
        let all = || (0..array.chunks()).collect();
        let mut columns = Vec::new();
        if *need == Need::Column {
            columns = read(&array, all(), usize::MAX).await?;
        }
        if *need == Need::Times && array.metadata().shape.len() == 1 {
            let large = array.frames() * 8 > TIMES_AT_ONCE && array.chunks() >= 3;
            columns =
                read(&array, if large { vec![0, array.chunks() - 1] } else { all() }, usize::MAX).await?;
            if large && axis_from_ends(&array, &columns)?.is_none() {
                columns = read(&array, all(), usize::MAX).await?;
            }
        }
        Ok(Part { dict: None, array: Some(array), columns })
    }

    /// Opens what a reference names: a path within the group, or `URL#path`.
    async fn array(&self, reference: &str) -> Result<Array, Error> {
        if let Some(metadata) = self.group.array(reference) {
            return Array::new(self.source.clone(), reference, metadata.clone());
        }
        let elsewhere =
            reference.contains("://") || reference.contains('#') || reference.starts_with(['.', '/']);
        if !elsewhere {
            return open_array(&self.source, reference).await;
        }
        let (root, path) = reference.split_once('#').unwrap_or((reference, ""));
        let source = if root.is_empty() { self.source.clone() } else { self.source.open(root)? };
        open_array(&source, path).await
    }

    async fn json(&self, reference: &str) -> Result<Json, Error> {
        let (folder, file) = reference.rsplit_once('/').unwrap_or(("", reference));
        let source =
            if folder.is_empty() { self.source.clone() } else { self.source.open(&format!("{folder}/"))? };
        let bytes = source.read(file, Span::Whole).await?;
        Json::parse(&bytes).map_err(|error| {
            let reason = format!("its environment {} is no JSON ({error})", source.location(file));
            SessionError::BadDocument { reason }.into()
        })
    }

    /// The frame that will be shown first, if it can be told before any coordinate is read.
    fn first_frame(&self, array: &Array) -> Option<u64> {
        let frames = array.frames();
        match (&self.document.time, self.at) {
            _ if frames == 0 => None,
            (_, None) => Some(0),
            (Some(TimeRef::Regular { start, rate }), Some(at)) => {
                Some(TimeAxis::regular(*start, *rate, frames).map_or(0, |axis| axis.frame_at(at)))
            }
            _ => None,
        }
    }

    /// Puts the parts together, and checks that they belong together.
    fn session(self, plan: Plan, mut parts: Vec<Part>) -> Result<Session, Error> {
        let Plan { fields: entries, overlays: positions, environment, mut notes, .. } = plan;
        let mut layers = parts.split_off(FIELDS).into_iter();
        let mut fields: Vec<Field> = Vec::new();
        for (entry, part) in entries.into_iter().zip(layers.by_ref()) {
            let name = unique(&entry.name, fields.iter().map(|field| &field.name));
            let reference = entry.array.clone();
            let Some(array) = part.array else { continue };
            let levels = self.levels(&reference, &array, &mut notes);
            fields.push(Field { levels, ..field(entry, name, array)? });
        }
        let frames = fields.first().map_or(0, |field| field.array.frames());
        let (time, unchecked_time) = time_axis(self.document.time.as_ref(), &parts[TIME], frames)?;
        let environment = match environment {
            Some(environment) => environment,
            None => self.environment(&parts)?,
        };
        let mut overlays: Vec<Overlay> = Vec::new();
        for entry in positions {
            let (Some(Part { array: Some(array), .. }), Some(time)) = (layers.next(), layers.next()) else {
                break;
            };
            let taken = fields.iter().map(|field| &field.name);
            let name = unique(&entry.name, taken.chain(overlays.iter().map(|overlay| &overlay.name)));
            overlays.push(overlay(&entry, name, array, &time)?);
        }
        for field in &fields {
            let (bins, environment) = (field.array.width(), environment.bins());
            if bins != environment {
                return Err(SessionError::BinCount { field: field.name.clone(), bins, environment }.into());
            }
            same_frames(&field.name, &field.array, &time)?;
        }
        notes.extend(environment.notes.iter().cloned());
        let name = self.document.name.clone().unwrap_or_else(|| self.root_name());
        let description = self.document.description;
        Ok(Session { name, description, time, unchecked_time, fields, environment, overlays, notes })
    }

    /// The environment, where the bin centres of the group are to make it or complete it.
    fn environment(&self, parts: &[Part]) -> Result<Environment, Error> {
        let centers = centers(&parts[X], &parts[Y])?;
        let inline = match &self.document.environment {
            Some(EnvironmentRef::Inline(dict)) => Some(dict),
            _ => None,
        };
        if let Some(dict) = parts[DICT].dict.as_ref().or(inline) {
            return Ok(Environment::from_dict(dict, centers.as_deref())?);
        }
        let mut environment = Environment::from_centers(&centers.ok_or(SessionError::NoGeometry)?)?;
        environment.units = text(&self.group.attributes, "units");
        Ok(environment)
    }
}

fn field(entry: FieldEntry, name: String, array: Rc<Array>) -> Result<Field, SessionError> {
    let metadata = array.metadata();
    let transposed = metadata.dimension(1) == "time";
    if metadata.shape.len() != 2 || transposed {
        let dimensions: Vec<&str> = (0..metadata.shape.len()).map(|i| metadata.dimension(i)).collect();
        return Err(SessionError::Shape {
            name: entry.name,
            shape: format!("{:?} over ({})", metadata.shape, dimensions.join(", ")),
            needed:
                "a field is (time, bin): `ds.transpose(\"time\", \"bin\")`, other dimensions stacked into bin"
                    .to_owned(),
        });
    }
    let units = entry.units.or_else(|| text(&metadata.attributes, "units"));
    Ok(Field { name, units, array, colormap: entry.colormap, limits: entry.range, levels: Vec::new() })
}

fn overlay(entry: &PositionEntry, name: String, array: Rc<Array>, time: &Part) -> Result<Overlay, Error> {
    if array.metadata().shape.len() != 2 || array.width() != 2 {
        return Err(SessionError::Shape {
            name: entry.name.clone(),
            shape: format!("{:?}", array.metadata().shape),
            needed: "positions are (n, 2): x and y in the environment's units".to_owned(),
        }
        .into());
    }
    let (time, _) = time_axis(Some(&entry.time), time, array.frames())?;
    same_frames(&entry.name, &array, &time)?;
    Ok(Overlay {
        name,
        array,
        time,
        color: parse_color(&entry.color),
        size: if entry.size.is_finite() { entry.size.clamp(1.0, 200.0) } else { 10.0 },
        trail_length: if entry.trail_length.is_finite() { entry.trail_length.max(0.0) } else { 0.0 },
    })
}

/// A centre for each bin; a session with x alone is a line.
fn centers(x: &Part, y: &Part) -> Result<Option<Vec<[f64; 2]>>, SessionError> {
    if x.array.is_none() {
        return Ok(None);
    }
    let x = x.columns.concat();
    let y = if y.array.is_some() { y.columns.concat() } else { vec![0.0; x.len()] };
    if x.len() != y.len() {
        return Err(SessionError::Shape {
            name: "bin_center_y".to_owned(),
            shape: format!("[{}]", y.len()),
            needed: format!("bin_center_x has {}; both hold one value a bin", x.len()),
        });
    }
    Ok(Some(x.into_iter().zip(y).map(|(x, y)| [x, y]).collect()))
}

/// A time axis, and its array where that is still to be checked.
fn time_axis(
    time: Option<&TimeRef>,
    part: &Part,
    frames: u64,
) -> Result<(TimeAxis, Option<Rc<Array>>), Error> {
    if let Some(TimeRef::Regular { start, rate }) = time {
        return Ok((TimeAxis::regular(*start, *rate, frames)?, None));
    }
    let array = part.array.as_ref().ok_or(SessionError::NoTime)?;
    if array.metadata().shape.len() != 1 {
        return Err(SessionError::Shape {
            name: "time".to_owned(),
            shape: format!("{:?}", array.metadata().shape),
            needed: "a time axis is 1-D, one stamp a frame".to_owned(),
        }
        .into());
    }
    if part.columns.len() as u64 != array.chunks()
        && let Some(axis) = axis_from_ends(array, &part.columns)?
    {
        return Ok((axis, Some(array.clone())));
    }
    Ok((whole_axis(array, &part.columns)?, None))
}

/// A regular axis, if that is what the first and the last chunk of a time array show.
fn axis_from_ends(array: &Array, ends: &[Vec<f64>]) -> Result<Option<TimeAxis>, SessionError> {
    let scale = time_scale(array)?;
    let (head, tail) = (&ends[0], &ends[1]);
    let axis = TimeAxis::from_times(head.iter().map(|time| time * scale).collect())?;
    if let TimeAxis::Regular { start, .. } = axis
        && let Some(last) = tail.last()
        && let Ok(guess) = TimeAxis::from_ends(start, last * scale, array.frames())
        && guess.agrees(0, head, scale)
        && guess.agrees(array.frames() - tail.len() as u64, tail, scale)
    {
        return Ok(Some(guess));
    }
    Ok(None)
}

fn whole_axis(array: &Array, columns: &[Vec<f64>]) -> Result<TimeAxis, Error> {
    let scale = time_scale(array)?;
    Ok(TimeAxis::from_times(columns.iter().flatten().map(|time| time * scale).collect())?)
}

/// The values of some chunks of an array.
fn read(array: &Array, chunks: Vec<u64>, at_once: usize) -> Boxed<'_, Vec<Vec<f64>>> {
    let columns = chunks.into_iter().map(|chunk| Box::pin(read_chunk(array, chunk)) as _);
    Box::pin(join(columns.collect(), at_once))
}

async fn read_chunk(array: &Array, chunk: u64) -> Result<Vec<f64>, Error> {
    let encoded = array.fetch(chunk).await?;
    Ok(array.decode_f64(&encoded)?.into_raw_vec_and_offset().0)
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
    seconds_per_unit(array.metadata().attributes.get("units").and_then(Json::as_str))
}

fn text(attributes: &Json, key: &str) -> Option<String> {
    attributes.get(key).and_then(Json::as_str).map(str::to_owned)
}

fn entry(name: &str) -> FieldEntry {
    FieldEntry { name: name.to_owned(), array: name.to_owned(), units: None, colormap: None, range: None }
}

/// Links name layers, so two of one name are told apart.
fn unique<'a>(name: &str, taken: impl Iterator<Item = &'a String>) -> String {
    let taken: Vec<&String> = taken.collect();
    let mut free = name.to_owned();
    let mut n = 1;
    while taken.contains(&&free) {
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
