//! Zarr format 2, translated to format 3: the same nodes under other names, so that all code after this knows one format.
//! Format: <https://zarr-specs.readthedocs.io/en/latest/v2/v2.0.html>; codecs are numcodecs'.

use std::rc::Rc;

use futures_util::future::LocalBoxFuture;

use super::codec::SCALED;
use super::group::read_node;
use super::metadata::join;
use super::numpy::numpy_type;
use crate::argsort::argsort;
use crate::error::Error;
use crate::error::SourceError;
use crate::error::{ArrayError, Flaw};
use crate::json::Json;
use crate::source::{ByteSource, Span};

/// The metadata of a whole hierarchy, where it was consolidated.
const CONSOLIDATED: &str = ".zmetadata";
const GROUP: &str = ".zgroup";
const ARRAY: &str = ".zarray";
const ATTRIBUTES: &str = ".zattrs";
/// The attribute in which xarray keeps the names of dimensions.
const DIMENSIONS: &str = "_ARRAY_DIMENSIONS";

/// What translates the node at a path of a source: [`format2_node`], or what fetches the code of it first.
pub type Translate = fn(Rc<dyn ByteSource>, String) -> LocalBoxFuture<'static, Result<Option<Json>, Error>>;

/// A source whose nodes of format 2 read as those of format 3.
pub struct Format2 {
    source: Rc<dyn ByteSource>,
    translate: Translate,
}

impl Format2 {
    /// Looks for format 2 where `source` has no `zarr.json`.
    pub fn over(source: Rc<dyn ByteSource>, translate: Translate) -> Rc<dyn ByteSource> {
        Rc::new(Self { source, translate })
    }
}

impl ByteSource for Format2 {
    fn read<'a>(&'a self, key: &'a str, span: Span) -> LocalBoxFuture<'a, Result<Vec<u8>, SourceError>> {
        self.source.read(key, span)
    }

    fn size<'a>(&'a self, key: &'a str) -> LocalBoxFuture<'a, Result<u64, SourceError>> {
        self.source.size(key)
    }

    fn open(&self, reference: &str) -> Result<Rc<dyn ByteSource>, SourceError> {
        Ok(Self::over(self.source.open(reference)?, self.translate))
    }

    fn node<'a>(&'a self, path: &'a str) -> LocalBoxFuture<'a, Result<Option<Json>, Error>> {
        Box::pin(async move {
            match read_node(&self.source, path).await {
                Err(Error::Array(ArrayError::Missing { .. })) => {
                    (self.translate)(self.source.clone(), path.to_owned()).await
                }
                node => node.map(Some),
            }
        })
    }

    fn location(&self, key: &str) -> String {
        self.source.location(key)
    }
}

/// The node at a path as format 3 would write it; `None` where format 2 has none either. A [`Translate`].
pub fn format2_node(
    source: Rc<dyn ByteSource>,
    path: String,
) -> LocalBoxFuture<'static, Result<Option<Json>, Error>> {
    Box::pin(async move { translated(&*source, &path).await })
}

async fn translated(source: &dyn ByteSource, path: &str) -> Result<Option<Json>, Error> {
    if let Some(all) = read(source, path, CONSOLIDATED).await? {
        return Ok(Some(consolidated(&all, &source.location(&join(path, CONSOLIDATED)))?));
    }
    let attributes = || read(source, path, ATTRIBUTES);
    if let Some(array) = read(source, path, ARRAY).await? {
        let location = source.location(&join(path, ARRAY));
        let attributes = attributes().await?;
        return Ok(Some(array_node(&array, attributes.as_ref()).map_err(|flaw| flaw.at(&location))?));
    }
    if read(source, path, GROUP).await?.is_some() {
        return Ok(Some(group_node(attributes().await?.as_ref())));
    }
    Ok(None)
}

async fn read(source: &dyn ByteSource, path: &str, name: &str) -> Result<Option<Json>, Error> {
    let key = join(path, name);
    let bytes = match source.read(&key, Span::Whole).await {
        Ok(bytes) => bytes,
        Err(SourceError::NotFound { .. }) => return Ok(None),
        Err(error) => return Err(error.into()),
    };
    match Json::parse(&bytes) {
        Ok(object @ Json::Object(_)) => Ok(Some(object)),
        // Some servers answer with a page for whatever is not there.
        _ if bytes.trim_ascii_start().first() == Some(&b'<') => Ok(None),
        Ok(_) => {
            Err(ArrayError::NotJson { reason: "no object".to_owned(), location: source.location(&key) }
                .into())
        }
        Err(reason) => Err(ArrayError::NotJson { reason, location: source.location(&key) }.into()),
    }
}

/// The root group with all nodes below it, as format 3 consolidates them. An array that cannot be translated is left as it is:
/// whoever reads it says what is wrong.
fn consolidated(all: &Json, location: &str) -> Result<Json, ArrayError> {
    let entries = all.get("metadata").and_then(Json::as_object).ok_or_else(|| ArrayError::Metadata {
        what: "`metadata` is missing".to_owned(),
        location: location.to_owned(),
    })?;
    let sorted = argsort(entries.len(), &mut |a, b| entries[a].0.cmp(&entries[b].0));
    let get = |path: &str, name: &str| {
        let key = join(path, name);
        let found = sorted.binary_search_by(|at| entries[*at].0.cmp(&key));
        found.ok().map(|at| &entries[sorted[at]].1)
    };
    let mut nodes = Vec::new();
    for (key, value) in entries {
        let (path, name) = key.rsplit_once('/').unwrap_or(("", key));
        let node = match name {
            ARRAY => array_node(value, get(path, ATTRIBUTES)).unwrap_or_else(|_| untold(value)),
            GROUP if !path.is_empty() => group_node(get(path, ATTRIBUTES)),
            _ => continue,
        };
        nodes.push((path.to_owned(), node));
    }
    let Json::Object(mut root) = group_node(get("", ATTRIBUTES)) else { return Ok(Json::Null) };
    let inline = Json::object([("kind", "inline".into()), ("metadata", Json::Object(nodes))]);
    root.push(("consolidated_metadata".to_owned(), inline));
    Ok(Json::Object(root))
}

fn group_node(attributes: Option<&Json>) -> Json {
    Json::object([
        ("zarr_format", 3.0.into()),
        ("node_type", "group".into()),
        ("attributes", attributes.cloned().unwrap_or_else(|| Json::object([]))),
    ])
}

/// An array whose data type or codecs have no name in format 3: those of format 2, which are then reported as unsupported.
fn untold(array: &Json) -> Json {
    let named = |key: &str| match array.get(key) {
        Some(Json::String(name)) => name.as_str().into(),
        Some(other) => other.brief().as_str().into(),
        None => Json::from("nothing"),
    };
    Json::object([
        ("node_type", "array".into()),
        ("shape", array.get("shape").cloned().unwrap_or_default()),
        ("data_type", named("dtype")),
        ("chunk_grid", "regular".into()),
        ("chunk_key_encoding", "v2".into()),
        ("codecs", Json::Array(Vec::new())),
    ])
}

/// An array as format 3 would write it.
fn array_node(array: &Json, attributes: Option<&Json>) -> Result<Json, Flaw> {
    let wrong = |key: &str| {
        let found = array.get(key).map_or_else(|| "missing".to_owned(), Json::brief);
        Flaw::Invalid(format!("`{key}` is {found}"))
    };
    let list = |key: &str| array.get(key).and_then(Json::as_array).ok_or_else(|| wrong(key));
    let dimensions = list("shape")?.len();
    let numpy = array.get("dtype").and_then(Json::as_str).ok_or_else(|| wrong("dtype"))?;
    let (data_type, mut big_endian) = data_type(numpy).ok_or_else(|| wrong("dtype"))?;
    let mut codecs = Vec::new();
    match array.get("order").and_then(Json::as_str) {
        Some("C") | None => {}
        Some("F") => {
            let order: Vec<f64> = (0..dimensions).rev().map(|dimension| dimension as f64).collect();
            codecs.push(extension("transpose", [("order", Json::from(&order[..]))]));
        }
        Some(_) => return Err(wrong("order")),
    }
    let mut wrappings = Vec::new();
    for filter in array.get("filters").and_then(Json::as_array).unwrap_or_default() {
        match filter.get("id").and_then(Json::as_str) {
            Some(SCALED) => {
                let stored = filter.get("astype").and_then(Json::as_str).and_then(numpy_type);
                big_endian = stored.is_some_and(|(_, big_endian)| big_endian);
                codecs.push(numcodec(filter));
            }
            _ => wrappings.push(numcodec(filter)),
        }
    }
    wrappings.extend(array.get("compressor").filter(|codec| !codec.is_null()).map(numcodec));
    codecs.push(extension("bytes", [("endian", if big_endian { "big" } else { "little" }.into())]));
    codecs.extend(wrappings);

    let mut attributes = attributes.and_then(Json::as_object).unwrap_or_default().to_vec();
    let names = attributes.iter().position(|(key, _)| key == DIMENSIONS);
    let names = names.map(|at| attributes.remove(at).1);
    let fill_value = array.get("fill_value").cloned().unwrap_or_default();
    // xarray writes `_FillValue` nowhere else in this format, and masks by it. What has no names of dimensions is no
    // file of xarray's.
    if names.is_some() && !fill_value.is_null() {
        attributes.retain(|(key, _)| key != "_FillValue");
        attributes.push(("_FillValue".to_owned(), fill_value.clone()));
    }
    let separator = array.get("dimension_separator").and_then(Json::as_str).unwrap_or(".");
    Ok(Json::object([
        ("zarr_format", 3.0.into()),
        ("node_type", "array".into()),
        ("shape", array.get("shape").cloned().unwrap_or_default()),
        ("data_type", data_type),
        ("chunk_grid", extension("regular", [("chunk_shape", Json::Array(list("chunks")?.to_vec()))])),
        ("chunk_key_encoding", extension("v2", [("separator", separator.into())])),
        ("fill_value", fill_value),
        ("codecs", Json::Array(codecs)),
        ("attributes", Json::Object(attributes)),
        ("dimension_names", names.unwrap_or_default()),
    ]))
}

fn extension<const N: usize>(name: &str, configuration: [(&str, Json); N]) -> Json {
    Json::object([("name", name.into()), ("configuration", Json::object(configuration))])
}

/// A codec of bytes: what numcodecs calls it is in `id`, beside its settings.
fn numcodec(codec: &Json) -> Json {
    let id = codec.get("id").and_then(Json::as_str).unwrap_or("without an id");
    let name = match id {
        "zlib" | "shuffle" => format!("numcodecs.{id}"),
        other => other.to_owned(),
    };
    Json::object([("name", name.as_str().into()), ("configuration", codec.clone())])
}

/// What format 3 calls a numpy type such as `<f4`, and whether its bytes are big-endian.
fn data_type(numpy: &str) -> Option<(Json, bool)> {
    match numpy.split_at_checked(1)? {
        (_, "b1") => None,
        // Objects, which are texts if a filter such as vlen-utf8 makes bytes of them.
        (_, "O") => Some(("string".into(), false)),
        (order, kind) => match kind.strip_prefix('U') {
            None => numpy_type(numpy).map(|(name, big_endian)| (name.into(), big_endian)),
            // Texts of so many letters, each four bytes.
            Some(letters) => {
                let length = Json::from(4.0 * f64::from(letters.parse::<u32>().ok()?));
                Some((extension("fixed_length_utf32", [("length_bytes", length)]), order == ">"))
            }
        },
    }
}
