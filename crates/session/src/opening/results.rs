//! The results of a decoder: bins by their coordinates, and those of several states side by side.

use std::rc::Rc;

use replayscope_zarr::array::{Array, ArrayMetadata};

use crate::document::FieldEntry;
use crate::error::{Error, SessionError};
use crate::opening::coordinates::Coordinates;

/// How a decoder's results lie in the columns of its arrays.
pub trait DecoderResults {
    /// Whether an array is over these bins.
    fn holds(&self, metadata: &ArrayMetadata) -> bool;
    /// The coordinates that have to be read to know it.
    fn coordinates(&self) -> Coordinates;
    /// Which columns the bins of each state are, and where those bins are, from coordinates that were read.
    fn states(
        &self,
        coordinates: &Coordinates,
        notes: &mut Vec<String>,
    ) -> Result<Box<dyn States>, SessionError>;
}

/// The states that have the same bins.
pub trait States {
    /// Where each bin is.
    fn centers(&self) -> &[[f64; 2]];
    /// The fields of an array: the sum of all states first, then each state. With only one, the array itself.
    fn fields(&self, entry: &FieldEntry, array: &Rc<Array>, first: bool) -> Result<Vec<Picked>, Error>;
}

/// A field's name and its array.
pub type Picked = (String, Rc<Array>);
