//! What the page fetches when it is first needed: how to open anything but a Zarr v3 session, environments that are no grid,
//! the insides of regions, pictures of the view, addresses that may hold credentials, ranges that are asked for, and most colormaps.
//!
//! The site is built with the feature `split`: then [`Here`], and whatever only it uses, becomes a wasm module of its own
//! beside the page's, in the same memory (xtask/site/src/cut.rs). Everywhere else it is there.

use std::rc::Rc;

use futures_util::future::LocalBoxFuture;

use crate::array::{Group, format2_node as translate};
use crate::colormap::Lut;
use crate::environment::{Environment, EnvironmentError, Explicit, Mesh, Region};
use crate::error::Error;
use crate::file::FileKind;
use crate::json::Json;
use crate::range::Range;
use crate::session::{Decoded, Opening, Session};
use crate::source::{ByteSource, SourceError};
use crate::viewer::Viewer;

/// What comes of it, later.
pub type Later<T> = LocalBoxFuture<'static, Result<T, Error>>;

/// All of it. What is given is owned by what comes of it, later.
#[cfg_attr(
    not(target_arch = "wasm32"),
    allow(dead_code, reason = "the command line opens what it knows directly")
)]
pub trait Others {
    /// A file as the root of a Zarr hierarchy.
    fn file(&self, folder: Rc<dyn ByteSource>, name: String, kind: FileKind) -> Later<Rc<dyn ByteSource>>;

    /// A file of nothing but values as the root of a Zarr hierarchy.
    fn raw_array(
        &self,
        folder: Rc<dyn ByteSource>,
        name: String,
        dtype: String,
        shape: Vec<u64>,
    ) -> Later<Rc<dyn ByteSource>>;

    /// neurospatial's environment in a JSON file, and in the `.npz` beside it, as `to_dict` has it.
    fn environment(&self, folder: Rc<dyn ByteSource>, name: String) -> Later<Json>;

    /// An environment that is no grid, as [`Environment::shaped`].
    fn shaped(
        &self,
        dict: Option<&Json>,
        centers: Option<&[[f64; 2]]>,
        explicit: Option<Explicit>,
    ) -> Result<Environment, EnvironmentError>;

    /// The triangles of each region's inside.
    fn fill(&self, regions: &[Region]) -> Vec<Mesh>;

    /// A session's address without credentials, as [`crate::view::shareable`].
    fn shareable(&self, url: &str) -> (String, Vec<String>);

    /// The colormaps that are not there from the start, as [`crate::colormap::more`].
    fn colormaps(&self) -> Vec<Lut>;

    /// The range of a field, as [`Viewer::estimate`].
    fn range(&self, viewer: &Viewer, request: &Json) -> Result<Later<Range>, String>;

    /// The node at a path of a hierarchy of Zarr format 2, as format 3 would write it.
    fn format2_node(
        &self,
        source: Rc<dyn ByteSource>,
        path: String,
    ) -> LocalBoxFuture<'static, Result<Option<Json>, crate::zarr::Error>>;

    /// How a decoder's results lie in the arrays of a group; `None` where they do not look like any.
    fn decoded(&self, group: &Group, root: Rc<dyn ByteSource>) -> Later<Option<Box<dyn Decoded>>>;

    /// Opens a file of a known kind.
    fn open(
        &self,
        folder: Rc<dyn ByteSource>,
        name: String,
        kind: FileKind,
        opening: Opening,
    ) -> Later<Session>;

    /// Opens a file whose name does not say what it is; `None` where its first bytes do not either.
    fn open_unnamed(
        &self,
        folder: Rc<dyn ByteSource>,
        name: String,
        opening: Opening,
    ) -> Later<Option<Session>>;

    /// Opens files of this computer, by their paths, as one session; `web` opens the addresses among them.
    #[cfg(target_arch = "wasm32")]
    fn open_files(
        &self,
        files: Vec<(String, web_sys::File)>,
        web: Rc<dyn ByteSource>,
        opening: Opening,
    ) -> Later<Session>;

    /// The view drawn offscreen, at a size in pixels: RGBA rows, the top one first.
    #[cfg(target_arch = "wasm32")]
    fn pixels(
        &self,
        painter: &mut crate::painter::Painter,
        size: [u32; 2],
        drawing: &crate::viewer::Drawing,
    ) -> Later<Vec<u8>>;
}

struct Here;

impl Others for Here {
    fn file(&self, folder: Rc<dyn ByteSource>, name: String, kind: FileKind) -> Later<Rc<dyn ByteSource>> {
        Box::pin(async move { crate::file::open_file(&folder, &name, kind).await })
    }

    fn raw_array(
        &self,
        folder: Rc<dyn ByteSource>,
        name: String,
        dtype: String,
        shape: Vec<u64>,
    ) -> Later<Rc<dyn ByteSource>> {
        Box::pin(async move { crate::file::raw_array(folder, &name, &dtype, &shape).await })
    }

    fn environment(&self, folder: Rc<dyn ByteSource>, name: String) -> Later<Json> {
        Box::pin(async move { crate::file::environment(&folder, &name).await })
    }

    fn shaped(
        &self,
        dict: Option<&Json>,
        centers: Option<&[[f64; 2]]>,
        explicit: Option<Explicit>,
    ) -> Result<Environment, EnvironmentError> {
        Environment::shaped(dict, centers, explicit)
    }

    fn fill(&self, regions: &[Region]) -> Vec<Mesh> {
        crate::environment::fill(regions)
    }

    fn shareable(&self, url: &str) -> (String, Vec<String>) {
        crate::view::shareable(url)
    }

    fn colormaps(&self) -> Vec<Lut> {
        crate::colormap::more()
    }

    fn range(&self, viewer: &Viewer, request: &Json) -> Result<Later<Range>, String> {
        viewer.estimate(request)
    }

    fn format2_node(
        &self,
        source: Rc<dyn ByteSource>,
        path: String,
    ) -> LocalBoxFuture<'static, Result<Option<Json>, crate::zarr::Error>> {
        translate(source, path)
    }

    fn decoded(&self, group: &Group, root: Rc<dyn ByteSource>) -> Later<Option<Box<dyn Decoded>>> {
        Box::pin(crate::session::decoded(group, root))
    }

    fn open(
        &self,
        folder: Rc<dyn ByteSource>,
        name: String,
        kind: FileKind,
        opening: Opening,
    ) -> Later<Session> {
        Box::pin(async move { crate::session::open_kind(folder, &name, kind, opening).await })
    }

    fn open_unnamed(
        &self,
        folder: Rc<dyn ByteSource>,
        name: String,
        opening: Opening,
    ) -> Later<Option<Session>> {
        Box::pin(async move { crate::session::open_unnamed(folder, &name, opening).await })
    }

    #[cfg(target_arch = "wasm32")]
    fn open_files(
        &self,
        files: Vec<(String, web_sys::File)>,
        web: Rc<dyn ByteSource>,
        opening: Opening,
    ) -> Later<Session> {
        Box::pin(async move {
            let files = crate::source::FilesSource::new(files, web);
            let names = files.names();
            let files = crate::array::Format2::over(Rc::new(files), translate);
            crate::session::open_loose(files, &names, opening).await
        })
    }

    #[cfg(target_arch = "wasm32")]
    fn pixels(
        &self,
        painter: &mut crate::painter::Painter,
        size: [u32; 2],
        drawing: &crate::viewer::Drawing,
    ) -> Later<Vec<u8>> {
        let read = painter.read(size, drawing);
        Box::pin(async move { Ok(read?.await?) })
    }
}

/// [`crate::array::format2_node`], once it is there: a [`Translate`](crate::array::Translate).
#[cfg(target_arch = "wasm32")]
pub fn format2_node(
    source: Rc<dyn ByteSource>,
    path: String,
) -> LocalBoxFuture<'static, Result<Option<Json>, crate::zarr::Error>> {
    Box::pin(async move { others().await?.format2_node(source, path).await })
}

/// Brings it.
#[cfg(not(feature = "split"))]
pub fn others() -> std::future::Ready<Result<&'static dyn Others, SourceError>> {
    std::future::ready(Ok(&Here))
}

#[cfg(feature = "split")]
pub use split::others;

#[cfg(feature = "split")]
#[allow(unsafe_code, reason = "the attribute's own: it links the function to what calls it")]
mod split {
    use wasm_split_helpers::SplitLoaderError;

    use super::{Here, Others, SourceError};

    #[allow(clippy::unnecessary_wraps, reason = "in the site it may not come")]
    #[wasm_split_helpers::wasm_split(later, fallible)]
    fn load() -> Result<&'static dyn Others, SplitLoaderError> {
        Ok(&Here)
    }

    pub async fn others() -> Result<&'static dyn Others, SourceError> {
        load().await.map_err(|_| SourceError::Unreachable {
            reason: "a part of the viewer did not come".to_owned(),
            location: "replayscope_later.wasm".to_owned(),
        })
    }
}
