//! Values to pixels, through WebGPU.
//!
//! A [`Picture`] says what to show, the [`Renderer`] draws it: onto a canvas (`Surface`) or offscreen ([`Renderer::read`]).
//! Fields are uploaded as they were stored, in blocks of frames, and coloured on the GPU; so another frame of a resident
//! block, other limits or another colormap cost two kilobytes of uniforms and one draw.
//! Everything here can be made again from the CPU's state: after a lost device make a new [`Gpu`] and a new [`Renderer`].

mod blocks;
mod camera;
mod device;
mod error;
mod field;
mod fold;
mod overlay;
mod picture;
mod pipeline;
mod readback;
mod renderer;
mod scene;
#[cfg(target_arch = "wasm32")]
mod surface;
mod trail;

pub use blocks::{BLOCK_BYTES, BlockId};
pub use camera::Camera;
pub use device::{Failures, Gpu};
pub use error::GpuError;
pub use picture::{FieldPass, Fill, Frames, Picture, PositionPass, TrailPoint};
pub use renderer::Renderer;
#[cfg(target_arch = "wasm32")]
pub use surface::Surface;
