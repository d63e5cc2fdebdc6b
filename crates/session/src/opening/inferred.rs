//! Infers a group's fields and their pooled levels where no document lists them.

use std::rc::Rc;

use replayscope_json::Json;
use replayscope_zarr::argsort::argsort;
use replayscope_zarr::array::Array;

use crate::document::FieldEntry;
use crate::opening::coordinates::own_centers;
use crate::opening::decoder::PREFERRED;
use crate::opening::names::{is_over_time, stem};
use crate::opening::resolver::Resolver;
use crate::opening::results::DecoderResults;
use crate::session::Level;

impl Resolver {
    /// The float arrays of shape (time, bin), the posterior first.
    pub fn infer_fields(
        &self,
        results: Option<&dyn DecoderResults>,
        notes: &mut Vec<String>,
    ) -> Vec<FieldEntry> {
        if !self.group.consolidated {
            // A static server cannot list a folder, so only the usual name is tried.
            return vec![entry("posterior")];
        }
        notes.extend(
            self.group.unreadable.iter().map(|(name, error)| format!("`{name}` is left out: {error}")),
        );
        let bin =
            own_centers(&self.group).map(|metadata| metadata.dimension(0)).filter(|name| !name.is_empty());
        let mut names: Vec<&String> = Vec::new();
        for (name, metadata) in &self.group.arrays {
            // The environment's own arrays, `environment/polygon_vertices`, may have dimensions without names.
            if !is_over_time(metadata) || name.starts_with("environment/") {
                continue;
            }
            let over_bins = match results {
                Some(results) => results.holds(metadata),
                None => {
                    metadata.shape.len() == 2
                        && bin.is_none_or(|bin| [bin, ""].contains(&metadata.dimension(1)))
                }
            };
            if over_bins {
                names.push(name);
            } else {
                notes
                    .push(format!("`{name}` {:?} is not over (time, bin) and is not shown.", metadata.shape));
            }
        }
        let first = PREFERRED.iter().find_map(|first| names.iter().position(|name| name == first));
        if let Some(at) = first {
            names[..=at].rotate_right(1);
        }
        names.into_iter().map(|name| entry(name)).collect()
    }

    /// The pooled levels of a field, from the attribute `pooling` of the group's arrays.
    pub fn levels(&self, field: &str, array: &Array, notes: &mut Vec<String>) -> Vec<Level> {
        let mut levels: Vec<Level> = Vec::new();
        for (path, metadata) in &self.group.arrays {
            let Some(pooling) = metadata.attributes.get("pooling") else { continue };
            let text = |key: &str| pooling.get(key).and_then(Json::as_str);
            if text("of") != Some(field) || text("method") != Some("max") {
                continue;
            }
            let frames = pooling.get("frames").and_then(Json::as_u64).unwrap_or_default();
            let level = Array::new(self.root.clone(), path, metadata.clone());
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
        let order = argsort(levels.len(), &mut |a, b| levels[a].frames.cmp(&levels[b].frames));
        let mut levels: Vec<Option<Level>> = levels.into_iter().map(Some).collect();
        let mut ascending: Vec<Level> = Vec::new();
        for level in order.into_iter().filter_map(|at| levels[at].take()) {
            // The block size of a level has to be a multiple of the previous one's.
            let finer = ascending.last().map_or(1, |finer| finer.frames);
            if level.frames > finer && level.frames % finer == 0 {
                ascending.push(level);
            }
        }
        ascending
    }
}

/// A field entry with the name of its array.
pub(super) fn entry(array: &str) -> FieldEntry {
    FieldEntry {
        name: stem(array).to_owned(),
        array: array.to_owned(),
        dtype: None,
        shape: None,
        units: None,
        colormap: None,
        range: None,
    }
}
