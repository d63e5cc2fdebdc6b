//! What is being opened, and how its references are followed.

use std::cell::RefCell;
use std::rc::Rc;

use super::limits;
use super::open::Opening;
use super::times::{Column, read, read_times};
use super::{FieldEntry, SessionDocument, TimeAxis, TimeRef};
use crate::array::{Array, ArrayError, ArrayMetadata, DataType, Group, open_array};
use crate::error::{Error, ErrorKind};
use crate::file::FileKind;
use crate::futures::{Shared, join};
use crate::json::Json;
use crate::later;
use crate::source::{ByteSource, SourceError};

/// Something that a reference names, and what opening needs of it.
pub(crate) struct Wanted {
    pub reference: String,
    pub need: Need,
    /// Whether the session can do without.
    pub optional: bool,
    /// Type and shape of a file that says neither.
    pub raw: Option<(String, Vec<u64>)>,
}

#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Need {
    Nothing,
    /// The JSON in it, and the arrays beside it.
    Dict,
    /// An array's metadata.
    Array,
    /// That, and where in it the chunk of the first picture lies.
    Picture,
    /// All values of an array.
    Column,
    /// As many values as a time axis takes.
    Times,
}

impl Wanted {
    pub fn new(reference: &str, need: Need) -> Self {
        Self { reference: reference.to_owned(), need, optional: false, raw: None }
    }

    pub fn nothing() -> Self {
        Self::new("", Need::Nothing)
    }

    pub fn column(reference: &str) -> Self {
        Self { optional: true, ..Self::new(reference, Need::Column) }
    }

    pub fn field(entry: &FieldEntry) -> Self {
        let raw = entry.dtype.clone().zip(entry.shape.clone());
        Self { raw, ..Self::new(&entry.array, Need::Array) }
    }

    pub fn time(time: Option<&TimeRef>) -> Self {
        match time {
            Some(TimeRef::Regular { .. }) => Self::nothing(),
            Some(TimeRef::Array { array }) => Self::new(array, Need::Times),
            None => Self { optional: true, ..Self::new("time", Need::Times) },
        }
    }
}

/// What came of a reference: nothing where it is missing and may be.
#[derive(Default)]
pub(crate) struct Part {
    pub dict: Option<Json>,
    pub array: Option<Rc<Array>>,
    /// Values by chunk: of all of them, or of some.
    pub columns: Vec<Column>,
}

impl Part {
    /// All values.
    pub fn values(&self) -> Vec<f64> {
        self.columns.iter().flat_map(|(_, values)| values.iter().copied()).collect()
    }
}

/// Names in a message.
const FEW: usize = 6;

type Opened = Rc<Shared<Result<Rc<dyn ByteSource>, Error>>>;

/// The group being opened, what it refers to, and what is said of it beside it.
pub(super) struct Library {
    /// What references are relative to.
    pub folder: Rc<dyn ByteSource>,
    /// Where the group is.
    pub root: Rc<dyn ByteSource>,
    /// The name of what was opened.
    pub name: String,
    pub group: Group,
    pub document: SessionDocument,
    pub opening: Opening,
    /// Files that references name, each opened once.
    files: RefCell<Vec<(String, Opened)>>,
}

impl Library {
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

    /// Reads all that is wanted, together.
    pub async fn load(&self, wanted: &[Wanted]) -> Result<Vec<Part>, Error> {
        join(wanted.iter().map(|wanted| Box::pin(self.part(wanted)) as _).collect(), wanted.len()).await
    }

    async fn part(&self, wanted: &Wanted) -> Result<Part, Error> {
        let Wanted { reference, need, optional, .. } = wanted;
        let absent = self.group.consolidated && self.group.array(reference).is_none();
        if *need == Need::Nothing || (*optional && absent) {
            return Ok(Part::default());
        }
        if *need == Need::Dict {
            let (folder, file) = self.beside(reference)?;
            let dict = later::others().await?.environment(folder, file.to_owned()).await?;
            return Ok(Part { dict: Some(dict), ..Part::default() });
        }
        let array = match self.array(wanted).await {
            Ok(array) => Rc::new(array),
            // Labels and the like may be of a type that is not read.
            Err(error)
                if *optional
                    && matches!(
                        error.kind(),
                        ErrorKind::Array(ArrayError::Missing { .. } | ArrayError::Unsupported { .. })
                    ) =>
            {
                return Ok(Part::default());
            }
            Err(error) => return Err(error),
        };
        let one_dimension = array.metadata().shape.len() == 1;
        let columns = match need {
            Need::Picture => {
                if let Some(frame) = self.first_frame(&array) {
                    // Should it fail, fetching the chunk fails too and tells why.
                    let _ = array.prepare(array.chunk_of(frame)).await;
                }
                Vec::new()
            }
            Need::Column => {
                limits::column(&array)?;
                read(&array, 0..array.chunks()).await?
            }
            Need::Times if one_dimension => read_times(&array, self.opening.at).await?,
            _ => Vec::new(),
        };
        Ok(Part { dict: None, array: Some(array), columns })
    }

    /// Opens what a reference names: a path within the group, `path/of/file.npy`, or `path-or-URL#path`.
    async fn array(&self, wanted: &Wanted) -> Result<Array, Error> {
        let reference = wanted.reference.as_str();
        if let Some((dtype, shape)) = &wanted.raw {
            let (folder, file) = self.beside(reference)?;
            let (file, dtype, shape) = (file.to_owned(), dtype.clone(), shape.clone());
            let source = later::others().await?.raw_array(folder, file, dtype, shape).await?;
            return Ok(open_array(&source, "").await?);
        }
        if let Some(metadata) = self.group.array(reference) {
            return Ok(Array::new(self.root.clone(), reference, metadata.clone())?);
        }
        let (root, path) = reference.split_once('#').unwrap_or((reference, ""));
        if let Some(kind) = FileKind::of(root) {
            return Ok(open_array(&self.file(root, kind).await?, path).await?);
        }
        let elsewhere =
            reference.contains('#') || reference.contains("://") || reference.starts_with(['.', '/']);
        if !elsewhere {
            return Ok(open_array(&self.root, reference).await?);
        }
        let source = if root.is_empty() { self.root.clone() } else { self.folder.open(root)? };
        Ok(open_array(&source, path).await?)
    }

    /// The folder and the name of a file that a reference names.
    fn beside<'a>(&self, reference: &'a str) -> Result<(Rc<dyn ByteSource>, &'a str), SourceError> {
        // The query of an address goes with each request to its folder; a path has none.
        let at = reference.find('?').filter(|_| reference.contains("://")).unwrap_or(reference.len());
        let (path, query) = reference.split_at(at);
        match path.rsplit_once('/') {
            None => Ok((self.folder.clone(), path)),
            Some((folder, file)) => Ok((self.folder.open(&format!("{folder}/{query}"))?, file)),
        }
    }

    /// A file as a source, opened once however often it is referred to.
    pub async fn file(&self, reference: &str, kind: FileKind) -> Result<Rc<dyn ByteSource>, Error> {
        let known =
            self.files.borrow().iter().find(|(name, _)| name == reference).map(|(_, file)| file.clone());
        let file = if let Some(file) = known {
            file
        } else {
            let (folder, name) = self.beside(reference)?;
            let name = name.to_owned();
            let opening = async move { later::others().await?.file(folder, name, kind).await };
            let file = Rc::new(Shared::new(Box::pin(opening)));
            self.files.borrow_mut().push((reference.to_owned(), file.clone()));
            file
        };
        file.wait().await
    }

    /// The frame that will be shown first, if it can be told before any coordinate is read.
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

    /// Whether a group's array holds floats over time and something else.
    pub fn is_over_time(metadata: &ArrayMetadata) -> bool {
        metadata.dtype().is_ok_and(DataType::is_float)
            && metadata.shape.len() >= 2
            && matches!(metadata.dimension(0), "time" | "")
    }
}

/// A few names, and how many more there are.
pub(super) fn listed(names: &mut dyn ExactSizeIterator<Item = String>) -> String {
    let more = names.len().saturating_sub(FEW);
    let list = names.take(FEW).collect::<Vec<_>>().join(", ");
    if more > 0 { format!("{list} and {more} more") } else { list }
}

/// The file a source was made of holds one array, and is named for it.
pub(super) fn stem(name: &str) -> &str {
    let name = name.rsplit_once('/').map_or(name, |(_, file)| file);
    name.split_once('.').map_or(name, |(stem, _)| stem)
}
