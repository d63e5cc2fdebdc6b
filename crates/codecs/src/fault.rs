//! What can be wrong with bytes, and room for what they decode to.

/// What a decoder found wrong; whoever knows it adds which chunk and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fault {
    /// The bytes differ from those written.
    Checksum {
        /// Whose checksum it is.
        codec: &'static str,
        /// As written.
        stored: u32,
        /// Of the bytes that came.
        computed: u32,
    },
    /// The bytes do not decode to what was promised.
    Corrupt {
        /// Which codec says so.
        codec: &'static str,
        /// What is wrong.
        reason: String,
    },
    /// There is no memory for this many bytes.
    Memory {
        /// Asked for.
        bytes: u64,
    },
}

impl Fault {
    /// [`Fault::Corrupt`].
    pub fn corrupt(codec: &'static str, reason: impl std::fmt::Display) -> Self {
        Self::Corrupt { codec, reason: reason.to_string() }
    }
}

/// An empty list with room for `count`, or [`Fault::Memory`]: a page that asks for too much must not be aborted.
pub fn reserve<T>(count: usize) -> Result<Vec<T>, Fault> {
    let mut list = Vec::new();
    match list.try_reserve_exact(count) {
        Ok(()) => Ok(list),
        Err(_) => Err(Fault::Memory { bytes: (count as u64).saturating_mul(size_of::<T>() as u64) }),
    }
}

/// `count` zero bytes.
pub fn zeros(count: usize) -> Result<Vec<u8>, Fault> {
    let mut bytes = reserve(count)?;
    bytes.resize(count, 0);
    Ok(bytes)
}
