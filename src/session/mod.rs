//! What a session holds, and how it is found out.

mod document;

pub use document::*;

/// Why a session cannot be opened.
#[derive(Debug, Clone, thiserror::Error)]
pub enum SessionError {}
