//! Code that the page loads on demand: opening everything but a Zarr v3 session on a grid, interiors of regions, offscreen pictures,
//! URLs without credentials, requested range estimates, most colormaps.
//!
//! The site is built with the feature `split`: these functions, and code that only they use, become a second wasm module that shares
//! the memory of the page's (xtask/site/src/cut.rs). Without the feature they are part of the page's module.

use std::rc::Rc;

use replayscope_files::FileKind;
use replayscope_json::Json;
use replayscope_session::colormap::{self, Lut};
use replayscope_session::environment::{self, Environment, Mesh, Region};
use replayscope_session::range::ColorRange;
use replayscope_session::{
    self as session, DecoderResults, FileFormat, Geometry, Included, Openers, Opening, Session,
};
use replayscope_viewer::Error;
use replayscope_viewer::{Drawing, Viewer};
use replayscope_zarr::array::{self, Format2, Group};
use replayscope_zarr::futures::Boxed;
use replayscope_zarr::source::{ByteSource, SourceError};

use crate::painter::Painter;
use crate::source::FilesSource;

/// The error that the module of the extras could not be fetched.
pub struct NotLoaded;

impl From<NotLoaded> for SourceError {
    fn from(_: NotLoaded) -> Self {
        Self::Unreachable {
            reason: "a part of the viewer could not be fetched".to_owned(),
            location: "replayscope_extras.wasm".to_owned(),
        }
    }
}

impl From<NotLoaded> for replayscope_zarr::Error {
    fn from(error: NotLoaded) -> Self {
        SourceError::from(error).into()
    }
}

impl From<NotLoaded> for session::Error {
    fn from(error: NotLoaded) -> Self {
        SourceError::from(error).into()
    }
}

impl From<NotLoaded> for Error {
    fn from(error: NotLoaded) -> Self {
        session::Error::from(error).into()
    }
}

#[cfg(feature = "split")]
impl From<wasm_split_helpers::SplitLoaderError> for NotLoaded {
    fn from(_: wasm_split_helpers::SplitLoaderError) -> Self {
        Self
    }
}

/// Defines functions of the extras. The page's module calls them only through a table; each is `async`, as the module with the table
/// may have to be fetched first.
macro_rules! extras {
    ($($(#[$doc:meta])* pub fn $name:ident($($argument:ident: $type:ty),* $(,)?) -> $result:ty $body:block)*) => {
        struct Extras {
            $($name: fn($($type),*) -> $result,)*
        }

        static EXTRAS: Extras = Extras { $($name: |$($argument),*| $body,)* };

        $(
            $(#[$doc])*
            pub async fn $name($($argument: $type),*) -> Result<$result, NotLoaded> {
                Ok((load().await?.$name)($($argument),*))
            }
        )*
    };
}

/// Fetches the module of the extras, once.
#[cfg(feature = "split")]
#[allow(unsafe_code, reason = "the attribute links this function to its callers in the page's module")]
#[allow(clippy::unnecessary_wraps, reason = "the attribute adds what may fail")]
#[wasm_split_helpers::wasm_split(extras, fallible)]
fn load() -> Result<&'static Extras, NotLoaded> {
    Ok(&EXTRAS)
}

#[cfg(not(feature = "split"))]
#[allow(clippy::unused_async, reason = "with the feature it waits for the module")]
async fn load() -> Result<&'static Extras, NotLoaded> {
    Ok(&EXTRAS)
}

extras! {
    /// [`Openers::file`].
    pub fn file(
        folder: Rc<dyn ByteSource>,
        name: String,
        format: FileFormat,
    ) -> Boxed<'static, Rc<dyn ByteSource>, session::Error> {
        Included.file(folder, name, format)
    }

    /// [`Openers::environment_file`].
    pub fn environment_file(
        folder: Rc<dyn ByteSource>,
        name: String,
    ) -> Boxed<'static, Json, session::Error> {
        Included.environment_file(folder, name)
    }

    /// [`Openers::environment`].
    pub fn environment(shape: Geometry<'_>) -> Boxed<'_, Environment, session::Error> {
        Included.environment(shape)
    }

    /// [`Openers::decoder_results`].
    pub fn decoder_results(
        group: &Group,
        root: Rc<dyn ByteSource>,
    ) -> Boxed<'_, Option<Box<dyn DecoderResults>>, session::Error> {
        Included.decoder_results(group, root)
    }

    /// The metadata of a node of a Zarr format 2 hierarchy, translated to format 3.
    pub fn translate_node(
        source: Rc<dyn ByteSource>,
        path: String,
    ) -> Boxed<'static, Option<Json>, replayscope_zarr::Error> {
        array::format2_node(source, path)
    }

    /// Opens a file of a known kind.
    pub fn open_kind(
        folder: Rc<dyn ByteSource>,
        name: String,
        kind: FileKind,
        opening: Opening,
    ) -> Boxed<'static, Session, session::Error> {
        Box::pin(async move { session::open_kind(folder, &name, kind, opening).await })
    }

    /// Opens a file whose kind its first bytes show, not its name; `None` where they do not.
    pub fn open_unnamed(
        folder: Rc<dyn ByteSource>,
        name: String,
        opening: Opening,
    ) -> Boxed<'static, Option<Session>, session::Error> {
        Box::pin(async move { session::open_unnamed(folder, &name, opening).await })
    }

    /// Opens files of this computer, with their paths, as one session; `web` resolves references that are URLs.
    pub fn open_dropped(
        files: Vec<(String, web_sys::File)>,
        web: Rc<dyn ByteSource>,
        opening: Opening,
    ) -> Boxed<'static, Session, session::Error> {
        Box::pin(async move {
            let files = FilesSource::new(files, web);
            let names = files.names();
            let files = Format2::over(Rc::new(files), format2_node);
            session::open_dropped(files, &names, opening).await
        })
    }

    /// The triangles of each region's interior.
    pub fn fill(regions: Vec<Region>) -> Vec<Mesh> {
        environment::fill(&regions)
    }

    /// A session's URL without credentials, and a sentence about what was removed.
    pub fn shareable(url: String) -> (String, Vec<String>) {
        replayscope_viewer::view::shareable(&url)
    }

    /// The colormaps that are not part of the page's module.
    pub fn colormaps() -> Vec<Lut> {
        colormap::more()
    }

    /// The function that estimates the range of a field; returned as a function, so that the viewer is not borrowed during the fetch.
    pub fn estimate() -> fn(&Viewer, &Json) -> Result<Boxed<'static, ColorRange, Error>, String> {
        |viewer, request| viewer.estimate(request)
    }

    /// The function that draws a view offscreen, at a size in pixels: RGBA rows, the top one first.
    pub fn pixels() -> fn(&mut Painter, [u32; 2], &Drawing) -> Boxed<'static, Vec<u8>, Error> {
        |painter, size, drawing| {
            let read = painter.read(size, drawing);
            Box::pin(async move { Ok(read?.await?) })
        }
    }
}

/// Calls [`array::format2_node`] once its module is fetched; a [`Translate`](array::Translate).
pub fn format2_node(
    source: Rc<dyn ByteSource>,
    path: String,
) -> Boxed<'static, Option<Json>, replayscope_zarr::Error> {
    Box::pin(async move { translate_node(source, path).await?.await })
}

/// Openers whose code is fetched on demand.
pub struct OnDemand;

impl Openers for OnDemand {
    fn file(
        &self,
        folder: Rc<dyn ByteSource>,
        name: String,
        format: FileFormat,
    ) -> Boxed<'static, Rc<dyn ByteSource>, session::Error> {
        Box::pin(async move { file(folder, name, format).await?.await })
    }

    fn environment_file(
        &self,
        folder: Rc<dyn ByteSource>,
        name: String,
    ) -> Boxed<'static, Json, session::Error> {
        Box::pin(async move { environment_file(folder, name).await?.await })
    }

    fn environment<'a>(&self, shape: Geometry<'a>) -> Boxed<'a, Environment, session::Error> {
        Box::pin(async move { environment(shape).await?.await })
    }

    fn decoder_results<'a>(
        &self,
        group: &'a Group,
        root: Rc<dyn ByteSource>,
    ) -> Boxed<'a, Option<Box<dyn DecoderResults>>, session::Error> {
        Box::pin(async move { decoder_results(group, root).await?.await })
    }
}
