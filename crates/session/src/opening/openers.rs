//! What opens anything but a Zarr session on a grid: other files, other environments, a decoder's results.

use std::rc::Rc;

use replayscope_files::FileKind;
use replayscope_json::Json;
use replayscope_zarr::array::Group;
use replayscope_zarr::futures::Boxed;
use replayscope_zarr::source::ByteSource;

use crate::environment::{Environment, Explicit};
use crate::error::Error;
use crate::opening::results::DecoderResults;

/// A file of arrays, and what is known of it before it is read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FileFormat {
    /// A file that describes its arrays.
    Kind(FileKind),
    /// The values of one array in C order and nothing else, as `np.memmap` writes them.
    Raw {
        /// A name such as `float32` or `<f4`.
        dtype: String,
        /// Length of each dimension.
        shape: Vec<u64>,
    },
}

/// Where bins are, of an environment that is no grid.
#[derive(Debug, Default)]
pub struct Shape<'a> {
    /// neurospatial's dict.
    pub dict: Option<&'a Json>,
    /// The centre of each bin, in the environment's units.
    pub centers: Option<&'a [[f64; 2]]>,
    /// The polygon of each bin.
    pub explicit: Option<Explicit>,
}

/// Opens what most sessions do not need. The page fetches this code when a session first needs it; the command line has
/// [`Included`](crate::Included).
pub trait Openers {
    /// A file of `folder` as the root of a virtual Zarr store.
    fn file(
        &self,
        folder: Rc<dyn ByteSource>,
        name: String,
        format: FileFormat,
    ) -> Boxed<'static, Rc<dyn ByteSource>, Error>;

    /// The dict of neurospatial's environment in a JSON file, with the arrays of the `.npz` beside it.
    fn environment_file(&self, folder: Rc<dyn ByteSource>, name: String) -> Boxed<'static, Json, Error>;

    /// An environment that is no grid.
    fn environment<'a>(&self, shape: Shape<'a>) -> Boxed<'a, Environment, Error>;

    /// How a decoder's results lie in the arrays of a group; `None` where the group does not hold any.
    fn decoder_results<'a>(
        &self,
        group: &'a Group,
        root: Rc<dyn ByteSource>,
    ) -> Boxed<'a, Option<Box<dyn DecoderResults>>, Error>;
}
