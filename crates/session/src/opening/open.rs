//! Opens a folder or a file as a [`Session`] in few round trips: plans the parts, fetches them together, and assembles the session.

use std::rc::Rc;

use replayscope_files::{FileError, FileKind, HEAD, looks_like};
use replayscope_json::Json;
use replayscope_zarr::array::{Group, open_group};
use replayscope_zarr::source::{ByteSource, Span};

use crate::document::{DOCUMENT_VERSION, EnvironmentRef, SessionDocument, TimeRef};
use crate::environment::Environment;
use crate::error::{Error, SessionError};
use crate::opening::coordinates::{Coordinates, may_be_decoded};
use crate::opening::inferred::entry;
use crate::opening::openers::FileFormat;
use crate::opening::options::Opening;
use crate::opening::parts::OpeningPlan;
use crate::opening::resolver::Resolver;
use crate::session::Session;

/// Opens the group at the root of `source`.
///
/// Reads `zarr.json`, then all parts that the session document does not hold, together: at most two round trips with consolidated
/// metadata, three without. Where the first frame to show is known before any coordinate is read, the index of its shard is read with
/// them.
///
/// # Errors
/// Why the group cannot be read, or is no session.
pub async fn open(source: Rc<dyn ByteSource>, opening: Opening) -> Result<Session, Error> {
    let group = open_group(&source, "").await?;
    let document = read_document(&group.attributes)?.unwrap_or_default();
    finish(Resolver::new(source.clone(), source, group, document, opening)).await
}

/// Opens the file `name` of a folder, or the Zarr group in the folder of that name.
///
/// # Errors
/// As [`open`].
pub async fn open_in(folder: Rc<dyn ByteSource>, name: &str, opening: Opening) -> Result<Session, Error> {
    match FileKind::of(name) {
        None => open(folder.open(&format!("{name}/"))?, opening).await,
        Some(kind) => open_kind(folder, name, kind, opening).await,
    }
}

/// Opens a file of a known kind.
///
/// # Errors
/// As [`open`].
pub async fn open_kind(
    folder: Rc<dyn ByteSource>,
    name: &str,
    kind: FileKind,
    opening: Opening,
) -> Result<Session, Error> {
    match kind {
        FileKind::Document => {
            let document = document_file(&folder, name).await?;
            open_document(folder, name, document, opening).await
        }
        FileKind::Npy => {
            let document = beside_array(&folder, name).await;
            open_document(folder, name, document, opening).await
        }
        FileKind::Hdf5 | FileKind::Zip => {
            let document = SessionDocument::default();
            open_group_file(folder, name, kind, document, opening).await
        }
    }
}

/// Opens a file whose kind its first bytes show, not its name; `None` where they do not.
///
/// # Errors
/// As [`open`].
pub async fn open_unnamed(
    folder: Rc<dyn ByteSource>,
    name: &str,
    opening: Opening,
) -> Result<Option<Session>, Error> {
    let head = folder.read(name, Span::Range(0..HEAD)).await.unwrap_or_default();
    match FileKind::by_head(&head) {
        Some(kind) => open_kind(folder, name, kind, opening).await.map(Some),
        None => Ok(None),
    }
}

/// Opens the session of a document; its references are relative to `folder`, and `name` is the file that was opened.
pub async fn open_document(
    folder: Rc<dyn ByteSource>,
    name: &str,
    document: SessionDocument,
    opening: Opening,
) -> Result<Session, Error> {
    // A document whose fields all lie in one file is opened as that file, with the file's time and bins.
    let roots = document.fields.iter().flatten().map(|field| field.array.split_once('#'));
    let root =
        roots.collect::<Option<Vec<_>>>().filter(|roots| roots.windows(2).all(|two| two[0].0 == two[1].0));
    if let Some(root) = root.and_then(|roots| Some(roots.first()?.0.to_owned())) {
        let mut document = document;
        for field in document.fields.iter_mut().flatten() {
            field.array = field.array[root.len() + 1..].to_owned();
        }
        if let Some(kind) = FileKind::of(&root) {
            return open_group_file(folder, &root, kind, document, opening).await;
        }
        let source = folder.open(&format!("{}/", root.trim_end_matches('/')))?;
        let group = open_group(&source, "").await?;
        return finish(Resolver::new(folder, source, group, document, opening)).await;
    }
    // A document alone has no group: no array is searched by its usual name.
    let group =
        Group { attributes: Json::Null, arrays: Vec::new(), unreadable: Vec::new(), consolidated: true };
    if document.fields.is_none() {
        let reason = "it names no `fields`, and there is no group around it to look for them".to_owned();
        return Err(SessionError::BadDocument { reason }.into());
    }
    let mut resolver = Resolver::new(folder.clone(), folder, group, document, opening);
    name.clone_into(&mut resolver.name);
    finish(resolver).await
}

/// Opens a file that holds a group; entries of `document` precede those of the file's own document.
pub async fn open_group_file(
    folder: Rc<dyn ByteSource>,
    name: &str,
    kind: FileKind,
    document: SessionDocument,
    opening: Opening,
) -> Result<Session, Error> {
    let (folder, name) = match name.rsplit_once('/') {
        None => (folder, name),
        Some((path, name)) => (folder.open(&format!("{path}/"))?, name),
    };
    let format = FileFormat::Kind(kind);
    let root = opening.openers.file(folder.clone(), name.to_owned(), format).await?;
    let group = open_group(&root, "").await?;
    let own = read_document(&group.attributes)?.unwrap_or_default();
    let document = SessionDocument {
        name: document.name.or(own.name),
        description: document.description.or(own.description),
        time: document.time.or(own.time),
        environment: document.environment.or(own.environment),
        fields: document.fields.or(own.fields),
        overlays: if document.overlays.is_empty() { own.overlays } else { document.overlays },
        version: DOCUMENT_VERSION,
    };
    finish(Resolver::new(folder, root, group, document, opening)).await
}

async fn finish(resolver: Resolver) -> Result<Session, Error> {
    let results = if may_be_decoded(&resolver.group) {
        resolver.opening.openers.decoder_results(&resolver.group, resolver.root.clone()).await?
    } else {
        None
    };
    let mut plan = OpeningPlan::new(&resolver, results)?;
    resolver.load(plan.parts.all()).await?;
    if let Some(dict) = &plan.parts.environment.loaded.dict {
        if plan.parts.offsets.loaded.array.is_none() {
            plan.environment = Environment::grid(dict, None).ok().flatten();
        }
        if plan.environment.is_none() && plan.results.is_none() {
            let mut centers = Coordinates::centers(&resolver.group);
            resolver.load(vec![&mut centers.x, &mut centers.y]).await?;
            plan.parts.coordinates = centers;
        }
    }
    resolver.session(plan).await
}

/// Reads a file with a session document, either alone or as the `replayscope` entry of an object.
async fn document_file(folder: &Rc<dyn ByteSource>, name: &str) -> Result<SessionDocument, Error> {
    let bytes = folder.read(name, Span::Whole).await?;
    let fail = |reason: String| FileError {
        what: "a session document",
        reason,
        how: "The smallest is {\"version\": 1, \"fields\": [{\"name\": \"posterior\", \"array\": \"posterior.npy\"}], \
              \"time\": {\"start\": 0, \"rate\": 500}}",
        location: folder.location(name),
    };
    let json = match Json::parse(&bytes) {
        Ok(json @ Json::Object(_)) => json,
        Err(reason) if bytes.trim_ascii_start().first() == Some(&b'{') => return Err(fail(reason).into()),
        _ => return Err(fail(looks_like(&bytes).to_owned()).into()),
    };
    if json.get("schema_version").is_some() && json.get("layout_type").is_some() {
        let reason = "it is an environment, which says where bins are and holds no posterior".to_owned();
        return Err(fail(reason).into());
    }
    if json.get("replayscope").is_none() && json.get("version").is_none() {
        return Err(fail("it has no `version`".to_owned()).into());
    }
    let attributes = match json.get("replayscope") {
        Some(_) => json,
        None => Json::object([("replayscope", json)]),
    };
    Ok(read_document(&attributes)?.unwrap_or_default())
}

/// Usual names of the files of an array's environment and time stamps.
const ENVIRONMENTS: [&str; 2] = ["environment.json", "env.json"];
const TIMES: [&str; 1] = ["time.npy"];

/// The document of a single array, with the files beside it.
async fn beside_array(folder: &Rc<dyn ByteSource>, name: &str) -> SessionDocument {
    let mut document = SessionDocument { fields: Some(vec![entry(name)]), ..SessionDocument::default() };
    for file in ENVIRONMENTS {
        if document.environment.is_none() && is_there(folder, file, FileKind::Document).await {
            document.environment = Some(EnvironmentRef::Ref(file.to_owned()));
        }
    }
    for file in TIMES {
        if file != name && document.time.is_none() && is_there(folder, file, FileKind::Npy).await {
            document.time = Some(TimeRef::Array { array: file.to_owned() });
        }
    }
    document
}

/// Whether a file exists, judged by its first bytes: some servers answer every address with a page.
async fn is_there(folder: &Rc<dyn ByteSource>, file: &str, kind: FileKind) -> bool {
    let head = folder.read(file, Span::Range(0..HEAD)).await;
    head.is_ok_and(|head| FileKind::by_head(head.trim_ascii_start()) == Some(kind))
}

fn read_document(attributes: &Json) -> Result<Option<SessionDocument>, SessionError> {
    let Some(value) = attributes.get("replayscope") else { return Ok(None) };
    // The version is checked first: a newer document may have any other shape.
    if let Some(version) = value.get("version").and_then(Json::as_u64)
        && version > u64::from(DOCUMENT_VERSION)
    {
        return Err(SessionError::NewerDocument { version, known: DOCUMENT_VERSION });
    }
    SessionDocument::read(value).map(Some).map_err(|reason| SessionError::BadDocument { reason })
}
