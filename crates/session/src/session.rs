//! An open session: its fields, their time axis, the environment, overlays.

use std::rc::Rc;

use replayscope_zarr::array::Array;

use crate::config::{SessionConfig, large_session_config};
use crate::environment::Environment;
use crate::range::Estimate;
use crate::time::TimeAxis;

/// An open session: everything but the values of its fields and overlays, which are fetched by chunk.
pub struct Session {
    /// Title from the document, else the last part of the address.
    pub name: String,
    /// Description from the document.
    pub description: Option<String>,
    /// The time axis of the fields.
    pub time: TimeAxis,
    /// The time array, where `time` was made from only some of its stamps; [`check_times`](crate::check_times) reads the rest.
    pub unchecked_time: Option<Rc<Array>>,
    /// The fields, at least one, each of shape (frames, bins).
    pub fields: Vec<Field>,
    /// The polygon of each bin.
    pub environment: Environment,
    /// The overlays, which are drawn over the fields.
    pub overlays: Vec<Overlay>,
    /// Sentences for the info panel about what was left out or assumed.
    pub notes: Vec<String>,
}

/// A field: an array of shape (frames, bins) that can be shown.
#[derive(Clone)]
pub struct Field {
    /// Name shown and used in links; unique.
    pub name: String,
    /// The values, of shape (frames, bins).
    pub array: Rc<Array>,
    /// Units of the values.
    pub units: Option<String>,
    /// Colormap to start with.
    pub colormap: Option<String>,
    /// Contrast limits to start with.
    pub limits: Option<[f64; 2]>,
    /// The levels of the time pyramid, smallest blocks first; each block size is a multiple of the previous one.
    pub levels: Vec<Level>,
}

/// A level of a field's time pyramid: the NaN-aware maximum over blocks of frames.
#[derive(Clone)]
pub struct Level {
    /// The maxima, of shape (blocks, bins).
    pub array: Rc<Array>,
    /// Frames in a block; the last block may hold fewer.
    pub frames: u64,
}

impl Field {
    /// The limits of all frames, where an attribute of a level stores them.
    pub fn stored_estimate(&self) -> Option<Estimate> {
        self.levels.iter().find_map(|level| Estimate::stored(level.array.metadata()))
    }

    /// Block sizes in frames of the levels whose blocks have at most `max_frames`, ascending.
    pub fn pools(&self, max_frames: u64) -> Vec<u64> {
        self.levels.iter().map(|level| level.frames).take_while(|frames| *frames <= max_frames).collect()
    }
}

/// A position over time, drawn as a dot with a trail.
pub struct Overlay {
    /// Name of the layer; unique.
    pub name: String,
    /// Positions (n, 2) in the environment's units.
    pub array: Rc<Array>,
    /// The time axis of the positions.
    pub time: TimeAxis,
    /// Colour, sRGB.
    pub color: [u8; 3],
    /// Diameter of the dot in CSS pixels.
    pub size: f32,
    /// Length of the trail in seconds.
    pub trail_length: f64,
}

impl Session {
    /// Chunk, cache and prefetch sizes for this session's fields together.
    pub fn config(&self) -> SessionConfig {
        let frame_bytes =
            self.fields.iter().map(|field| field.array.chunk_bytes() / field.array.chunk_frames().max(1));
        large_session_config(self.time.frames(), frame_bytes.sum(), 1)
    }

    /// Index of an overlay's layer: fields are at the bottom, then regions, then overlays.
    pub fn overlay_layer(&self, overlay: usize) -> usize {
        self.fields.len() + self.environment.regions.len() + overlay
    }
}

impl std::fmt::Debug for Session {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Session").field("name", &self.name).field("time", &self.time).finish_non_exhaustive()
    }
}

/// A chunk along time of one array of a session.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ChunkId {
    /// Number of the array; see [`Session::array_number`].
    pub array: u32,
    /// Index of the chunk along time.
    pub index: u64,
}

/// What an array holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// The values of the field of that index.
    Field(usize),
    /// The positions of the overlay of that index.
    Overlay(usize),
    /// A level of a field's time pyramid: index of the field, index of the level.
    Level(usize, usize),
}

impl Session {
    /// The arrays in the order that [`ChunkId`] numbers them: fields, overlays, then the fields' levels.
    pub fn arrays(&self) -> Vec<Rc<Array>> {
        let fields = self.fields.iter().map(|field| field.array.clone());
        let overlays = self.overlays.iter().map(|overlay| overlay.array.clone());
        let levels = self.fields.iter().flat_map(|field| &field.levels).map(|level| level.array.clone());
        fields.chain(overlays).chain(levels).collect()
    }

    /// The role of an array; `array` comes from [`Session::array_number`] of the same session.
    pub fn role(&self, array: u32) -> Role {
        let mut index = array as usize;
        if index < self.fields.len() {
            return Role::Field(index);
        }
        index -= self.fields.len();
        if index < self.overlays.len() {
            return Role::Overlay(index);
        }
        index -= self.overlays.len();
        for (field, Field { levels, .. }) in self.fields.iter().enumerate() {
            if index < levels.len() {
                return Role::Level(field, index);
            }
            index -= levels.len();
        }
        unreachable!("an array's number comes from its session")
    }

    /// The number of the array with that role.
    pub fn array_number(&self, role: Role) -> u32 {
        let index = match role {
            Role::Field(field) => field,
            Role::Overlay(overlay) => self.fields.len() + overlay,
            Role::Level(field, level) => {
                let before: usize = self.fields[..field].iter().map(|field| field.levels.len()).sum();
                self.fields.len() + self.overlays.len() + before + level
            }
        };
        index as u32
    }

    /// The array of that number.
    pub fn array(&self, array: u32) -> &Array {
        match self.role(array) {
            Role::Field(field) => &self.fields[field].array,
            Role::Overlay(overlay) => &self.overlays[overlay].array,
            Role::Level(field, level) => &self.fields[field].levels[level].array,
        }
    }

    /// The chunk of an array that holds one of its rows: a frame of a field, a sample of an overlay, a block of a level.
    pub fn chunk_id(&self, role: Role, row: u64) -> ChunkId {
        let array = self.array_number(role);
        ChunkId { array, index: row / self.array(array).chunk_frames() }
    }

    /// The field whose array has that number; `None` where the array is an overlay's or a level's.
    pub fn field_of(&self, id: ChunkId) -> Option<usize> {
        match self.role(id.array) {
            Role::Field(field) => Some(field),
            Role::Overlay(_) | Role::Level(..) => None,
        }
    }

    /// Frames in one row of the array with that role: more than one in a level.
    pub fn pool(&self, role: Role) -> u64 {
        match role {
            Role::Level(field, level) => self.fields[field].levels[level].frames,
            Role::Field(_) | Role::Overlay(_) => 1,
        }
    }

    /// The time axis of the array with that role.
    pub fn time_of(&self, role: Role) -> &TimeAxis {
        match role {
            Role::Overlay(overlay) => &self.overlays[overlay].time,
            Role::Field(_) | Role::Level(..) => &self.time,
        }
    }
}
