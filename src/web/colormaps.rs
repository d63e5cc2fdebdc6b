//! Fetches the colormaps that are not in the page's wasm.

use crate::extras;
use replayscope_session::colormap;
use replayscope_viewer::Error;

pub async fn more_colormaps() -> Result<(), Error> {
    colormap::add_more(extras::colormaps().await?);
    Ok(())
}
