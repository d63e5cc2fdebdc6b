//! Assembles a [`Session`] from the fetched parts and checks that they fit together.

use std::rc::Rc;

use replayscope_files::FileKind;
use replayscope_json::Json;
use replayscope_zarr::array::Array;

use crate::colormap::rgb;
use crate::document::{EnvironmentRef, FieldEntry, PositionEntry};
use crate::environment::{Environment, Explicit};
use crate::error::{Error, SessionError};
use crate::opening::gathered::Gathered;
use crate::opening::limits;
use crate::opening::openers::Geometry;
use crate::opening::parts::{FieldPart, OpeningPlan, OverlayPart, Parts};
use crate::opening::request::{Loaded, Part};
use crate::opening::resolver::Resolver;
use crate::opening::results::States;
use crate::opening::times::time_axis;
use crate::session::{Field, Overlay, Session};
use crate::time::TimeAxis;

impl Resolver {
    /// The session of the fetched parts.
    pub async fn session(self, plan: OpeningPlan) -> Result<Session, Error> {
        let OpeningPlan { mut parts, environment, results, mut notes } = plan;
        // Inserted first, as the last notes may be left out.
        notes.splice(..0, self.other_hosts(&parts.all()));
        let states = match &results {
            Some(results) => Some(results.states(&parts.coordinates, &mut notes)?),
            None => None,
        };
        let mut fields: Vec<Field> = Vec::new();
        for FieldPart { entry, array: part } in std::mem::take(&mut parts.fields) {
            let Some(array) = part.loaded.array else { continue };
            let levels = self.levels(&entry.array, &array, &mut notes);
            notes.extend(masked_zeros(&entry.array, &array));
            let picked = match &states {
                Some(states) => states.fields(&entry, &array, fields.is_empty())?,
                None => vec![(entry.name.clone(), array)],
            };
            let alone = picked.len() == 1;
            for (name, array) in picked {
                let name = unique(&name, fields.iter().map(|field| &field.name));
                fields.push(field(entry.clone(), name, array)?);
            }
            if alone && let Some(field) = fields.last_mut() {
                field.levels = levels;
            }
        }
        let frames = fields.first().map_or(0, |field| field.array.frames());
        let rate = self.opening.rate;
        let (time, unchecked_time) =
            time_axis(self.document.time.as_ref(), &parts.time.loaded, frames, rate)?;
        let bins = fields.first().map_or(0, |field| field.array.width());
        let mut environment = match environment {
            Some(environment) => environment,
            None => self.environment(&parts, states.as_deref(), bins).await?,
        };
        for i in 0..environment.regions.len() {
            let earlier = environment.regions[..i].iter().map(|region| &region.name);
            let name =
                unique(&environment.regions[i].name, fields.iter().map(|field| &field.name).chain(earlier));
            environment.regions[i].name = name;
        }
        let mut overlays: Vec<Overlay> = Vec::new();
        for OverlayPart { entry, positions, time: stamps } in std::mem::take(&mut parts.overlays) {
            let Some(array) = positions.loaded.array else { continue };
            let regions = environment.regions.iter().map(|region| &region.name);
            let taken = fields.iter().map(|field| &field.name).chain(regions);
            let name = unique(&entry.name, taken.chain(overlays.iter().map(|overlay| &overlay.name)));
            overlays.push(overlay(&entry, name, array, &stamps.loaded)?);
        }
        for field in &fields {
            let (bins, environment) = (field.array.width(), environment.bins());
            if bins != environment {
                return Err(SessionError::BinCount { field: field.name.clone(), bins, environment }.into());
            }
            same_frames(&field.name, &field.array, &time)?;
        }
        notes.extend(environment.notes.iter().cloned());
        limits::notes(&mut notes);
        let name = self.document.name.clone().unwrap_or(self.name);
        let description = self.document.description;
        Ok(Session { name, description, time, unchecked_time, fields, environment, overlays, notes })
    }

    /// A sentence that names the other hosts from which parts are read.
    fn other_hosts(&self, parts: &[&mut Part]) -> Option<String> {
        let home = self.folder.location("");
        let arrays = parts.iter().filter_map(|part| Some(part.loaded.array.as_ref()?.location()));
        let environment = match &self.document.environment {
            Some(EnvironmentRef::Ref(reference)) => self.folder.open(reference).ok(),
            _ => None,
        };
        let mut hosts: Vec<String> = Vec::new();
        for place in arrays.chain(environment.map(|source| source.location(""))) {
            if let Some(host) = host(&place)
                && Some(host) != self::host(&home)
                && hosts.iter().all(|known| known != host)
            {
                hosts.push(host.to_owned());
            }
        }
        let names = hosts.join(", ");
        (!hosts.is_empty())
            .then(|| format!("The session refers to other hosts, from which parts of it are read: {names}."))
    }

    /// The environment, where it needs the fetched file, bin centres or polygons.
    async fn environment(
        &self,
        parts: &Parts,
        states: Option<&dyn States>,
        bins: usize,
    ) -> Result<Environment, Error> {
        let centers = match states {
            Some(states) => Some(states.centers().to_vec()),
            None => centers(&parts.coordinates.x.loaded, &parts.coordinates.y.loaded)?,
        };
        let inline = match &self.document.environment {
            Some(EnvironmentRef::Inline(dict)) => Some(dict),
            _ => None,
        };
        let dict = parts.environment.loaded.dict.as_ref().or(inline);
        let centers = centers.as_deref();
        let explicit = explicit(&parts.vertices.loaded, &parts.offsets.loaded)?;
        let grid = match (dict, centers, &explicit) {
            (Some(dict), _, None) => Environment::grid(dict, centers)?,
            (None, Some(centers), None) => Environment::grid_of_centers(centers)?,
            _ => None,
        };
        if grid.is_some() || dict.is_some() || centers.is_some() || explicit.is_some() {
            let mut environment = match grid {
                Some(grid) => grid,
                None => self.opening.openers.environment(Geometry { dict, centers, explicit }).await?,
            };
            environment.units = environment.units.or_else(|| text(&self.group.attributes, "units"));
            return Ok(environment);
        }
        if !self.has_no_positions() {
            return Err(Gathered::refused(&self.group).unwrap_or(SessionError::NoGeometry).into());
        }
        let row: Vec<[f64; 2]> = (0..bins).map(|bin| [bin as f64, 0.0]).collect();
        let row = Environment::grid_of_centers(&row)?.ok_or(SessionError::NoGeometry);
        let mut environment = row?;
        environment.notes.push(
            "The positions of the bins are not known, so they are drawn in a row by their number. Open the file together with \
             its environment.json and environment.npz, or with a session.json that names them."
                .to_owned(),
        );
        Ok(environment)
    }

    /// Whether all fields are files that cannot contain bin positions.
    fn has_no_positions(&self) -> bool {
        let of_file =
            |entry: &FieldEntry| entry.dtype.is_some() || FileKind::of(&entry.array) == Some(FileKind::Npy);
        self.document.environment.is_none()
            && self.document.fields.as_ref().is_some_and(|fields| fields.iter().all(of_file))
    }
}

fn field(entry: FieldEntry, name: String, array: Rc<Array>) -> Result<Field, SessionError> {
    let metadata = array.metadata();
    let time_not_first = (1..metadata.shape.len()).any(|at| metadata.dimension(at) == "time");
    if metadata.shape.len() < 2 || time_not_first {
        let dimensions: Vec<&str> = (0..metadata.shape.len()).map(|i| metadata.dimension(i)).collect();
        return Err(SessionError::Shape {
            name: entry.name,
            shape: format!("{:?} over ({})", metadata.shape, dimensions.join(", ")),
            needed:
                "a field is (time, bin): `ds.transpose(\"time\", \"bin\")`, other dimensions stacked into bin"
                    .to_owned(),
        });
    }
    limits::bins(&name, array.width() as u64)?;
    let units = entry.units.or_else(|| text(&metadata.attributes, "units"));
    Ok(Field { name, units, array, colormap: entry.colormap, limits: entry.range, levels: Vec::new() })
}

/// A note where the fill value of Zarr format 2 masks zeros, which may be data: 0 is zarr-python's default fill value.
fn masked_zeros(name: &str, array: &Array) -> Option<String> {
    let metadata = array.metadata();
    let zeros = metadata.attributes.get("_FillValue").and_then(Json::as_f64) == Some(0.0);
    (zeros && metadata.chunk_key_encoding.name == "v2").then(|| {
        format!(
            "Zeros of `{name}` are shown as missing, as xarray reads them: its fill value is 0. If they are data, write \
             `\"fill_value\": null` in its .zarray and in .zmetadata."
        )
    })
}

fn overlay(entry: &PositionEntry, name: String, array: Rc<Array>, time: &Loaded) -> Result<Overlay, Error> {
    if array.metadata().shape.len() != 2 || array.width() != 2 {
        return Err(SessionError::Shape {
            name: entry.name.clone(),
            shape: format!("{:?}", array.metadata().shape),
            needed: "positions are (n, 2): x and y in the environment's units".to_owned(),
        }
        .into());
    }
    let (time, _) = time_axis(Some(&entry.time), time, array.frames(), None)?;
    same_frames(&entry.name, &array, &time)?;
    Ok(Overlay {
        name,
        array,
        time,
        // A colour that cannot be read becomes the default red: it is no reason not to open a session.
        color: rgb(&entry.color).unwrap_or([0xff, 0x3b, 0x30]),
        size: if entry.size.is_finite() { entry.size.clamp(1.0, 200.0) } else { 10.0 },
        trail_length: if entry.trail_length.is_finite() { entry.trail_length.max(0.0) } else { 0.0 },
    })
}

/// The centre of each bin; with x alone, y is 0.
fn centers(x: &Loaded, y: &Loaded) -> Result<Option<Vec<[f64; 2]>>, SessionError> {
    if x.array.is_none() {
        return Ok(None);
    }
    let xs = x.values();
    let ys = if y.array.is_some() { y.values() } else { vec![0.0; xs.len()] };
    if xs.len() != ys.len() {
        return Err(SessionError::Shape {
            name: "bin_center_y".to_owned(),
            shape: format!("[{}]", ys.len()),
            needed: format!("bin_center_x has {}; both must have one value per bin", xs.len()),
        });
    }
    Ok(Some(xs.into_iter().zip(ys).map(|(x, y)| [x, y]).collect()))
}

/// The polygons of a session's own arrays.
fn explicit(vertices: &Loaded, offsets: &Loaded) -> Result<Option<Explicit>, SessionError> {
    let (Some(array), Some(_)) = (&vertices.array, &offsets.array) else { return Ok(None) };
    if array.metadata().shape.len() != 2 || array.width() != 2 {
        return Err(SessionError::Shape {
            name: "environment/polygon_vertices".to_owned(),
            shape: format!("{:?}", array.metadata().shape),
            needed: "corners are (n, 2): x and y in the environment's units".to_owned(),
        });
    }
    Ok(Some(Explicit::new(&vertices.values(), &offsets.values())))
}

fn same_frames(name: &str, array: &Array, time: &TimeAxis) -> Result<(), SessionError> {
    let (frames, times) = (array.frames(), time.frames());
    if frames == times {
        Ok(())
    } else {
        Err(SessionError::FrameCount { field: name.to_owned(), frames, times })
    }
}

fn text(attributes: &Json, key: &str) -> Option<String> {
    attributes.get(key).and_then(Json::as_str).map(str::to_owned)
}

/// The host of a URL with its port; `None` for a path.
fn host(location: &str) -> Option<&str> {
    let (_, rest) = location.split_once("://")?;
    let host = rest.split('/').next()?;
    Some(host.rsplit_once('@').map_or(host, |(_, host)| host))
}

/// A unique name, since links name layers: `name`, else `name (2)` and so on.
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
