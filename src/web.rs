//! The handle that JavaScript holds; the crate's only exports.
