//! The directory of a zip.

use std::collections::BTreeMap;
use std::io::{Error, ErrorKind, Result as IoResult};
use std::sync::Mutex;

use rawzip::{ReaderAt, ZipArchive, ZipLocator};

use crate::blocks::{Blocks, Unread, lock};
use crate::structure::{Entry, Structure};

/// What is read at once of the end; also the most that a comment may push the directory's end from the file's.
const TAIL: u64 = 64 << 10;
/// The longest directory: of a million chunks.
const DIRECTORY: u64 = 128 << 20;
/// The longest record of a directory: a name, extra fields and a comment of 64 KiB each.
const RECORD: usize = 256 << 10;

/// What a Mac puts beside the files.
const MAC: &str = "__MACOSX/";

struct BlockReader<'a>(&'a Mutex<Blocks>);

impl ReaderAt for BlockReader<'_> {
    fn read_at(&self, buffer: &mut [u8], offset: u64) -> IoResult<usize> {
        let mut blocks = lock(self.0);
        let length = blocks.size().saturating_sub(offset).min(buffer.len() as u64) as usize;
        let bytes = blocks.read(offset, length).map_err(|unread| match unread {
            Unread::End => Error::from(ErrorKind::UnexpectedEof),
            Unread::Missing | Unread::TooMuch => Error::from(ErrorKind::Other),
        })?;
        buffer[..length].copy_from_slice(&bytes);
        Ok(length)
    }
}

/// An entry of the directory.
struct Listed {
    start: u64,
    method: u16,
    size: u64,
}

/// Tells where the entries are, or says what is wrong with the file.
pub fn parse(blocks: &Mutex<Blocks>) -> Result<Structure, String> {
    let size = lock(blocks).size();
    // All of the end at once, and not as the search goes backwards.
    if !lock(blocks).has(size.saturating_sub(TAIL)..size) {
        return Err(String::new());
    }
    let mut buffer = vec![0; RECORD];
    let search = TAIL + 64;
    let locator = ZipLocator::new().max_search_space(search);
    let archive: ZipArchive<BlockReader<'_>> = locator
        .locate_in_reader(BlockReader(blocks), &mut buffer[..TAIL as usize], size)
        .map_err(|(_, error)| match error.kind() {
            rawzip::ErrorKind::MissingEndOfCentralDirectory => {
                format!("it has no zip directory at its end (it may be cut off at {size} bytes)")
            }
            _ => damaged(&error),
        })?;
    let (start, end) = (archive.directory_offset(), archive.eocd_offset());
    if end.saturating_sub(start) > DIRECTORY {
        return Err(format!("its zip directory has {} bytes, and {DIRECTORY} are read", end - start));
    }
    if start > end || !lock(blocks).has(start..end) {
        return Err(format!("its zip directory starts at {start} and ends at {end}"));
    }
    let mut listed: BTreeMap<String, Listed> = BTreeMap::new();
    let mut starts = vec![start];
    let mut entries = archive.entries(&mut buffer);
    loop {
        let entry = entries.next_entry().map_err(|error| damaged(&error))?;
        let Some(entry) = entry else { break };
        if entry.flags().is_encrypted() {
            return Err("it is encrypted".to_owned());
        }
        starts.push(entry.local_header_offset());
        let name = String::from_utf8_lossy(entry.file_path().as_bytes()).into_owned();
        if !entry.is_dir() && !name.starts_with(MAC) {
            let (start, size) = (entry.local_header_offset(), entry.uncompressed_size_hint());
            // Of two with one name the later one holds, as for whoever writes a key again.
            listed.insert(name, Listed { start, method: entry.compression_method().as_u16(), size });
        }
    }
    starts.sort_unstable();
    let top = top_folder(&listed).len();
    let (mut entries, mut skipped) = (Vec::new(), Vec::new());
    for (mut name, Listed { start: begin, method, size }) in listed {
        name.drain(..top);
        let next = starts[starts.partition_point(|start| *start <= begin)..].first();
        if next.is_none_or(|end| *end > start) {
            skipped.push((name, format!("it starts at {begin}, in or behind the zip's directory")));
        } else if method != 0 && method != 8 {
            skipped.push((name, format!("it is compressed by method {method}")));
        } else if let Some(end) = next {
            entries.push(Entry { name, place: begin..*end, deflated: method == 8, size });
        }
    }
    Ok(Structure::Entries { entries, skipped })
}

fn damaged(error: &rawzip::Error) -> String {
    format!("its zip directory is damaged ({error})")
}

/// The folder that holds everything, with its slash; `""` if there is none.
fn top_folder(listed: &BTreeMap<String, Listed>) -> String {
    let mut top = String::new();
    while let Some((first, _)) = listed.first_key_value()
        && let Some(length) = first[top.len()..].find('/')
    {
        let longer = &first[..=top.len() + length];
        if !listed.keys().all(|name| name.starts_with(longer)) {
            break;
        }
        longer.clone_into(&mut top);
    }
    top
}
