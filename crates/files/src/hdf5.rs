//! HDF5, and so netCDF 4: every dataset of the root group and of the groups below it.

mod attributes;
mod codecs;
mod dimensions;
mod element;
mod fault;
mod header;
mod heap;
mod labels;
mod member;
mod source;
mod storage;

use std::sync::{Arc, Mutex};

use hdf5_pure::{Dataset, Error, File, Group};
use replayscope_json::Json;

use crate::blocks::{Blocks, lock};
use crate::node;
use crate::structure::{Storage, Structure};
use attributes::Attributes;
use dimensions::Scale;
use fault::reason;
use header::{Frame, Header};
use member::Member;
use source::BlockSource;

/// The most datasets that are read.
const DATASETS: usize = 512;
/// How deep groups are followed; the root is 0.
const DEPTH: usize = 3;
const SIGNATURE: &[u8] = b"\x89HDF\r\n\x1a\n";
/// Bytes among which it is looked for.
const HEAD: u64 = 64 << 10;
/// How a dimension without a variable of its own is named.
const DIMENSION_ONLY: &str = "This is a netCDF dimension but not a netCDF variable";

/// What a file holds.
struct Contents {
    members: Vec<Member>,
    groups: Vec<(String, Attributes)>,
    skipped: Vec<(String, String)>,
}

/// What a walk over the groups needs.
struct Walk<'a> {
    source: BlockSource,
    frame: Frame,
    blocks: &'a Mutex<Blocks>,
}

impl Walk<'_> {
    fn is_missing(&self) -> bool {
        lock(self.blocks).is_missing()
    }

    /// The datasets of a group, each with its header.
    fn datasets(&self, group: &Group) -> Result<Vec<(String, Dataset, Header)>, Error> {
        self.source.headers();
        let datasets = group.iter_datasets()?;
        // The last ones read are those of the members, in their order.
        let mut blocks = lock(self.blocks);
        let read = |address: &u64| Header::read(&mut blocks, self.frame, *address);
        let mut headers: Vec<Header> = self.source.headers().iter().filter_map(read).collect();
        headers.retain(Header::is_dataset);
        let before = headers.len().saturating_sub(datasets.len());
        let headers = headers.into_iter().skip(before).chain(std::iter::repeat_with(Header::default));
        Ok(datasets.zip(headers).map(|((name, dataset), header)| (name, dataset, header)).collect())
    }
}

/// Tells what the file holds, or says what is wrong with it.
pub fn parse(blocks: &Arc<Mutex<Blocks>>) -> Result<Structure, String> {
    let length = HEAD.min(lock(blocks).size());
    let head = lock(blocks).read(0, length as usize).map_err(|_| String::new())?;
    if !has_signature(&head) {
        return Err(format!("its first {length} bytes have no HDF5 signature"));
    }
    let source = BlockSource::new(blocks);
    let broken = |error| format!("its HDF5 structure cannot be read: {}", reason(&error));
    let file = File::from_source(source.clone()).map_err(broken)?;
    let superblock = file.superblock();
    let (size, whole) = (lock(blocks).size(), superblock.eof_address);
    if whole > size && whole != u64::MAX {
        return Err(format!("it is cut off: {size} of its {whole} bytes are there"));
    }
    let frame = Frame {
        base: superblock.base_address.get(),
        offset_size: superblock.offset_size.into(),
        length_size: superblock.length_size.into(),
    };
    let walk = Walk { source, frame, blocks };
    let root = file.root();
    let mut contents = Contents { members: Vec::new(), groups: Vec::new(), skipped: Vec::new() };
    let attributes = Attributes::new(root.attrs().map_err(broken)?);
    contents.collect(&root, "", 0, &walk).map_err(broken)?;
    if walk.is_missing() {
        return Err(String::new());
    }
    Ok(contents.structure(&attributes, frame, blocks))
}

impl Contents {
    /// What is in a group and in those below it. Goes on where something is missing, so that it is fetched together.
    fn collect(&mut self, group: &Group, prefix: &str, depth: usize, walk: &Walk) -> Result<(), Error> {
        for (name, dataset, header) in walk.datasets(group)? {
            let path = format!("{prefix}{}", name.strip_prefix("_nc4_non_coord_").unwrap_or(&name));
            if self.members.len() >= DATASETS {
                self.skipped.push((path, format!("only the first {DATASETS} datasets are read")));
                continue;
            }
            match Member::new(path.clone(), dataset, header) {
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
                self.collect(&below, &format!("{path}/"), depth + 1, walk)
            });
            if let Err(error) = collected {
                self.groups.truncate(index + 1);
                self.skipped.push((path, reason(&error)));
            }
            if walk.is_missing() {
                return Ok(());
            }
        }
        Ok(())
    }

    fn structure(mut self, attributes: &Attributes, frame: Frame, blocks: &Mutex<Blocks>) -> Structure {
        let scale = |member: &Member| Scale::of(member.name(), &member.shape, &member.attributes);
        let scales: Vec<Scale> = self.members.iter().filter_map(scale).collect();
        let mut nodes: Vec<(String, Json)> = self
            .groups
            .iter()
            .map(|(path, attributes)| (path.clone(), node::group(attributes.json(None), None)))
            .collect();
        let mut storage: Vec<(String, Storage)> = Vec::new();
        for member in self.members {
            if member.attributes.string("NAME").is_some_and(|name| name.starts_with(DIMENSION_ONLY)) {
                continue;
            }
            match member.node(&scales, frame, blocks) {
                Ok((node, place)) => {
                    nodes.push((member.path.clone(), node));
                    storage.push((member.path, place));
                }
                Err(reason) => self.skipped.push((member.path, reason)),
            }
            if lock(blocks).is_missing_much() {
                break;
            }
        }
        let root = node::group(attributes.json(None), Some(&nodes));
        nodes.push((String::new(), root));
        Structure::Nodes { nodes, storage, skipped: self.skipped }
    }
}

/// Whether HDF5's signature is at 0, 512, 1024, 2048 or wherever else the format allows it, within these bytes.
fn has_signature(head: &[u8]) -> bool {
    let mut start = 0;
    while let Some(rest) = head.get(start..) {
        if rest.starts_with(SIGNATURE) {
            return true;
        }
        start = (start * 2).max(512);
    }
    false
}
