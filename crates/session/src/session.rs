//! An open session: its fields, their time axis, the environment, overlays.

use std::rc::Rc;

use replayscope_zarr::array::Array;

use crate::config::{SessionConfig, large_session_config};
use crate::environment::Environment;
use crate::range::Estimate;
use crate::time::TimeAxis;

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
#[derive(Clone)]
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
    /// Its maxima over blocks of frames, the smallest blocks first; each block is a multiple of the one before.
    pub levels: Vec<Level>,
}

/// A level of a field's time pyramid: the NaN-aware maximum over blocks of frames.
#[derive(Clone)]
pub struct Level {
    /// Of shape (blocks, bins).
    pub array: Rc<Array>,
    /// Frames in a block; the last block may hold fewer.
    pub frames: u64,
}

impl Field {
    /// The limits of all its frames, where whoever wrote its levels says them.
    pub fn known(&self) -> Option<Estimate> {
        self.levels.iter().find_map(|level| Estimate::stored(level.array.metadata()))
    }

    /// Frames in a block of each level that has blocks of at most `grain`, ascending.
    pub fn pools(&self, grain: u64) -> Vec<u64> {
        self.levels.iter().map(|level| level.frames).take_while(|frames| *frames <= grain).collect()
    }
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

impl Session {
    /// What suits the session: its fields together, as they are kept in memory.
    pub fn config(&self) -> SessionConfig {
        let frame_bytes =
            self.fields.iter().map(|field| field.array.chunk_bytes() / field.array.chunk_frames().max(1));
        large_session_config(self.time.frames(), frame_bytes.sum(), 1)
    }

    /// Which of the view's layers is an overlay's: fields are at the bottom, then regions, then overlays.
    pub fn overlay_layer(&self, overlay: usize) -> usize {
        self.fields.len() + self.environment.regions.len() + overlay
    }
}

impl std::fmt::Debug for Session {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Session").field("name", &self.name).field("time", &self.time).finish_non_exhaustive()
    }
}

/// One chunk in time of one array of a session.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ChunkId {
    /// The number of the array; see [`Session::number`].
    pub array: u32,
    /// The number of the chunk along time.
    pub index: u64,
}

/// What an array of the session is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// The field of that number.
    Field(usize),
    /// The overlay of that number.
    Overlay(usize),
    /// A level of a field's pyramid: the field's number, and the level's.
    Level(usize, usize),
}

impl Session {
    /// The arrays in the order that `ChunkId` numbers them: fields, overlays, then the fields' levels.
    pub fn arrays(&self) -> Vec<Rc<Array>> {
        let fields = self.fields.iter().map(|field| field.array.clone());
        let overlays = self.overlays.iter().map(|overlay| overlay.array.clone());
        let levels = self.fields.iter().flat_map(|field| &field.levels).map(|level| level.array.clone());
        fields.chain(overlays).chain(levels).collect()
    }

    /// What the array of that number is; the number comes from [`Session::number`].
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

    /// The number of an array.
    pub fn number(&self, role: Role) -> u32 {
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
        let array = self.number(role);
        ChunkId { array, index: row / self.array(array).chunk_frames() }
    }

    /// The field whose array has that number; `None` where the array is an overlay's or a level's.
    pub fn field_of(&self, id: ChunkId) -> Option<usize> {
        match self.role(id.array) {
            Role::Field(field) => Some(field),
            Role::Overlay(_) | Role::Level(..) => None,
        }
    }

    /// Frames in a row of an array: more than one in a level.
    pub fn pool(&self, role: Role) -> u64 {
        match role {
            Role::Level(field, level) => self.fields[field].levels[level].frames,
            Role::Field(_) | Role::Overlay(_) => 1,
        }
    }

    /// The time axis of what an array shows.
    pub fn time_of(&self, role: Role) -> &TimeAxis {
        match role {
            Role::Overlay(overlay) => &self.overlays[overlay].time,
            Role::Field(_) | Role::Level(..) => &self.time,
        }
    }
}
