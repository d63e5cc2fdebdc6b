//! Resolves the references of a session: paths within its group, files beside it, other URLs.

use std::cell::RefCell;
use std::rc::Rc;

use replayscope_files::FileKind;
use replayscope_zarr::array::{Array, Group, open_array};
use replayscope_zarr::futures::{Shared, join};
use replayscope_zarr::source::{ByteSource, SourceError};

use crate::document::{SessionDocument, TimeRef};
use crate::error::Error;
use crate::opening::limits;
use crate::opening::names::listed;
use crate::opening::openers::FileFormat;
use crate::opening::options::Opening;
use crate::opening::request::{Depth, Loaded, Part, Request};
use crate::opening::times::{read, read_times};
use crate::time::TimeAxis;

type Opened = Rc<Shared<Result<Rc<dyn ByteSource>, Error>>>;

/// Resolves references of a group and its document, and keeps the files that they name open.
pub(crate) struct Resolver {
    /// The folder that references are relative to.
    pub folder: Rc<dyn ByteSource>,
    /// The root of the group.
    pub root: Rc<dyn ByteSource>,
    /// The name of the file or folder that was opened.
    pub name: String,
    pub group: Group,
    pub document: SessionDocument,
    pub opening: Opening,
    /// The files opened so far, by reference.
    files: RefCell<Vec<(String, Opened)>>,
}

impl Resolver {
    pub fn new(
        folder: Rc<dyn ByteSource>,
        root: Rc<dyn ByteSource>,
        group: Group,
        document: SessionDocument,
        opening: Opening,
    ) -> Self {
        let location = root.location("");
        let name = location.trim_end_matches('/').rsplit('/').next().unwrap_or("session").to_owned();
        Self { folder, root, name, group, document, opening, files: RefCell::default() }
    }

    pub fn found(&self) -> String {
        let arrays = self.group.arrays.iter();
        let mut found =
            arrays.map(|(name, metadata)| format!("{name} {:?} {}", metadata.shape, metadata.data_type.name));
        if self.group.arrays.is_empty() { "none".to_owned() } else { listed(&mut found) }
    }

    /// Loads all parts together.
    pub async fn load(&self, parts: Vec<&mut Part>) -> Result<(), Error> {
        let count = parts.len();
        let loads = parts.into_iter().map(|part| {
            Box::pin(async move {
                part.loaded = self.loaded(&part.request).await?;
                Ok(())
            }) as _
        });
        join(loads.collect(), count).await.map(|_: Vec<()>| ())
    }

    async fn loaded(&self, request: &Request) -> Result<Loaded, Error> {
        let Request { reference, depth, optional, .. } = request;
        let absent = self.group.consolidated && self.group.array(reference).is_none();
        if *depth == Depth::Nothing || (*optional && absent) {
            return Ok(Loaded::default());
        }
        if *depth == Depth::Json {
            let (folder, file) = self.beside(reference)?;
            let dict = self.opening.openers.environment_file(folder, file.to_owned()).await?;
            return Ok(Loaded { dict: Some(dict), ..Loaded::default() });
        }
        let array = match self.array(request).await {
            Ok(array) => Rc::new(array),
            // Labels, for example, may have a data type that is not supported.
            Err(error) if *optional && (error.is_missing() || error.is_unsupported()) => {
                return Ok(Loaded::default());
            }
            Err(error) => return Err(error),
        };
        let one_dimension = array.metadata().shape.len() == 1;
        let columns = match depth {
            Depth::FirstChunk => {
                if let Some(frame) = self.first_frame(&array) {
                    // If this fails, fetching the chunk fails too and reports why.
                    let _ = array.prepare(array.chunk_of(frame)).await;
                }
                Vec::new()
            }
            Depth::Values => {
                limits::column(&array)?;
                read(&array, 0..array.chunks()).await?
            }
            Depth::Times if one_dimension => read_times(&array, self.opening.at).await?,
            _ => Vec::new(),
        };
        Ok(Loaded { dict: None, array: Some(array), columns })
    }

    /// Opens the array that a reference names: a path within the group, `path/of/file.npy`, or `path-or-URL#path`.
    async fn array(&self, request: &Request) -> Result<Array, Error> {
        let reference = request.reference.as_str();
        if let Some((dtype, shape)) = &request.raw {
            let (folder, file) = self.beside(reference)?;
            let format = FileFormat::Raw { dtype: dtype.clone(), shape: shape.clone() };
            let source = self.opening.openers.file(folder, file.to_owned(), format).await?;
            return Ok(open_array(&source, "").await?);
        }
        if let Some(metadata) = self.group.array(reference) {
            return Ok(Array::new(self.root.clone(), reference, metadata.clone())?);
        }
        let (root, path) = reference.split_once('#').unwrap_or((reference, ""));
        if let Some(kind) = FileKind::of(root) {
            return Ok(open_array(&self.file(root, kind).await?, path).await?);
        }
        let outside =
            reference.contains('#') || reference.contains("://") || reference.starts_with(['.', '/']);
        if !outside {
            return Ok(open_array(&self.root, reference).await?);
        }
        let source = if root.is_empty() { self.root.clone() } else { self.folder.open(root)? };
        Ok(open_array(&source, path).await?)
    }

    /// The folder and the name of a file that a reference names.
    fn beside<'a>(&self, reference: &'a str) -> Result<(Rc<dyn ByteSource>, &'a str), SourceError> {
        // The query of a URL belongs to every request to its folder; a path has none.
        let at = reference.find('?').filter(|_| reference.contains("://")).unwrap_or(reference.len());
        let (path, query) = reference.split_at(at);
        match path.rsplit_once('/') {
            None => Ok((self.folder.clone(), path)),
            Some((folder, file)) => Ok((self.folder.open(&format!("{folder}/{query}"))?, file)),
        }
    }

    /// Opens a file as a source; several references to it share one.
    pub async fn file(&self, reference: &str, kind: FileKind) -> Result<Rc<dyn ByteSource>, Error> {
        let opened =
            self.files.borrow().iter().find(|(name, _)| name == reference).map(|(_, file)| file.clone());
        let file = if let Some(file) = opened {
            file
        } else {
            let (folder, name) = self.beside(reference)?;
            let opening = self.opening.openers.file(folder, name.to_owned(), FileFormat::Kind(kind));
            let file = Rc::new(Shared::new(opening));
            self.files.borrow_mut().push((reference.to_owned(), file.clone()));
            file
        };
        file.wait().await
    }

    /// The frame that is shown first, if it is known before any coordinate is read.
    fn first_frame(&self, array: &Array) -> Option<u64> {
        let frames = array.frames();
        match (&self.document.time, self.opening.at) {
            _ if frames == 0 => None,
            (_, None) => Some(0),
            (Some(TimeRef::Regular { start, rate }), Some(at)) => {
                Some(TimeAxis::regular(*start, *rate, frames).map_or(0, |axis| axis.frame_at(at)))
            }
            _ => None,
        }
    }
}
