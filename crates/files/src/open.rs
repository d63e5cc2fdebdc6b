//! Opens a file of arrays as the root of a Zarr hierarchy.

use std::rc::Rc;

use replayscope_zarr::array::{DataType, Format2, format2_node, numpy_type};
use replayscope_zarr::source::ByteSource;

use crate::archive::Archive;
use crate::error::{Error, FileError};
use crate::fetch::read_structure;
use crate::kind::FileKind;
use crate::npy;
use crate::parser::Kind;
use crate::structure::Structure;
use crate::virtual_store::VirtualStore;

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
            match read_structure(folder, name, kind).await? {
                Structure::Nodes { nodes, storage, .. } => {
                    Rc::new(VirtualStore::of_structure(folder.clone(), name, nodes, storage))
                }
                Structure::Entries { entries, .. } => {
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
    let entries = match read_structure(folder, name, Kind::Zip).await? {
        Structure::Entries { entries, .. } => entries,
        Structure::Nodes { .. } => Vec::new(),
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
    let (node, chunks) = npy::contiguous(dtype, big_endian, shape, 0);
    Ok(Rc::new(VirtualStore::new(folder, name, vec![(String::new(), node, chunks)])))
}

/// Zarr's and `NumPy`'s names of what is read.
const DTYPES: [&str; 11] = [
    "float16", "float32", "float64", "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64",
];

const NAME_ARRAYS: &str = "Refer to the files that it names";
