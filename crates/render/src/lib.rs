//! Draws fields of values, regions and positions through WebGPU.
//!
//! A caller makes a [`Gpu`] and a [`Renderer`], sets the mesh that has one polygon for each bin ([`Renderer::set_mesh`]), and
//! uploads blocks of values ([`Renderer::upload`]). A [`Picture`] then says what to draw: a camera, fields with the rows of blocks
//! and the [`TransferFunction`] that colours them, region fills, positions with their trails. The renderer draws a picture onto
//! the texture of a canvas (`Surface`, in browsers only) or offscreen ([`Renderer::read`]).
//!
//! Values stay on the device as they were stored, and shaders colour them. Another row of a resident block, other limits or other
//! colours therefore cost one write of about two kilobytes and one draw call for each field.
//!
//! The device holds no state of its own: after [`Error::DeviceLost`] a caller makes a new [`Gpu`] and a new [`Renderer`], and
//! uploads again.
//!
//! This crate knows nothing of sessions, chunks that are being fetched, or layouts of bins. It draws what it is given.
//!
//! # Example
//!
//! A [`Camera`] turns positions into pixels and back, with no device at hand:
//!
//! ```
//! use replayscope_render::Camera;
//!
//! // One pixel is half a unit wide and high; (10, 20) is in the middle of the viewport.
//! let camera = Camera { center: [10.0, 20.0], units_per_pixel: [0.5; 2], turns: 0 };
//! assert_eq!(camera.to_pixel([200, 100], [10.0, 20.0]), [100.0, 50.0]);
//! // Three units to the right are six pixels; y points up, and pixels count from the top.
//! assert_eq!(camera.to_pixel([200, 100], [13.0, 21.0]), [106.0, 48.0]);
//! assert_eq!(camera.to_position([200.0, 100.0], [106.0, 48.0]), [13.0, 21.0]);
//! ```

mod block_id;
mod blocks;
mod camera;
mod device;
mod error;
mod field;
mod flat;
mod fold;
mod fold_pipeline;
mod mesh;
mod overlay;
mod picture;
mod pipeline;
mod readback;
mod renderer;
#[cfg(target_arch = "wasm32")]
mod surface;
mod trail;
mod transfer;

pub use block_id::BlockId;
pub use blocks::MAX_BLOCK_BYTES;
pub use camera::Camera;
pub use device::{DeviceErrors, Gpu};
pub use error::Error;
pub use fold::Fold;
pub use mesh::MeshRef;
pub use picture::{BlockRows, FieldPass, Picture, PositionPass, RegionFill, TrailPoint};
pub use renderer::Renderer;
#[cfg(target_arch = "wasm32")]
pub use surface::Surface;
pub use transfer::TransferFunction;
