//! The parts every written session shares: coordinates, and the session document in the root attributes.

use replayscope::session::{DOCUMENT_VERSION, FieldEntry, OverlayEntry, SessionDocument, TimeRef};
use serde_json::{Value, json};

use crate::environment::Environment;
use crate::error::CliError;
use crate::writer::{CoordinateLayout, FieldLayout, FieldReport, GroupWriter};

/// Frame i is at `start + i / rate` seconds.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Clock {
    /// Time of the first frame, in seconds.
    pub start: f64,
    /// Frames per second, in Hz.
    pub rate: f64,
}

/// What was written.
#[derive(Debug, Clone, PartialEq)]
pub struct Written {
    /// How the field was cut.
    pub layout: FieldLayout,
    /// What became of its values, and what its pyramid holds.
    pub field: FieldReport,
}

/// What the root attributes say of a session.
#[derive(Debug, Clone)]
pub struct Description {
    /// Short title.
    pub name: String,
    /// A sentence or two.
    pub description: Option<String>,
    /// The time axis of the field.
    pub clock: Clock,
    /// The array of the field, which is also its name.
    pub field: String,
    /// What is drawn over it.
    pub overlays: Vec<OverlayEntry>,
}

/// Names of the centre coordinates, one a dimension.
const CENTERS: [&str; 2] = ["bin_center_x", "bin_center_y"];

/// Writes what stands around the field: `time`, the bin centres, and all metadata. The field's chunks lie in
/// `group.folder_of(field)` already.
pub fn finish_session(
    mut group: GroupWriter,
    layout: &FieldLayout,
    environment: &Environment,
    description: Description,
) -> Result<(), CliError> {
    let Clock { start, rate } = description.clock;
    let time = CoordinateLayout { rows: layout.frames, dimension: "time", columns: None, units: Some("s") };
    group.write_coordinate("time", &time, (0..layout.frames).map(|frame| start + frame as f64 / rate))?;

    let units = Some(environment.units.as_str()).filter(|units| !units.is_empty());
    let dimensions = environment.centers.first().map_or(0, Vec::len);
    let names = &CENTERS[..dimensions.min(CENTERS.len())];
    for (axis, name) in names.iter().enumerate() {
        let rows = environment.bins() as u64;
        let centers = CoordinateLayout { rows, dimension: "bin", columns: None, units };
        group.write_coordinate(name, &centers, environment.centers.iter().map(|center| center[axis]))?;
    }

    group.add_metadata(
        &description.field,
        layout.metadata("time", &json!({ "coordinates": names.join(" ") })),
    )?;
    let document = SessionDocument {
        version: DOCUMENT_VERSION,
        name: Some(description.name),
        description: description.description,
        time: Some(TimeRef::Regular { start, rate }),
        environment: None,
        fields: Some(vec![FieldEntry {
            name: description.field.clone(),
            array: description.field,
            dtype: None,
            shape: None,
            units: None,
            colormap: None,
            range: None,
        }]),
        overlays: description.overlays,
    };
    let mut document = serde_json::to_value(document).unwrap_or(Value::Null);
    // As it was read, to the last digit.
    document["environment"] = environment.document.clone();
    group.finish(&json!({ "units": environment.units, "replayscope": document }))
}
