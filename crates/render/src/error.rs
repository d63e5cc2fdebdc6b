use crate::block_id::BlockId;

/// Why a picture cannot be drawn, or nothing at all.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum Error {
    /// The browser offers no WebGPU, or no adapter for it.
    #[error(
        "No graphics: this browser offers no WebGPU adapter ({reason}). \
         Chrome and Edge 113+, Safari 26+ and Firefox 141+ have WebGPU; \
         it needs https:// or localhost, and hardware acceleration switched on in the browser's settings."
    )]
    NoWebGpu {
        /// The browser's own message.
        reason: String,
    },
    /// The device is gone: a driver reset, a GPU unplugged, too long in the background.
    #[error(
        "The graphics device was lost ({reason}), and nothing can be drawn until the browser gives another one. It is asked for \
         again by itself, or at once by Retry; where that does not help, reload the page."
    )]
    DeviceLost {
        /// The browser's own message.
        reason: String,
    },
    /// The device refused a command: it is out of memory, or this crate has a bug.
    #[error("The graphics device reports an error: {reason}")]
    Device {
        /// The browser's own message.
        reason: String,
    },
    /// The canvas cannot be drawn to.
    #[error("The canvas cannot be drawn to: {reason}")]
    Canvas {
        /// The browser's own message.
        reason: String,
    },
    /// A block is larger than the device can bind.
    #[error(
        "{bytes} bytes of frames cannot be shown at once: this graphics device binds at most {limit} bytes. \
         Store the array with fewer frames a chunk."
    )]
    BlockTooLarge {
        /// Bytes of the block.
        bytes: u64,
        /// The most bytes that the device binds.
        limit: u64,
    },
    /// A picture is larger than the device can draw.
    #[error(
        "A picture of {width} × {height} pixels cannot be drawn: this graphics device draws at most {limit} a side."
    )]
    PictureTooLarge {
        /// Requested width in pixels.
        width: u32,
        /// Requested height in pixels.
        height: u32,
        /// The most pixels that a side may have.
        limit: u32,
    },
    /// A field refers to a block that was not uploaded, or was discarded.
    #[error("Frames of chunk {} of array {}, block {}, are not on the graphics device.", id.chunk, id.array, id.block)]
    NotResident {
        /// The block that is missing.
        id: BlockId,
    },
    /// A field refers to a row beyond the end of its block.
    #[error("Row {row} was asked of a block of {rows} frames.")]
    NoSuchRow {
        /// The row that was requested.
        row: u32,
        /// Rows of the block.
        rows: u32,
    },
    /// The environment has more bins than the values.
    #[error(
        "The environment has {environment} bins, the field has {field}. \
         A field must have one value a bin: check that both come from the same environment."
    )]
    Bins {
        /// Bins the mesh refers to.
        environment: u32,
        /// Values a frame has.
        field: u32,
    },
}

impl Error {
    /// The short name that programs match on, one of those in docs/handle.md.
    pub fn code(&self) -> &'static str {
        match self {
            Self::NoWebGpu { .. } => "no-webgpu",
            Self::DeviceLost { .. } => "device-lost",
            _ => "gpu",
        }
    }
}
