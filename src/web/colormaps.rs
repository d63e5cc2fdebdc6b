//! The colormaps that are not in the page's wasm.

use crate::error::Error;
use crate::extras;
use replayscope_session::colormap;

pub async fn more_colormaps() -> Result<(), Error> {
    colormap::add_more(extras::colormaps().await?);
    Ok(())
}
