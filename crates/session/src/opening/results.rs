//! The interface to a decoder's results, whose columns are bins of one or several states.

use std::rc::Rc;

use replayscope_zarr::array::{Array, ArrayMetadata};

use crate::document::FieldEntry;
use crate::error::{Error, SessionError};
use crate::opening::coordinates::Coordinates;

/// The layout of a decoder's results in the columns of its arrays.
pub trait DecoderResults {
    /// Whether an array has these bins as its columns.
    fn holds(&self, metadata: &ArrayMetadata) -> bool;
    /// The coordinates that have to be read.
    fn coordinates(&self) -> Coordinates;
    /// The columns and bin centres of each state, from the loaded coordinates. Adds a note for each state that is left out.
    ///
    /// # Errors
    /// Where coordinates disagree, or no bin has a position.
    fn states(
        &self,
        coordinates: &Coordinates,
        notes: &mut Vec<String>,
    ) -> Result<Box<dyn States>, SessionError>;
}

/// The states that share one set of bins.
pub trait States {
    /// The centre of each bin, environment units.
    fn centers(&self) -> &[[f64; 2]];
    /// The fields of an array: the sum of all states first, then each state; with a single state, the array itself. `first` is for the
    /// session's first array, whose states need no prefix.
    ///
    /// # Errors
    /// Where the array has another number of columns.
    fn fields(&self, entry: &FieldEntry, array: &Rc<Array>, first: bool) -> Result<Vec<Picked>, Error>;
}

/// The name of a field and its array.
pub type Picked = (String, Rc<Array>);
