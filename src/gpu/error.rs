use super::BlockId;

/// Why nothing, or not this, can be drawn.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum GpuError {
    /// The browser offers no WebGPU, or no adapter for it.
    #[error(
        "No graphics: this browser offers no WebGPU adapter ({reason}). \
         Chrome and Edge 113+, Safari 26+ and Firefox 141+ have WebGPU; \
         it needs https:// or localhost, and hardware acceleration switched on in the browser's settings."
    )]
    NoWebGpu {
        /// What the browser said.
        reason: String,
    },
    /// The device is gone: a driver reset, a GPU unplugged, too long in the background.
    #[error(
        "The graphics device was lost ({reason}), and nothing can be drawn until the browser gives another one. It is asked for \
         again by itself, or at once by Retry; where that does not help, reload the page."
    )]
    DeviceLost {
        /// What the browser said.
        reason: String,
    },
    /// The device refused a command: out of memory, or a fault of the viewer's.
    #[error("The graphics device reports an error: {reason}")]
    Device {
        /// What the browser said.
        reason: String,
    },
    /// The canvas cannot be drawn to.
    #[error("The canvas cannot be drawn to: {reason}")]
    Canvas {
        /// What the browser said.
        reason: String,
    },
    /// A block is larger than the device can bind.
    #[error(
        "{bytes} bytes of frames cannot be shown at once: this graphics device binds at most {limit} bytes. \
         Store the array with fewer frames a chunk."
    )]
    BlockTooLarge {
        /// Size of the block.
        bytes: u64,
        /// What the device binds.
        limit: u64,
    },
    /// A picture is larger than the device can draw.
    #[error(
        "A picture of {width} × {height} pixels cannot be drawn: this graphics device draws at most {limit} a side."
    )]
    PictureTooLarge {
        /// Asked for, pixels.
        width: u32,
        /// Asked for, pixels.
        height: u32,
        /// The most a side may have.
        limit: u32,
    },
    /// A field names a block that was not uploaded, or was discarded.
    #[error("Frames of chunk {} of array {}, block {}, are not on the graphics device.", id.chunk.index, id.chunk.array, id.block)]
    NotResident {
        /// The block.
        id: BlockId,
    },
    /// A field names a row beyond its block.
    #[error("Row {row} was asked of a block of {rows} frames.")]
    NoSuchRow {
        /// Asked for.
        row: u32,
        /// Frames in the block.
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
