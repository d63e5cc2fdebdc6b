//! Fetches the colormaps that are not in the page's wasm.

use crate::colormap;
use crate::error::Error;
use crate::later;

pub async fn more_colormaps() -> Result<(), Error> {
    colormap::add_more(later::others().await?.colormaps());
    Ok(())
}
