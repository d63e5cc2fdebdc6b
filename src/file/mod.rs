//! Files that are no Zarr hierarchy, told as one: so the same arrays, seeks and errors serve them all.
//!
//! [`open_file`] finds out where a file's arrays lie ([`npy`] by itself; HDF5 and zip with `replayscope-files`) and
//! gives a source that answers for a Zarr root: metadata as values, chunks as ranges of the file ([`Told`]), or as
//! entries of an archive ([`Archive`]).

mod archive;
mod environment;
mod error;
mod npy;
mod structure;
mod told;

use std::rc::Rc;

pub use archive::Archive;
pub use environment::{environment, environment_arrays, polygons};
pub use error::FileError;
pub use npy::NpyHeader;
pub use told::{Place, Told};

use replayscope_files::{Found, Kind};

use crate::array::{DataType, Format2, format2_node, numpy_type};
use crate::error::Error;
use crate::source::{ByteSource, SourceError, Span};

/// What kind of file one is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FileKind {
    /// `NumPy`'s `.npy`: one array.
    Npy,
    /// HDF5, and so netCDF4.
    Hdf5,
    /// A zip archive that holds a Zarr hierarchy.
    Zip,
    /// A session document on its own.
    Document,
}

/// The first bytes of a file say what it is; as many as are looked at.
pub const HEAD: u64 = 16;

impl FileKind {
    /// By the end of a name, or of an address; `None` is a folder, or something else.
    pub fn of(name: &str) -> Option<Self> {
        let name = name.split(['?', '#']).next().unwrap_or(name);
        let (_, extension) = name.rsplit_once('/').map_or(name, |(_, file)| file).rsplit_once('.')?;
        let is = |known: &[&str]| known.iter().any(|known| known.eq_ignore_ascii_case(extension));
        if is(&["npy"]) {
            Some(Self::Npy)
        } else if is(&["nc", "nc4", "h5", "hdf5", "nwb"]) {
            Some(Self::Hdf5)
        } else if is(&["zip"]) {
            Some(Self::Zip)
        } else {
            is(&["json"]).then_some(Self::Document)
        }
    }

    /// By the first bytes.
    pub fn by_head(head: &[u8]) -> Option<Self> {
        match head {
            [0x93, b'N', b'U', b'M', b'P', b'Y', ..] => Some(Self::Npy),
            [0x89, b'H', b'D', b'F', ..] => Some(Self::Hdf5),
            [b'P', b'K', 3, 4, ..] => Some(Self::Zip),
            [b'{', ..] => Some(Self::Document),
            _ => None,
        }
    }
}

/// What a file looks like that is not what its name says, for messages.
pub(crate) fn looks_like(head: &[u8]) -> &'static str {
    let text = head.trim_ascii_start();
    match (FileKind::by_head(text), text) {
        (Some(FileKind::Npy), _) => "it is a .npy file",
        (Some(FileKind::Hdf5), _) => "it is an HDF5 file",
        (Some(FileKind::Zip), _) => "it is a zip archive",
        (Some(FileKind::Document), _) => "it is JSON",
        (_, [b'<', ..]) => "it is a web page, perhaps that of a login",
        (_, [b'C', b'D', b'F', ..]) => "it is a netCDF file of the older format 3",
        (_, [b'M', b'A', b'T', b'L', b'A', b'B', ..]) => "it is a MATLAB file",
        (_, [0x1f, 0x8b, ..]) => "it is compressed with gzip",
        (_, []) => "it is empty",
        _ => "it begins with other bytes",
    }
}

/// Opens a file of `folder` as the root of a Zarr hierarchy.
///
/// Reads its size and what describes its arrays: one round trip for `.npy`, a few for HDF5 and zip, and of large
/// files less than 2 MiB.
pub async fn open_file(
    folder: &Rc<dyn ByteSource>,
    name: &str,
    kind: FileKind,
) -> Result<Rc<dyn ByteSource>, Error> {
    Ok(match kind {
        FileKind::Npy => Rc::new(npy::open(folder, name).await?),
        FileKind::Hdf5 | FileKind::Zip => {
            let kind = if kind == FileKind::Zip { Kind::Zip } else { Kind::Hdf5 };
            match structure::find_out(folder, name, kind).await? {
                Found::Nodes { nodes, places, .. } => {
                    Rc::new(Told::found(folder.clone(), name, nodes, places))
                }
                Found::Entries { entries, .. } => {
                    let archive = Rc::new(Archive::new(folder.clone(), name, entries));
                    Format2::over(archive, format2_node)
                }
            }
        }
        FileKind::Document => {
            let location = folder.location(name);
            let reason = "a session document holds no arrays".to_owned();
            return Err(FileError { what: "a file of arrays", reason, how: NAME_ARRAYS, location }.into());
        }
    })
}

/// Reads a zip archive's directory: its size, its end, and what lies before that.
pub async fn open_archive(folder: &Rc<dyn ByteSource>, name: &str) -> Result<Archive, Error> {
    let entries = match structure::find_out(folder, name, Kind::Zip).await? {
        Found::Entries { entries, .. } => entries,
        Found::Nodes { .. } => Vec::new(),
    };
    Ok(Archive::new(folder.clone(), name, entries))
}

/// A file that is nothing but the values of an array in C order, as `np.memmap` writes it. `dtype` is a name such as
/// `float32` or `<f4`; little-endian where it does not say.
pub async fn raw_array(
    folder: Rc<dyn ByteSource>,
    name: &str,
    dtype: &str,
    shape: &[u64],
) -> Result<Rc<dyn ByteSource>, Error> {
    let fail = |reason: String, how| {
        Error::from(FileError {
            what: "an array of raw values",
            reason,
            how,
            location: folder.location(name),
        })
    };
    let known = DTYPES.iter().find(|known| **known == dtype).map(|known| (*known, false));
    let Some((dtype, big_endian)) = known.or_else(|| numpy_type(dtype)) else {
        let reason = format!("its `dtype` is {dtype}, and floats and integers are read");
        return Err(fail(reason, "Give it as `str(array.dtype)` has it, such as \"float32\""));
    };
    let elements = shape.iter().try_fold(1_u64, |product, length| product.checked_mul(*length));
    let size = DataType::from_name(dtype).map_or(1, DataType::size) as u64;
    let bytes = elements.and_then(|elements| elements.checked_mul(size));
    let there = folder.size(name).await?;
    if bytes != Some(there) {
        let bytes = bytes.map_or_else(|| "more than fit in 64 bits".to_owned(), |bytes| bytes.to_string());
        let reason = format!("{shape:?} of {dtype} takes {bytes} bytes and it holds {there}");
        return Err(fail(reason, "Give `shape` as `array.shape` has it"));
    }
    let (node, place) = npy::run(dtype, big_endian, shape, 0);
    Ok(Rc::new(Told::new(folder, name, vec![(String::new(), node, place)])))
}

/// Zarr's and `NumPy`'s names of what is read.
const DTYPES: [&str; 11] = [
    "float16", "float32", "float64", "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64",
];

const NAME_ARRAYS: &str = "Refer to the files that it names";

/// The size of a file, which must have one: a missing file is told by its name.
async fn size(folder: &Rc<dyn ByteSource>, name: &str) -> Result<u64, SourceError> {
    folder.size(name).await
}

/// Bytes `start..end` of a file, or as many as it has.
async fn read(
    folder: &Rc<dyn ByteSource>,
    name: &str,
    range: std::ops::Range<u64>,
) -> Result<Vec<u8>, SourceError> {
    if range.is_empty() {
        return Ok(Vec::new());
    }
    folder.read(name, Span::Range(range)).await
}
