//! What is wrong with an array's metadata, before it is said where.

use crate::error::{ArrayError, Error};

/// What is wrong with an array's metadata, before it is said where.
#[derive(Debug, Clone, PartialEq)]
pub enum Flaw {
    /// It is not valid.
    Invalid(String),
    /// It uses what is not read here; and what is.
    Unsupported(String, &'static str),
}

impl Flaw {
    /// The error that says so of the metadata at `location`.
    pub fn at(self, location: &str) -> Error {
        let location = location.to_owned();
        match self {
            Self::Invalid(what) => ArrayError::Metadata { what, location },
            Self::Unsupported(what, hint) => ArrayError::Unsupported { what, hint, location },
        }
        .into()
    }
}
