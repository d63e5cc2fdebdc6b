//! The parts of a session, and the plan of which to fetch, made from its metadata.

use replayscope_json::Json;

use crate::document::{EnvironmentRef, FieldEntry, OverlayEntry, PositionEntry};
use crate::environment::Environment;
use crate::error::SessionError;
use crate::opening::coordinates::Coordinates;
use crate::opening::limits;
use crate::opening::request::{Depth, Part, Request};
use crate::opening::resolver::Resolver;
use crate::opening::results::DecoderResults;

/// Arrays of the bins' polygons in a session's own group.
const VERTICES: &str = "environment/polygon_vertices";
const OFFSETS: &str = "environment/polygon_offsets";

/// A field and its array.
pub(crate) struct FieldPart {
    pub entry: FieldEntry,
    pub array: Part,
}

/// An overlay, its positions and their time axis.
pub(crate) struct OverlayPart {
    pub entry: PositionEntry,
    pub positions: Part,
    pub time: Part,
}

/// All parts of a session.
pub(crate) struct Parts {
    pub time: Part,
    /// The file of the environment.
    pub environment: Part,
    pub coordinates: Coordinates,
    /// Corners of the bins' polygons, and where each polygon begins among them.
    pub vertices: Part,
    pub offsets: Part,
    pub fields: Vec<FieldPart>,
    pub overlays: Vec<OverlayPart>,
}

impl Parts {
    /// All parts, each once, to be fetched together.
    pub fn all(&mut self) -> Vec<&mut Part> {
        let Self { time, environment, coordinates, vertices, offsets, fields, overlays } = self;
        let Coordinates { x, y, state, index } = coordinates;
        let mut all = vec![time, environment, x, y, state, index, vertices, offsets];
        all.extend(fields.iter_mut().map(|field| &mut field.array));
        for OverlayPart { positions, time, .. } in overlays {
            all.extend([positions, time]);
        }
        all
    }
}

/// The parts to fetch, and what the metadata already contain.
pub(crate) struct OpeningPlan {
    pub parts: Parts,
    /// The environment, where the document contains all of it.
    pub environment: Option<Environment>,
    /// The layout of a decoder's results.
    pub results: Option<Box<dyn DecoderResults>>,
    pub notes: Vec<String>,
}

impl OpeningPlan {
    pub fn new(resolver: &Resolver, results: Option<Box<dyn DecoderResults>>) -> Result<Self, SessionError> {
        let document = &resolver.document;
        let mut notes = Vec::new();
        let mut fields = match &document.fields {
            Some(entries) => entries.clone(),
            None => resolver.infer_fields(results.as_deref(), &mut notes),
        };
        if fields.is_empty() {
            return Err(SessionError::NoFields { found: resolver.found() });
        }
        limits::layers(&mut fields, "fields", &mut notes);
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
        limits::layers(&mut overlays, "overlays", &mut notes);
        // Requested only where the metadata list them: most sessions have none.
        let explicit = [VERTICES, OFFSETS].iter().all(|path| resolver.group.array(path).is_some());
        let (mut file, mut environment) = (Request::nothing(), None);
        match &document.environment {
            Some(EnvironmentRef::Ref(reference)) => file = Request::new(reference, Depth::Json),
            // neurospatial may keep the arrays outside the dict; the session's bin centres then replace them.
            Some(EnvironmentRef::Inline(dict)) if !explicit => {
                environment = Environment::grid(dict, None).ok().flatten();
            }
            _ => {}
        }
        let needless = environment.is_some() || file.depth == Depth::Json;
        let coordinates = match &results {
            Some(results) => results.coordinates(),
            None if needless => Coordinates::nothing(),
            None => Coordinates::centers(&resolver.group),
        };
        let polygons = |path| if explicit { Request::new(path, Depth::Values) } else { Request::nothing() };
        let field = |(number, entry): (usize, FieldEntry)| {
            let mut request = Request::field(&entry);
            if number == 0 {
                request.depth = Depth::FirstChunk;
            }
            FieldPart { entry, array: request.into() }
        };
        let overlay = |entry: PositionEntry| OverlayPart {
            positions: Request::new(&entry.array, Depth::Metadata).into(),
            time: Request::time(Some(&entry.time)).into(),
            entry,
        };
        let parts = Parts {
            time: Request::time(document.time.as_ref()).into(),
            environment: file.into(),
            coordinates,
            vertices: polygons(VERTICES).into(),
            offsets: polygons(OFFSETS).into(),
            fields: fields.into_iter().enumerate().map(field).collect(),
            overlays: overlays.into_iter().map(overlay).collect(),
        };
        Ok(Self { parts, environment, results, notes })
    }
}
