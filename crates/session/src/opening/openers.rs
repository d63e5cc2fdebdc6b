//! The interface to code that only some sessions need: other file formats, other environments, a decoder's results.

use std::rc::Rc;

use replayscope_files::FileKind;
use replayscope_json::Json;
use replayscope_zarr::array::Group;
use replayscope_zarr::futures::Boxed;
use replayscope_zarr::source::ByteSource;

use crate::environment::{Environment, Explicit};
use crate::error::Error;
use crate::opening::results::DecoderResults;

/// The format of a file of arrays.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FileFormat {
    /// A file that describes its own arrays.
    Kind(FileKind),
    /// Only the values of one array in C order, as `np.memmap` writes them.
    Raw {
        /// Data type, such as `float32` or `<f4`.
        dtype: String,
        /// Length of each dimension.
        shape: Vec<u64>,
    },
}

/// The input for an environment that is no grid.
#[derive(Debug, Default)]
pub struct Geometry<'a> {
    /// neurospatial's `Environment-v1` dict.
    pub dict: Option<&'a Json>,
    /// The centre of each bin, in the environment's units.
    pub centers: Option<&'a [[f64; 2]]>,
    /// The polygon of each bin.
    pub explicit: Option<Explicit>,
}

/// Opens what most sessions do not need. The page loads this code on demand; the command line uses [`Included`](crate::Included).
pub trait Openers {
    /// Opens the file `name` of `folder` as a virtual Zarr store and returns its root.
    fn file(
        &self,
        folder: Rc<dyn ByteSource>,
        name: String,
        format: FileFormat,
    ) -> Boxed<'static, Rc<dyn ByteSource>, Error>;

    /// Reads neurospatial's environment from a JSON file and the `.npz` beside it, as the dict of `to_dict`.
    fn environment_file(&self, folder: Rc<dyn ByteSource>, name: String) -> Boxed<'static, Json, Error>;

    /// Makes an environment that is no grid.
    fn environment<'a>(&self, shape: Geometry<'a>) -> Boxed<'a, Environment, Error>;

    /// Recognises a decoder's results in a group; `None` where the group holds none.
    fn decoder_results<'a>(
        &self,
        group: &'a Group,
        root: Rc<dyn ByteSource>,
    ) -> Boxed<'a, Option<Box<dyn DecoderResults>>, Error>;
}
