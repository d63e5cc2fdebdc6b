//! What a session holds, and how it is found out.

mod document;
mod error;
mod open;
mod time;

use std::rc::Rc;

pub use document::*;
pub use error::SessionError;
pub use open::{check_times, open};
pub use time::{TimeAxis, seconds_per_unit};

use crate::array::Array;
use crate::environment::Environment;

/// Everything that is known of a session once it is open; no posterior has been read yet.
pub struct Session {
    /// Title, from the document or the address.
    pub name: String,
    /// What is in it.
    pub description: Option<String>,
    /// When each frame of the fields is.
    pub time: TimeAxis,
    /// The time array, where `time` was inferred from its ends and is still to be checked against the rest.
    pub unchecked_time: Option<Rc<Array>>,
    /// What can be shown; at least one, each of shape (frames, bins).
    pub fields: Vec<Field>,
    /// One polygon a bin.
    pub environment: Environment,
    /// What is drawn over the fields.
    pub overlays: Vec<Overlay>,
    /// Sentences for the info panel: what was left out or assumed.
    pub notes: Vec<String>,
}

/// An array of shape (frames, bins).
pub struct Field {
    /// Name shown and used in links; unique.
    pub name: String,
    /// Its values.
    pub array: Rc<Array>,
    /// Units of its values.
    pub units: Option<String>,
    /// Colormap to start with.
    pub colormap: Option<String>,
    /// Contrast limits to start with.
    pub limits: Option<[f64; 2]>,
}

/// A position over time: a dot with a trail.
pub struct Overlay {
    /// Name of the layer; unique.
    pub name: String,
    /// Positions (n, 2) in the environment's units.
    pub array: Rc<Array>,
    /// When each of them is.
    pub time: TimeAxis,
    /// sRGB.
    pub color: [u8; 3],
    /// Diameter of the dot in CSS pixels.
    pub size: f32,
    /// Length of the trail in seconds.
    pub trail_length: f64,
}

impl std::fmt::Debug for Session {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Session").field("name", &self.name).field("time", &self.time).finish_non_exhaustive()
    }
}

impl Session {
    /// The arrays in the order that [`crate::chunk::ChunkId`] numbers them: fields, then overlays.
    pub fn arrays(&self) -> Vec<Rc<Array>> {
        let fields = self.fields.iter().map(|field| field.array.clone());
        fields.chain(self.overlays.iter().map(|overlay| overlay.array.clone())).collect()
    }

    /// Array number `index` in that order.
    pub fn array(&self, index: u32) -> &Array {
        let index = index as usize;
        match self.fields.get(index) {
            Some(field) => &field.array,
            None => &self.overlays[index - self.fields.len()].array,
        }
    }

    /// The time axis of array number `index`.
    pub fn time_of(&self, index: u32) -> &TimeAxis {
        let index = index as usize;
        if index < self.fields.len() { &self.time } else { &self.overlays[index - self.fields.len()].time }
    }
}
