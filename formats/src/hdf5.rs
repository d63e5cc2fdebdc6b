//! HDF5, and so netCDF 4: every dataset of the root group and of the groups below it.

mod attributes;
mod codecs;
mod dimensions;
mod element;
mod labels;
mod member;
mod source;
mod storage;

use std::sync::{Arc, Mutex, PoisonError};

use hdf5_pure::{Error, File, Group};

use crate::blocks::Blocks;
use crate::{head, json, node};
use attributes::Attributes;
use dimensions::Scale;
use member::{Member, Place};
use source::BlockSource;

/// The most datasets that are told.
const DATASETS: usize = 512;
/// How deep groups are followed; the root is 0.
const DEPTH: usize = 3;
/// Bytes among which the signature is looked for.
const HEAD: u64 = 64 << 10;
/// How a dimension without a variable of its own is named.
const DIMENSION_ONLY: &str = "This is a netCDF dimension but not a netCDF variable";

/// What a file holds.
struct Contents {
    members: Vec<Member>,
    groups: Vec<(String, Attributes)>,
    skipped: Vec<(String, String)>,
}

/// Tells as JSON what the file holds, or says what is wrong with it.
pub fn tell(blocks: &Arc<Mutex<Blocks>>) -> Result<String, String> {
    let missing = || lock(blocks).is_missing();
    let length = HEAD.min(lock(blocks).size());
    let head = lock(blocks).read(0, length as usize).map_err(|_| String::new())?;
    if head::hdf5_start(&head).is_none() {
        return Err(format!("its first {length} bytes have no HDF5 signature"));
    }
    let file = File::from_source(BlockSource(Arc::clone(blocks))).map_err(|error| reason(&error))?;
    let root = file.root();
    let mut contents = Contents { members: Vec::new(), groups: Vec::new(), skipped: Vec::new() };
    let attributes = Attributes::new(root.attrs().map_err(|error| reason(&error))?);
    contents.collect(&root, "", 0, &missing).map_err(|error| reason(&error))?;
    if missing() {
        return Err(String::new());
    }
    Ok(contents.told(&attributes, blocks))
}

impl Contents {
    /// What is in a group and in those below it. Goes on where something is missing, so that it is fetched together.
    fn collect(
        &mut self,
        group: &Group,
        prefix: &str,
        depth: usize,
        missing: &impl Fn() -> bool,
    ) -> Result<(), Error> {
        for (name, dataset) in group.iter_datasets()? {
            let path = format!("{prefix}{}", name.strip_prefix("_nc4_non_coord_").unwrap_or(&name));
            if self.members.len() >= DATASETS {
                self.skipped.push((path, format!("only the first {DATASETS} datasets are read")));
                continue;
            }
            match Member::new(path.clone(), dataset) {
                Ok(member) => self.members.push(member),
                Err(error) => self.skipped.push((path, reason(&error))),
            }
        }
        if depth == DEPTH {
            return Ok(());
        }
        for (name, below) in group.iter_groups()? {
            let path = format!("{prefix}{name}");
            // Groups may hold each other: what is deep or many is left out.
            if self.groups.len() >= DATASETS {
                break;
            }
            let index = self.groups.len();
            let collected = below.attrs().and_then(|attributes| {
                self.groups.push((path.clone(), Attributes::new(attributes)));
                self.collect(&below, &format!("{path}/"), depth + 1, missing)
            });
            if let Err(error) = collected {
                self.groups.truncate(index + 1);
                self.skipped.push((path, reason(&error)));
            }
            if missing() {
                return Ok(());
            }
        }
        Ok(())
    }

    /// As JSON.
    fn told(mut self, attributes: &Attributes, blocks: &Mutex<Blocks>) -> String {
        let scales: Vec<Scale> = self.members.iter().filter_map(Scale::of).collect();
        let mut nodes: Vec<(String, String)> = self
            .groups
            .iter()
            .map(|(path, attributes)| (path.clone(), node::group(&attributes.text(None), None)))
            .collect();
        let mut places: Vec<(String, Place)> = Vec::new();
        for member in self.members {
            if member.attributes.string("NAME").is_some_and(|name| name.starts_with(DIMENSION_ONLY)) {
                continue;
            }
            match member.told(&scales, blocks) {
                Ok((text, place)) => {
                    nodes.push((member.path.clone(), text));
                    places.push((member.path, place));
                }
                Err(reason) => self.skipped.push((member.path, reason)),
            }
            if lock(blocks).is_missing_much() {
                break;
            }
        }
        if lock(blocks).is_missing() {
            return String::new();
        }
        let mut out = String::from(r#"{"files":{"zarr.json":"#);
        json::string(&mut out, &node::group(&attributes.text(None), Some(&nodes)));
        for (path, text) in &nodes {
            out.push(',');
            json::string(&mut out, &format!("{path}/zarr.json"));
            out.push(':');
            json::string(&mut out, text);
        }
        out.push_str(r#"},"arrays":"#);
        json::list(&mut out, &places, |out, (path, place)| {
            out.push_str(r#"{"path":"#);
            json::string(out, path);
            place.write(out);
            out.push('}');
        });
        out.push_str(r#","skipped":"#);
        json::list(&mut out, &self.skipped, |out, (path, reason)| {
            json::list(out, [path, reason], |out, text| json::string(out, text));
        });
        out.push('}');
        out
    }
}

fn lock(blocks: &Mutex<Blocks>) -> std::sync::MutexGuard<'_, Blocks> {
    blocks.lock().unwrap_or_else(PoisonError::into_inner)
}

/// What the parser found wrong.
fn reason(error: &Error) -> String {
    error.to_string()
}
