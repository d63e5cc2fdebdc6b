//! What is to be read of a session, as far as its metadata tells.

use super::decoder::{Decoded, own_centers};
use super::library::{Library, Need, Wanted};
use super::limits;
use super::{EnvironmentRef, FieldEntry, OverlayEntry, PositionEntry, SessionError};
use crate::array::Group;
use crate::environment::Environment;
use crate::json::Json;

/// Places in the list of what is wanted; the fields and the overlays (each an array and its time) follow.
pub(super) const TIME: usize = 0;
pub(super) const DICT: usize = 1;
pub(super) const X: usize = 2;
pub(super) const Y: usize = 3;
pub(super) const STATE: usize = 4;
pub(super) const INDEX: usize = 5;
pub(super) const VERTICES: usize = 6;
pub(super) const OFFSETS: usize = 7;
pub(super) const FIELDS: usize = 8;

/// Polygons of the bins, where a session gives them itself.
const POLYGONS: [&str; 2] = ["environment/polygon_vertices", "environment/polygon_offsets"];

/// What is wanted, and what it is wanted for.
pub(super) struct Plan {
    pub wanted: Vec<Wanted>,
    pub fields: Vec<FieldEntry>,
    pub overlays: Vec<PositionEntry>,
    /// Where the document holds all of it.
    pub environment: Option<Environment>,
    /// How a decoder's results are laid out.
    pub layout: Option<Box<dyn Decoded>>,
    pub notes: Vec<String>,
}

impl Plan {
    pub fn new(library: &Library, layout: Option<Box<dyn Decoded>>) -> Result<Self, SessionError> {
        let document = &library.document;
        let mut notes = Vec::new();
        let mut fields = match &document.fields {
            Some(entries) => entries.clone(),
            None => library.infer_fields(layout.as_deref(), &mut notes),
        };
        if fields.is_empty() {
            return Err(SessionError::NoFields { found: library.found() });
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
        // Only where the metadata name them: a server cannot be asked for what most sessions lack.
        let explicit = POLYGONS.iter().all(|path| library.group.array(path).is_some());
        let (mut dict, mut environment) = (Wanted::nothing(), None);
        match &document.environment {
            Some(EnvironmentRef::Ref(reference)) => dict = Wanted::new(reference, Need::Dict),
            // neurospatial keeps its arrays beside the dict; the session's own bin centres then say what is missing.
            Some(EnvironmentRef::Inline(dict)) if !explicit => {
                environment = Environment::grid(dict, None).ok().flatten();
            }
            _ => {}
        }
        let needless = environment.is_some() || dict.need == Need::Dict;
        let places = match &layout {
            Some(layout) => layout.wanted(),
            None if needless => [(); 4].map(|()| Wanted::nothing()),
            None => Self::centers(&library.group),
        };
        let mut wanted = vec![Wanted::time(document.time.as_ref()), dict];
        wanted.extend(places);
        let polygons =
            POLYGONS.map(|path| if explicit { Wanted::new(path, Need::Column) } else { Wanted::nothing() });
        wanted.extend(polygons);
        wanted.extend(fields.iter().map(Wanted::field));
        wanted[FIELDS].need = Need::Picture;
        for entry in &overlays {
            wanted.extend([Wanted::new(&entry.array, Need::Array), Wanted::time(Some(&entry.time))]);
        }
        Ok(Self { wanted, fields, overlays, environment, layout, notes })
    }

    /// The session's own bin centres.
    pub fn centers(group: &Group) -> [Wanted; 4] {
        let mut wanted = [(); 4].map(|()| Wanted::nothing());
        // A server that lists nothing may have them, too.
        if group.array("bin_center_x").is_none() || own_centers(group).is_some() {
            wanted[0] = Wanted::column("bin_center_x");
            wanted[1] = Wanted::column("bin_center_y");
        }
        wanted
    }
}
