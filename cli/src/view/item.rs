//! Recognises the kind of a file or folder.

use std::fs::File;
use std::io::{BufReader, Read};
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::error::CliError;
use crate::npy::{self, NpyHeader};
use crate::serve::is_session;
use crate::source::regular;

/// The supported kinds of files, for messages.
pub const KNOWN: &str = "Supported are a Zarr group (zarr.json or .zgroup), a Zarr .zip, netCDF and HDF5 (.nc, .h5), .npy arrays \
                     with an environment.json, and session.json";
/// Most bytes of JSON that is read; environments hold hours of positions in tens of megabytes.
const MAX_JSON_BYTES: u64 = 256 << 20;
/// Extensions of files that hold a group.
const GROUP_ENDINGS: [&str; 6] = ["nc", "nc4", "h5", "hdf5", "nwb", "zip"];

/// A file or folder that was named or found.
#[derive(Debug, Clone)]
pub struct Item {
    /// Name in URLs, below `/data/`.
    pub name: String,
    /// Path with every link resolved.
    pub path: PathBuf,
    /// Path as it was named, for messages.
    pub shown: PathBuf,
    /// The kind of the file or folder.
    pub kind: Kind,
}

/// The kind of a file or folder.
#[derive(Debug, Clone)]
pub enum Kind {
    /// A Zarr group, or a file with a hierarchy of arrays.
    Group,
    /// A `.npy`.
    Array(NpyHeader),
    /// A session document.
    Document(Value),
    /// A neurospatial environment.
    Environment {
        /// Its `n_bins`, where it is stored.
        bins: Option<u64>,
    },
    /// The arrays of an environment.
    Companion,
    /// A raw file of values, whose type and shape a document gives.
    Raw,
}

impl Kind {
    /// The kind in words, for messages.
    pub fn describe(&self) -> String {
        match self {
            Self::Group => "a group".to_owned(),
            Self::Array(header) => format!("an array of shape {:?}", header.shape),
            Self::Document(_) => "a session document".to_owned(),
            Self::Environment { .. } => "an environment, which says where bins are".to_owned(),
            Self::Raw => "a file of values that a document describes".to_owned(),
            Self::Companion => "a file of arrays that belongs to an environment".to_owned(),
        }
    }
}

/// Why a path cannot be viewed, and what to do.
#[derive(Debug, Clone)]
pub struct Unfit {
    /// The reason, with values.
    pub why: String,
    /// What to do, with a line to paste.
    pub how: String,
}

impl Unfit {
    fn new(why: impl Into<String>, how: impl Into<String>) -> Self {
        Self { why: why.into(), how: how.into() }
    }
}

impl Item {
    /// Recognises a path that the user named.
    pub fn of(path: &Path) -> Result<Self, CliError> {
        let real = path.canonicalize().map_err(CliError::io("view", path))?;
        let unfit = |Unfit { why, how }| CliError::View {
            what: format!("{} cannot be viewed", path.display()),
            why,
            how,
        };
        let kind = Kind::of(&real, &ending(path)).map_err(unfit)?;
        Ok(Self::new(path, real, kind))
    }

    /// A regular file as a raw file of values.
    pub fn raw(path: &Path) -> Option<Self> {
        let real = path.canonicalize().ok()?;
        regular::metadata(&real).ok()?;
        Some(Self::new(path, real, Kind::Raw))
    }

    fn new(path: &Path, real: PathBuf, kind: Kind) -> Self {
        // A link keeps its own name; `.` and `..` get that of the folder.
        let name = path.file_name().or(real.file_name()).unwrap_or_default().to_string_lossy();
        Self { name: plain(&name), path: real, shown: path.to_path_buf(), kind }
    }
}

impl Kind {
    /// Recognises a file by its extension and its first bytes.
    pub fn of(path: &Path, ending: &str) -> Result<Self, Unfit> {
        if path.is_dir() {
            return folder_kind(path);
        }
        let mut reader = BufReader::new(regular::open(path).map_err(|error| unreadable(&error))?);
        let mut head = [0; 8];
        let length = reader.read(&mut head).map_err(|error| unreadable(&error))?;
        let from_start = || regular::open(path).map(BufReader::new).map_err(|error| unreadable(&error));
        match (&head[..length], ending) {
            ([0x93, b'N', b'U', b'M', b'P', b'Y', ..], _) | (_, "npy") => {
                let header = npy::header(from_start()?);
                header.map(Self::Array).map_err(|why| {
                    Unfit::new(why, "Save the array in Python: `np.save(\"posterior.npy\", posterior)`.")
                })
            }
            ([b'C', b'D', b'F', ..], _) => Err(Unfit::new(
                "it is a netCDF file of the older format 3",
                "Write it anew in Python: `xr.open_dataset(\"old.nc\").to_netcdf(\"results.nc\", format=\"NETCDF4\")`.",
            )),
            ([b'P', b'K', ..], "npz") => Ok(Self::Companion),
            ([0x89, b'H', b'D', b'F', ..] | [b'P', b'K', 3, 4, ..], _) => Ok(Self::Group),
            (_, ending) if GROUP_ENDINGS.contains(&ending) => Err(Unfit::new(
                format!("its ending is .{ending} and it does not begin as such a file does"),
                "It may have been copied only in part; copy it again.",
            )),
            (_, "json") => json_kind(from_start()?),
            _ => Err(Unfit::new("it is none of the files that are known", format!("{KNOWN}."))),
        }
    }
}

/// Whether a path is a folder that is neither a Zarr group nor an array.
pub fn is_plain_folder(folder: &Path) -> bool {
    !is_session(folder) && !is_array(folder)
}

/// The extension of a name in lower case.
pub fn ending(path: &Path) -> String {
    path.extension().unwrap_or_default().to_string_lossy().to_ascii_lowercase()
}

/// A name without characters that have a meaning in a URL or a reference.
pub fn plain(name: &str) -> String {
    name.replace(['#', '?', '%', '\\', ':'], "_")
}

fn is_array(folder: &Path) -> bool {
    folder.join(".zarray").is_file() || folder.join("zarr.json").is_file() && !is_session(folder)
}

fn folder_kind(folder: &Path) -> Result<Kind, Unfit> {
    if is_session(folder) {
        Ok(Kind::Group)
    } else if is_array(folder) {
        let above = folder.parent().unwrap_or(folder).display();
        Err(Unfit::new(
            "it is one Zarr array, and its time and bins lie in the group around it",
            format!("Try: replayscope view {above}"),
        ))
    } else {
        Err(Unfit::new(
            "it is a folder and no Zarr group, and stands among other paths",
            format!("View it by itself: replayscope view {}", folder.display()),
        ))
    }
}

fn json_kind(reader: BufReader<File>) -> Result<Kind, Unfit> {
    let json: Value = serde_json::from_reader(reader.take(MAX_JSON_BYTES)).map_err(|error| {
        Unfit::new(format!("it is not JSON ({error})"), "Check what was saved, or copy it again.")
    })?;
    let schema = json.get("schema_version").and_then(Value::as_str).unwrap_or_default();
    if schema.starts_with("Environment-v1") {
        return Ok(Kind::Environment { bins: json.get("n_bins").and_then(Value::as_u64) });
    }
    if json.get("replayscope").is_some_and(Value::is_object) {
        return Ok(Kind::Document(json["replayscope"].clone()));
    }
    if json.get("version").is_some_and(Value::is_u64) {
        return Ok(Kind::Document(json));
    }
    let keys = json.as_object().map_or(String::new(), |object| {
        let keys: Vec<&str> = object.keys().take(5).map(String::as_str).collect();
        format!(" (its keys: {})", keys.join(", "))
    });
    Err(Unfit::new(
        format!("it is neither an Environment-v1 nor a session document{keys}"),
        "The smallest document is {\"version\": 1, \"fields\": [{\"name\": \"posterior\", \"array\": \
         \"posterior.npy\"}], \"time\": {\"start\": 0, \"rate\": 500}}",
    ))
}

fn unreadable(error: &std::io::Error) -> Unfit {
    Unfit::new(error.to_string(), "Check the path and its permissions.")
}
