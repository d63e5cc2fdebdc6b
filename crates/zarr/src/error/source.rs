//! Why bytes could not be read.

use crate::advice;

/// Why bytes could not be read. `location` is the object's URL or path and ends each message.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SourceError {
    /// 404 or no such file. For a Zarr chunk this means the fill value and is handled by the array.
    #[error(
        "Nothing is stored there (404). Check the address, and that the folder was copied whole: {location}"
    )]
    NotFound {
        /// The object's URL or path.
        location: String,
    },
    /// 401 or 403.
    #[error(
        "The server refused the read ({status}). It wants a login or the file is not public; \
         ask its owner for access, or serve your own copy with `replayscope serve DIR`: {location}"
    )]
    Forbidden {
        /// HTTP status.
        status: u16,
        /// The object's URL or path.
        location: String,
    },
    /// Any other status that is no success.
    #[error("The server answered {status}. Try again later, or ask whoever runs it: {location}")]
    Status {
        /// HTTP status.
        status: u16,
        /// `Retry-After` in seconds, where the server gave one.
        retry_after: Option<u32>,
        /// The object's URL or path.
        location: String,
    },
    /// 200 to a Range request: the server would send the whole object for each read.
    #[error(
        "The server ignored `Range: bytes={start}-{last}` and answered 200 with the whole file, so nothing can be read \
         in slices. Serve the folder with one that answers 206, for example `replayscope serve DIR`: {location}"
    )]
    RangeIgnored {
        /// First byte asked for.
        start: u64,
        /// Last byte asked for, inclusive as in HTTP.
        last: u64,
        /// The object's URL or path.
        location: String,
    },
    /// 206 with a missing or different `Content-Range`.
    #[error(
        "The server answered 206 to `Range: bytes={start}-{last}` with Content-Range {got}. A proxy or the server \
         rewrites ranges; serve the folder with `replayscope serve DIR`: {location}"
    )]
    WrongRange {
        /// First byte asked for.
        start: u64,
        /// Last byte asked for, inclusive.
        last: u64,
        /// What the header held, or `missing`.
        got: String,
        /// The object's URL or path.
        location: String,
    },
    /// Fewer bytes than asked for or announced.
    #[error(
        "{got} of {wanted} bytes arrived. The file is cut short or the connection broke; copy it again or retry: {location}"
    )]
    Short {
        /// Bytes wanted.
        wanted: u64,
        /// Bytes that came.
        got: u64,
        /// The object's URL or path.
        location: String,
    },
    /// The body stopped in the middle.
    #[error(
        "The connection broke while {wanted} bytes were on their way. The server or network failed; retry: {location}"
    )]
    Interrupted {
        /// Bytes asked for, or `an unknown number of`.
        wanted: String,
        /// The object's URL or path.
        location: String,
    },
    /// The object is larger than anything this program reads in one piece.
    #[error(
        "The object holds {size} bytes, more than the {limit} that are read in one piece. \
         Write it in smaller chunks, for example with `replayscope pack`: {location}"
    )]
    TooLarge {
        /// Announced size in bytes.
        size: u64,
        /// The bound in bytes.
        limit: u64,
        /// The object's URL or path.
        location: String,
    },
    /// No answer at all: network down, CORS refusal, unknown host.
    #[error("No answer came ({reason}). {advice}: {location}", advice = advice::NO_ANSWER)]
    Unreachable {
        /// What the platform said.
        reason: String,
        /// The object's URL or path.
        location: String,
    },
    /// A file of this computer that was there when it was given.
    #[error(
        "The file cannot be read any more: it was moved, deleted or written to since it was opened. Open it again: {location}"
    )]
    Changed {
        /// The file's path.
        location: String,
    },
    /// A file of this computer that the command line cannot read, or may not.
    #[error("The file cannot be read: {reason}. {how}: {location}")]
    Unreadable {
        /// Why.
        reason: String,
        /// What to do.
        how: String,
        /// The file's path.
        location: String,
    },
    /// The server stayed silent for too long.
    #[error("No answer within {seconds} s. The server or network is too slow; retry: {location}")]
    TimedOut {
        /// How long was waited.
        seconds: u32,
        /// The object's URL or path.
        location: String,
    },
    /// An address that cannot be one.
    #[error(
        "`{reference}` is no address that can be opened. Paste a full URL such as https://host/session.zarr"
    )]
    BadReference {
        /// What was given.
        reference: String,
    },
}

impl SourceError {
    /// Whether the same read may succeed later: server trouble and network loss, but not a refusal or a wrong answer.
    pub fn is_transient(&self) -> bool {
        match self {
            Self::Status { status, .. } => *status == 429 || *status >= 500,
            // Fewer bytes in good order are a wrong answer, and would come again.
            Self::Interrupted { .. } | Self::Unreachable { .. } | Self::TimedOut { .. } => true,
            _ => false,
        }
    }

    /// Seconds that the server asked to wait before it is asked again.
    pub fn asked_to_wait(&self) -> Option<u32> {
        match self {
            Self::Status { retry_after, .. } => *retry_after,
            _ => None,
        }
    }

    /// Short name for programs, as docs/handle.md lists them.
    pub fn code(&self) -> &'static str {
        match self {
            Self::NotFound { .. } => "not-found",
            Self::Forbidden { .. } => "forbidden",
            Self::Status { .. } => "status",
            Self::RangeIgnored { .. } => "range-ignored",
            Self::WrongRange { .. } => "wrong-range",
            Self::Short { .. } | Self::Interrupted { .. } => "short",
            Self::TooLarge { .. } => "too-large",
            Self::Unreachable { .. } | Self::Unreadable { .. } => "unreachable",
            Self::Changed { .. } => "changed",
            Self::TimedOut { .. } => "timeout",
            Self::BadReference { .. } => "bad-reference",
        }
    }
}
