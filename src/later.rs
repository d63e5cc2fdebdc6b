//! What the page fetches when it is first needed: how to open anything but a Zarr v3 session.
//!
//! The site is built with the feature `split`: then these functions, and whatever only they use, become a wasm module of
//! their own beside the page's, in the same memory (xtask/src/split.rs). Everywhere else they are plain functions.
#![allow(unsafe_code)] // Of the attribute's making.

use std::rc::Rc;

use futures_util::future::LocalBoxFuture;

use crate::array::Group;
use crate::error::Error;
use crate::file::FileKind;
use crate::json::Json;
use crate::session::Decoded;
use crate::source::ByteSource;

macro_rules! later {
    ($($(#[$about:meta])* pub fn $name:ident($($given:ident: $of:ty),* $(,)?) -> $what:ty { $body:expr })*) => {$(
        $(#[$about])*
        #[cfg_attr(
            feature = "split",
            wasm_split_helpers::wasm_split(later, fallible, return_wrapper(
                let waiting = _;
                { waiting.await } -> Result<$what, Error>
            ))
        )]
        pub fn $name($($given: $of),*) -> LocalBoxFuture<'static, Result<$what, Error>> {
            Box::pin(async move { $body.await })
        }
    )*};
}

later! {
    /// A file as the root of a Zarr hierarchy.
    pub fn open_file(folder: Rc<dyn ByteSource>, name: String, kind: FileKind) -> Rc<dyn ByteSource> {
        crate::file::open_file(&folder, &name, kind)
    }

    /// A file of nothing but values as the root of a Zarr hierarchy.
    pub fn raw_array(folder: Rc<dyn ByteSource>, name: String, dtype: String, shape: Vec<u64>) -> Rc<dyn ByteSource> {
        crate::file::raw_array(folder, &name, &dtype, &shape)
    }

    /// What lies in an environment's `.npz`, as `to_dict` would have it; nothing where there is no such file.
    pub fn environment_arrays(folder: Rc<dyn ByteSource>, name: String) -> Vec<(String, Json)> {
        crate::file::environment_arrays(&folder, &name)
    }

    /// The node at a path of a hierarchy of Zarr format 2, as format 3 would write it.
    pub fn older_node(source: Rc<dyn ByteSource>, path: String) -> Option<Json> {
        crate::array::older_node(&*source, &path)
    }

    /// How a decoder's results lie in the arrays of a group; `None` where they do not look like any.
    pub fn decoded(group: Rc<Group>) -> Option<Box<dyn Decoded>> {
        std::future::ready(Ok(crate::session::decoded(&group)))
    }
}

#[cfg(target_arch = "wasm32")]
pub use page::*;

#[cfg(target_arch = "wasm32")]
mod page {
    use super::{ByteSource, Error, FileKind, LocalBoxFuture, Rc};
    use crate::session::{Opening, Session};

    async fn open(
        files: Vec<(String, web_sys::File)>,
        web: Rc<dyn ByteSource>,
        opening: Opening,
    ) -> Result<Session, Error> {
        let files = crate::source::FilesSource::new(files, web);
        let names = files.names();
        crate::session::open_loose(Rc::new(files), &names, opening).await
    }

    later! {
        /// Opens a file of a known kind.
        pub fn open_kind(folder: Rc<dyn ByteSource>, name: String, kind: FileKind, opening: Opening) -> Session {
            crate::session::open_kind(folder, &name, kind, opening)
        }

        /// Opens a file whose name does not say what it is; `None` where its first bytes do not either.
        pub fn open_unnamed(folder: Rc<dyn ByteSource>, name: String, opening: Opening) -> Option<Session> {
            crate::session::open_unnamed(folder, &name, opening)
        }

        /// Opens files of this computer, by their paths, as one session; `web` opens the addresses among them.
        pub fn open_files(
            files: Vec<(String, web_sys::File)>,
            web: Rc<dyn ByteSource>,
            opening: Opening,
        ) -> Session {
            open(files, web, opening)
        }
    }
}

#[cfg(feature = "split")]
impl From<wasm_split_helpers::SplitLoaderError> for Error {
    fn from(_: wasm_split_helpers::SplitLoaderError) -> Self {
        let reason = "a part of the viewer did not come".to_owned();
        crate::source::SourceError::Unreachable { reason, location: "replayscope_later.wasm".to_owned() }
            .into()
    }
}
