//! Why a session cannot be opened.

use std::sync::Arc;

use replayscope_files::FileError;
use replayscope_json::number::text;
use replayscope_zarr::advice;
use replayscope_zarr::array::ArrayError;
use replayscope_zarr::source::SourceError;

use crate::environment::EnvironmentError;

/// Any failure between an address and an open session, or a chunk of it. Its text says what happened (with values), why, and what
/// to do; a URL comes last.
///
/// Shared: one failed read may be reported to several callers that wait for it.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[error(transparent)]
pub struct Error(Arc<ErrorKind>);

/// The layer that failed, and how.
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
    /// What failed, with its values.
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

    /// Seconds after which the server asked to be asked again.
    pub fn asked_to_wait(&self) -> Option<u32> {
        match self.kind() {
            ErrorKind::Zarr(replayscope_zarr::Error::Source(error)) => error.asked_to_wait(),
            _ => None,
        }
    }

    /// Whether an array is not there.
    pub fn is_missing(&self) -> bool {
        matches!(self.kind(), ErrorKind::Zarr(error) if error.is_missing())
    }

    /// Whether an array is there, and of a type or with a codec that is not read.
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

/// Each says what was found, why that cannot be shown and what to do.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum SessionError {
    /// The document is of a later format.
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
    /// The `replayscope` attribute is no session document.
    #[error(
        "The `replayscope` object in the group's attributes cannot be read: {reason}. \
         docs/session-format.md lists its keys; the smallest is {{\"version\": 1}}."
    )]
    BadDocument {
        /// What is wrong with it.
        reason: String,
    },
    /// Nothing to show.
    #[error(
        "The group holds no float array of shape (time, bin); its arrays are: {found}. A session needs one whose \
         `dimension_names` start with \"time\": in xarray, `ds.posterior.transpose(\"time\", \"bin\")`."
    )]
    NoFields {
        /// Names of what there is.
        found: String,
    },
    /// Several files, each of which is a session.
    #[error("These are several sessions: {found}. Open one of them.")]
    Several {
        /// Some of them.
        found: String,
    },
    /// Files of which none is a session.
    #[error(
        "None of these files is a session: {found}. Known are a Zarr folder (zarr.json or .zgroup), a Zarr zip, netCDF and \
         HDF5 (.nc, .h5), .npy and session.json."
    )]
    NothingKnown {
        /// Some of them.
        found: String,
    },
    /// A field without frames.
    #[error(
        "The time axis has no frames. The file was probably closed before anything was written; write it again."
    )]
    NoFrames,
    /// A start or rate that is none.
    #[error(
        "A time axis with start {} s and rate {} Hz cannot be shown. Both must be finite, the rate above 0.",
        text(*start), text(*rate)
    )]
    BadRate {
        /// Seconds.
        start: f64,
        /// Hz.
        rate: f64,
    },
    /// Time stamps that do not increase.
    #[error(
        "time[{index}] is {}, after {}. Time stamps must be finite and increase; sort and clean them: \
         `ds = ds.sortby(\"time\").dropna(\"time\", subset=[\"time\"])`.",
        text(*value), text(*before)
    )]
    BadTime {
        /// First bad index.
        index: u64,
        /// Its value in seconds.
        value: f64,
        /// The value before it.
        before: f64,
    },
    /// A time stamp that is masked, as xarray reads it.
    #[error(
        "time[{index}] is missing: what is stored there is the fill value, {}, which xarray reads as missing, too. If it is a time, \
         write `\"fill_value\": null` in time/.zarray and in .zmetadata, or take `_FillValue` from the array's attributes.",
        text(*fill)
    )]
    MaskedTime {
        /// First masked index.
        index: u64,
        /// `_FillValue`; in Zarr format 2 `fill_value`.
        fill: f64,
    },
    /// Units of a time array that are not known.
    #[error(
        "The time array's units are `{units}`. Known are s, ms, us, ns, minutes, hours and days, alone or as `… since DATE`."
    )]
    TimeUnits {
        /// What was found.
        units: String,
    },
    /// No time axis at all.
    #[error(
        "The session says nowhere when its frames are. Add a 1-D `time` array in seconds, or a root attribute \
         \"replayscope\": {{\"version\": 1, \"time\": {{\"start\": 0, \"rate\": 500}}}}."
    )]
    NoTime,
    /// No geometry at all.
    #[error(
        "The session says nowhere where its bins are. Add the arrays `bin_center_x` and `bin_center_y` (one value a bin), as \
         neurospatial's `DecodingResult.to_xarray()` does, or an `environment` in the session document."
    )]
    NoGeometry,
    /// Columns compressed by gathering that are not understood.
    #[error(
        "`{dimension}` is compressed by gathering (attribute `compress` is \"{levels}\"), and cannot be decoded: {reason}. \
         Write the file without: `ds.reset_index(\"{dimension}\")` in the place of cf_xarray's encoding."
    )]
    Gathered {
        /// The dimension, and its coordinate.
        dimension: String,
        /// What it was gathered from.
        levels: String,
        /// What is not understood.
        reason: String,
    },
    /// A field and the environment disagree.
    #[error(
        "Field `{field}` has {bins} bins, the environment has {environment}. They belong to different decodings; \
         write both from one environment, e.g. `DecodingResult(posterior, env, times).to_xarray()`."
    )]
    BinCount {
        /// The field.
        field: String,
        /// Its bins.
        bins: usize,
        /// The environment's.
        environment: usize,
    },
    /// A field and the time axis disagree.
    #[error(
        "`{field}` has {frames} frames, its time axis has {times}. They belong to different decodings; write both \
         from one, e.g. `ds.to_zarr(...)`."
    )]
    FrameCount {
        /// The field or overlay.
        field: String,
        /// Its frames.
        frames: u64,
        /// Stamps there are.
        times: u64,
    },
    /// More of something than is held in memory.
    #[error(
        "`{name}` has {count} {what}, and the limit is {limit}: all of them are held in memory while the session is open. {how}."
    )]
    TooMuch {
        /// The array.
        name: String,
        /// How many it has.
        count: u64,
        /// Of what.
        what: &'static str,
        /// How many there may be.
        limit: u64,
        /// What to do.
        how: &'static str,
    },
    /// Something of another shape than its use needs.
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
