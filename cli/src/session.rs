//! Writes the parts that every session has: coordinates, and the session document in the root attributes.

use replayscope_session::environment::Explicit;
use replayscope_session::{DOCUMENT_VERSION, FieldEntry, OverlayEntry, SessionDocument, TimeAxis, TimeRef};
use serde_json::{Value, json};

use crate::environment::Environment;
use crate::error::CliError;
use crate::writer::{CoordinateLayout, FieldLayout, FieldReport, GroupWriter};

/// Evenly spaced times: frame i is at `start + i / rate` seconds.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RegularTimes {
    /// Time of the first frame, in seconds.
    pub start: f64,
    /// Frames per second, in Hz.
    pub rate: f64,
}

/// The times of frames.
#[derive(Debug, Clone, PartialEq)]
pub enum Times {
    /// Evenly spaced frames.
    Regular(RegularTimes),
    /// One stamp per frame in seconds, increasing.
    Stamps(Vec<f64>),
}

impl Times {
    /// The times of stamps in seconds, one per frame; stamps that are regular within 1 µs become a rate.
    ///
    /// # Errors
    /// Where the stamps do not increase.
    pub fn of_stamps(stamps: Vec<f64>) -> Result<Self, CliError> {
        let axis = TimeAxis::from_times(stamps.clone()).map_err(replayscope_session::Error::from)?;
        let rate = axis.rate();
        Ok(rate
            .map_or(Self::Stamps(stamps), |rate| Self::Regular(RegularTimes { start: axis.start(), rate })))
    }

    /// Time of a frame in seconds; NaN where there is no such frame.
    pub fn time_of(&self, frame: u64) -> f64 {
        match self {
            Self::Regular(RegularTimes { start, rate }) => start + frame as f64 / rate,
            Self::Stamps(stamps) => stamps.get(frame as usize).copied().unwrap_or(f64::NAN),
        }
    }

    fn reference(&self) -> TimeRef {
        match self {
            Self::Regular(RegularTimes { start, rate }) => TimeRef::Regular { start: *start, rate: *rate },
            Self::Stamps(_) => TimeRef::Array { array: "time".to_owned() },
        }
    }
}

/// Report on a written session.
#[derive(Debug, Clone, PartialEq)]
pub struct Written {
    /// The chunks and shards of the field.
    pub layout: FieldLayout,
    /// Sizes and rounding of the field and its pyramid.
    pub field: FieldReport,
}

/// The content of a session's root attributes.
#[derive(Debug, Clone)]
pub struct Description {
    /// Short title.
    pub name: String,
    /// A sentence or two.
    pub description: Option<String>,
    /// The time axis of the field.
    pub times: Times,
    /// The array of the field, which is also its name.
    pub field: String,
    /// Units of the field's values.
    pub units: Option<String>,
    /// The overlays.
    pub overlays: Vec<OverlayEntry>,
}

/// Names of the centre coordinates, one per dimension.
const CENTERS: [&str; 2] = ["bin_center_x", "bin_center_y"];

/// Writes all but the field's chunks, which lie in `group.folder_of(field)` already: `time`, the bin centres, and all metadata.
pub fn finish_session(
    mut group: GroupWriter,
    layout: &FieldLayout,
    environment: &Environment,
    description: Description,
) -> Result<(), CliError> {
    let time = CoordinateLayout { rows: layout.frames, dimension: "time", columns: None, units: Some("s") };
    group.write_coordinate(
        "time",
        &time,
        (0..layout.frames).map(|frame| description.times.time_of(frame)),
    )?;

    let units = Some(environment.units.as_str()).filter(|units| !units.is_empty());
    let dimensions = environment.centers.first().map_or(0, Vec::len);
    let names = &CENTERS[..dimensions.min(CENTERS.len())];
    for (axis, name) in names.iter().enumerate() {
        let rows = environment.bins() as u64;
        let centers = CoordinateLayout { rows, dimension: "bin", columns: None, units };
        group.write_coordinate(name, &centers, environment.centers.iter().map(|center| center[axis]))?;
    }

    if let Some(Explicit { vertices, offsets }) = &environment.polygons {
        group.add_group("environment")?;
        let corners = CoordinateLayout {
            rows: vertices.len() as u64,
            dimension: "polygon_vertex",
            columns: Some((2, "xy")),
            units,
        };
        group.write_coordinate(
            "environment/polygon_vertices",
            &corners,
            vertices.as_flattened().iter().copied(),
        )?;
        let starts = CoordinateLayout {
            rows: offsets.len() as u64,
            dimension: "polygon_offset",
            columns: None,
            units: None,
        };
        group.write_coordinate(
            "environment/polygon_offsets",
            &starts,
            offsets.iter().map(|offset| *offset as f64),
        )?;
    }

    group.add_metadata(
        &description.field,
        layout.metadata("time", &json!({ "coordinates": names.join(" ") })),
    )?;
    let document = SessionDocument {
        version: DOCUMENT_VERSION,
        name: Some(description.name),
        description: description.description,
        time: Some(description.times.reference()),
        environment: None,
        fields: Some(vec![FieldEntry {
            name: description.field.clone(),
            array: description.field,
            dtype: None,
            shape: None,
            units: description.units,
            colormap: None,
            range: None,
        }]),
        overlays: description.overlays,
    };
    let mut document = serde_json::to_value(document).unwrap_or(Value::Null);
    // The environment as it was read, to the last digit; without one, the bin centres define it.
    if !environment.document.is_null() {
        document["environment"] = environment.document.clone();
    }
    group.finish(&json!({ "units": environment.units, "replayscope": document }))
}
