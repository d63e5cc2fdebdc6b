//! Errors of opening a session.

use std::sync::Arc;

use replayscope_files::FileError;
use replayscope_json::number::text;
use replayscope_zarr::advice;
use replayscope_zarr::array::ArrayError;
use replayscope_zarr::source::SourceError;

use crate::environment::EnvironmentError;

/// A failure to open a session or to read a chunk of it. Its text says what happened (with values), why, and what to do; a URL comes
/// last.
///
/// Clones share the cause: one failed read may be reported to several callers.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[error(transparent)]
pub struct Error(Arc<ErrorKind>);

/// The layer that failed, with its error.
#[derive(Debug, PartialEq, thiserror::Error)]
pub enum ErrorKind {
    /// Bytes could not be read, or are not the array that they should be.
    #[error(transparent)]
    Zarr(replayscope_zarr::Error),
    /// A file is not what it seems to be.
    #[error(transparent)]
    File(FileError),
    /// The session's parts are missing or disagree.
    #[error(transparent)]
    Session(SessionError),
    /// The environment cannot be turned into polygons.
    #[error(transparent)]
    Environment(EnvironmentError),
}

impl Error {
    /// The layer that failed, with its error.
    pub fn kind(&self) -> &ErrorKind {
        &self.0
    }

    /// Short name for programs, as docs/handle.md lists them.
    pub fn code(&self) -> &'static str {
        match self.kind() {
            ErrorKind::Zarr(error) => error.code(),
            ErrorKind::File(_) => "file",
            ErrorKind::Session(SessionError::NoTime) => "no-time",
            ErrorKind::Session(_) => "session",
            ErrorKind::Environment(_) => "environment",
        }
    }

    /// Seconds after which the server allows another request, where it says so.
    pub fn asked_to_wait(&self) -> Option<u32> {
        match self.kind() {
            ErrorKind::Zarr(replayscope_zarr::Error::Source(error)) => error.asked_to_wait(),
            _ => None,
        }
    }

    /// Whether an array was not found.
    pub fn is_missing(&self) -> bool {
        matches!(self.kind(), ErrorKind::Zarr(error) if error.is_missing())
    }

    /// Whether an array was found, but its data type or codec is not supported.
    pub fn is_unsupported(&self) -> bool {
        matches!(self.kind(), ErrorKind::Zarr(error) if error.is_unsupported())
    }
}

impl From<ErrorKind> for Error {
    fn from(kind: ErrorKind) -> Self {
        Self(Arc::new(kind))
    }
}

impl From<replayscope_files::Error> for Error {
    fn from(error: replayscope_files::Error) -> Self {
        match error {
            replayscope_files::Error::Zarr(error) => error.into(),
            replayscope_files::Error::File(error) => error.into(),
        }
    }
}

macro_rules! from {
    ($($kind:ident: $($error:ty),+;)*) => {$($(
        impl From<$error> for Error {
            fn from(error: $error) -> Self {
                ErrorKind::$kind(error.into()).into()
            }
        }
    )+)*};
}
from! {
    Zarr: replayscope_zarr::Error, SourceError, ArrayError;
    File: FileError;
    Session: SessionError;
    Environment: EnvironmentError;
}

/// Parts of a session that are missing or disagree. Each text says what was found, why it cannot be shown and what to do.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum SessionError {
    /// The document has a newer version.
    #[error(
        "This session's document is version {version}; this viewer reads version {known}. It was written by a newer \
         replayscope; {advice}.", advice = advice::UPDATE
    )]
    NewerDocument {
        /// Version found.
        version: u64,
        /// Newest version known.
        known: u32,
    },
    /// The `replayscope` attribute is not a session document.
    #[error(
        "The `replayscope` object in the group's attributes cannot be read: {reason}. \
         docs/session-format.md lists its keys; the smallest is {{\"version\": 1}}."
    )]
    BadDocument {
        /// What is wrong with it.
        reason: String,
    },
    /// The group has no array of shape (time, bin).
    #[error(
        "The group has no float array of shape (time, bin); its arrays are: {found}. A session needs one whose \
         `dimension_names` start with \"time\": in xarray, `ds.posterior.transpose(\"time\", \"bin\")`."
    )]
    NoFields {
        /// Names, shapes and types of its arrays.
        found: String,
    },
    /// Several of the given files are sessions.
    #[error("These are several sessions: {found}. Open one of them.")]
    Several {
        /// Names of some of them.
        found: String,
    },
    /// None of the given files is a session.
    #[error(
        "None of these files is a session: {found}. Supported are a Zarr folder (zarr.json or .zgroup), a Zarr zip, netCDF and \
         HDF5 (.nc, .h5), .npy and session.json."
    )]
    NothingKnown {
        /// Names of some of them.
        found: String,
    },
    /// The time axis has no frames.
    #[error(
        "The time axis has no frames. The file was probably closed before anything was written; write it again."
    )]
    NoFrames,
    /// The start or the rate of a time axis is not usable.
    #[error(
        "A time axis with start {} s and rate {} Hz cannot be shown. Both must be finite, the rate above 0.",
        text(*start), text(*rate)
    )]
    BadRate {
        /// Start in seconds.
        start: f64,
        /// Rate in Hz.
        rate: f64,
    },
    /// Time stamps do not increase, or one is not finite.
    #[error(
        "time[{index}] is {}, after {}. Time stamps must be finite and increase; sort and clean them: \
         `ds = ds.sortby(\"time\").dropna(\"time\", subset=[\"time\"])`.",
        text(*value), text(*before)
    )]
    BadTime {
        /// Index of the first bad stamp.
        index: u64,
        /// The stamp in seconds.
        value: f64,
        /// The previous stamp in seconds.
        before: f64,
    },
    /// A time stamp equals the fill value, and is masked as in xarray.
    #[error(
        "time[{index}] is missing: what is stored there is the fill value, {}, which xarray reads as missing, too. If it is a time, \
         write `\"fill_value\": null` in time/.zarray and in .zmetadata, or take `_FillValue` from the array's attributes.",
        text(*fill)
    )]
    MaskedTime {
        /// Index of the first masked stamp.
        index: u64,
        /// `_FillValue`; in Zarr format 2 `fill_value`.
        fill: f64,
    },
    /// The units of the time array are not supported.
    #[error(
        "The time array's units are `{units}`. Supported are s, ms, us, ns, minutes, hours and days, alone or as `… since DATE`."
    )]
    TimeUnits {
        /// The units found.
        units: String,
    },
    /// The session has no time axis.
    #[error(
        "The session does not say when its frames are. Add a 1-D `time` array in seconds, or a root attribute \
         \"replayscope\": {{\"version\": 1, \"time\": {{\"start\": 0, \"rate\": 500}}}}."
    )]
    NoTime,
    /// The session has no bin positions.
    #[error(
        "The session does not say where its bins are. Add the arrays `bin_center_x` and `bin_center_y` (one value per bin), as \
         neurospatial's `DecodingResult.to_xarray()` does, or an `environment` in the session document."
    )]
    NoGeometry,
    /// Columns compressed by gathering cannot be decoded.
    #[error(
        "`{dimension}` is compressed by gathering (attribute `compress` is \"{levels}\"), and cannot be decoded: {reason}. \
         Write the file without: `ds.reset_index(\"{dimension}\")` in the place of cf_xarray's encoding."
    )]
    Gathered {
        /// Name of the dimension and of its coordinate.
        dimension: String,
        /// Names of the levels that the dimension was gathered from.
        levels: String,
        /// The reason.
        reason: String,
    },
    /// A field and the environment have different numbers of bins.
    #[error(
        "Field `{field}` has {bins} bins, the environment has {environment}. They belong to different decodings; \
         write both from one environment, e.g. `DecodingResult(posterior, env, times).to_xarray()`."
    )]
    BinCount {
        /// The field.
        field: String,
        /// Bins of the field.
        bins: usize,
        /// Bins of the environment.
        environment: usize,
    },
    /// A field or overlay and its time axis have different numbers of frames.
    #[error(
        "`{field}` has {frames} frames, its time axis has {times}. They belong to different decodings; write both \
         from one, e.g. `ds.to_zarr(...)`."
    )]
    FrameCount {
        /// The field or overlay.
        field: String,
        /// Frames of the array.
        frames: u64,
        /// Frames of the time axis.
        times: u64,
    },
    /// The session exceeds a limit of what is held in memory.
    #[error(
        "`{name}` has {count} {what}, and the limit is {limit}: all of them are held in memory while the session is open. {how}."
    )]
    TooMuch {
        /// The array.
        name: String,
        /// The number found.
        count: u64,
        /// What is counted.
        what: &'static str,
        /// The largest number allowed.
        limit: u64,
        /// What to do.
        how: &'static str,
    },
    /// An array has the wrong shape.
    #[error("`{name}` has shape {shape}; {needed}.")]
    Shape {
        /// The array.
        name: String,
        /// Its shape.
        shape: String,
        /// What is needed and how to get it.
        needed: String,
    },
}
