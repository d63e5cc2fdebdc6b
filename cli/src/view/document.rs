//! Writes the session document of arrays without one: which array is the field, and the roles of the others.

use std::path::Path;

use futures_executor::block_on;
use replayscope_session::{Opening, open_in};
use serde_json::{Value, json};

use super::item::{Item, Kind};
use super::stamps::increase;
use crate::error::CliError;
use crate::npy::NpyHeader;
use crate::source;

/// An item that is an array.
type Array<'a> = (&'a Item, &'a NpyHeader);

/// A document of the arrays among some files; `None` where no array is a field. `rate` in Hz is used where no array holds time
/// stamps. `notes` gets a sentence about each file that is left out.
pub fn document(
    items: &[&Item],
    rate: Option<f64>,
    notes: &mut Vec<String>,
) -> Result<Option<Value>, CliError> {
    let arrays: Vec<Array> = items
        .iter()
        .filter_map(|item| match &item.kind {
            Kind::Array(header) => Some((*item, header)),
            _ => None,
        })
        .collect();
    let (positions, others): (Vec<Array>, Vec<Array>) =
        arrays.into_iter().partition(|(item, header)| is_position(item, header));
    let (wide, narrow): (Vec<Array>, Vec<Array>) =
        others.into_iter().partition(|(_, header)| header.shape.len() >= 2);
    // The largest array: the others have to match its frames and bins.
    let Some(&(largest, field)) = wide.iter().max_by_key(|(_, header)| header.count().unwrap_or(0)) else {
        return Ok(None);
    };
    let (fields, misfits): (Vec<Array>, Vec<Array>) =
        wide.into_iter().partition(|(_, header)| header.shape == field.shape);
    for (item, header) in misfits {
        let (path, shape, wanted) = (item.shown.display(), &header.shape, &field.shape);
        notes
            .push(format!("{path} is left out: its shape is {shape:?}, and {} is {wanted:?}.", largest.name));
    }

    let frames = field.shape[0];
    let stamps = stamps_of(frames, &narrow, rate.is_none(), notes)?;
    let regular = rate.map(|rate| json!({ "start": 0.0, "rate": rate }));
    let axis = |stamps: Option<&str>| stamps.map(|name| json!({ "array": name })).or_else(|| regular.clone());
    let mut overlays = Vec::new();
    for (item, header) in positions {
        let count = header.shape[0];
        // Positions may have time stamps of their own, such as a camera's.
        let own = if count == frames { stamps } else { stamps_of(count, &narrow, false, notes)? };
        let time = if count == frames { axis(stamps) } else { own.map(|name| json!({ "array": name })) };
        match time {
            Some(time) => overlays.push(json!({
                "type": "position", "name": stem(&item.name), "array": item.name, "time": time,
            })),
            None => notes.push(format!(
                "{} is left out: nothing says when its {count} positions were. Add their times as a .npy of {count} \
                 increasing numbers.",
                item.shown.display()
            )),
        }
    }

    let mut document = json!({
        "version": 1,
        "fields": fields
            .iter()
            .map(|(item, _)| json!({ "name": stem(&item.name), "array": item.name }))
            .collect::<Vec<_>>(),
    });
    if let Some(environment) = environment_of(items, field.shape.get(1..).unwrap_or_default(), notes) {
        document["environment"] = json!(environment);
    }
    if let Some(time) = axis(stamps) {
        document["time"] = time;
    }
    if !overlays.is_empty() {
        document["overlays"] = json!(overlays);
    }
    Ok(Some(document))
}

/// A document that adds the environment among some files to a group; its field is the first that the viewer shows of the group.
pub fn with_environment(group: &Item, items: &[&Item]) -> Option<Value> {
    let environment = items.iter().find(|item| matches!(item.kind, Kind::Environment { .. }))?;
    let array = first_array(&group.path).unwrap_or_else(|| "posterior".to_owned());
    Some(json!({
        "version": 1,
        "fields": [{ "name": array, "array": format!("{}#{array}", group.name) }],
        "environment": environment.name,
    }))
}

/// The path of the first field's array; `None` where the group cannot be opened, which the page then reports.
fn first_array(path: &Path) -> Option<String> {
    let opening = Opening { rate: Some(1.0), ..Opening::default() };
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let source = source::open(&folder.to_string_lossy(), &[]).ok()?;
    let session = block_on(open_in(source, &path.file_name()?.to_string_lossy(), opening)).ok()?;
    Some(session.fields.first()?.array.path().to_owned())
}

/// An array of as many increasing time stamps; one with "time" in its name is preferred.
fn stamps_of<'a>(
    count: u64,
    arrays: &[Array<'a>],
    needed: bool,
    notes: &mut Vec<String>,
) -> Result<Option<&'a str>, CliError> {
    let mut fitting: Vec<&Array> = arrays.iter().filter(|(_, header)| header.shape == [count]).collect();
    fitting.sort_by_key(|(item, _)| !is_time(item));
    for (item, header) in &fitting {
        if increase(&item.path, header).map_err(CliError::io("read", &item.shown))? {
            return Ok(Some(&item.name));
        }
    }
    if needed && let Some((item, header)) = arrays.iter().find(|(item, _)| is_time(item)) {
        let (path, shape) = (item.shown.display(), &header.shape);
        let why = if *shape == [count] { "its values do not all increase" } else { "its length is another" };
        notes.push(format!("{path} {shape:?} says not when the {count} frames are: {why}."));
    }
    Ok(None)
}

/// The environment with this number of bins, or else the first.
fn environment_of<'a>(items: &[&'a Item], bins: &[u64], notes: &mut Vec<String>) -> Option<&'a str> {
    let all: Vec<_> = items
        .iter()
        .filter_map(|item| match item.kind {
            Kind::Environment { bins } => Some((*item, bins)),
            _ => None,
        })
        .collect();
    let count = bins.iter().product();
    let fitting = all.iter().find(|(_, bins)| *bins == Some(count)).or(all.first());
    if all.is_empty() {
        notes.push(
            "No environment is among the files, so nothing says where the bins are. Add neurospatial's \
             environment.json."
                .to_owned(),
        );
    }
    for (item, _) in all.iter().filter(|(item, _)| fitting.is_none_or(|(chosen, _)| chosen.path != item.path))
    {
        notes.push(format!("{} is left out: one environment is shown.", item.shown.display()));
    }
    fitting.map(|(item, _)| item.name.as_str())
}

fn is_position(item: &Item, header: &NpyHeader) -> bool {
    matches!(header.shape.as_slice(), [_, 2]) && item.name.to_ascii_lowercase().contains("position")
}

fn is_time(item: &Item) -> bool {
    item.name.to_ascii_lowercase().contains("time")
}

/// A name without its extension.
fn stem(name: &str) -> &str {
    name.rsplit_once('.').map_or(name, |(stem, _)| stem)
}
