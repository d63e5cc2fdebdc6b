//! Opening a session.

mod assemble;
mod coordinates;
mod decoder;
mod dropped;
mod environment_file;
mod gathered;
mod included;
mod inferred;
mod labels;
mod limits;
mod names;
mod open;
mod openers;
mod options;
mod parts;
mod request;
mod resolver;
mod results;
mod times;

pub use coordinates::Coordinates;
pub use dropped::open_dropped;
pub use environment_file::{environment_arrays, environment_file, polygons};
pub use included::Included;
pub use open::{open, open_in, open_kind, open_unnamed};
pub use openers::{FileFormat, Geometry, Openers};
pub use options::Opening;
pub use results::{DecoderResults, States};
pub use times::check_times;
