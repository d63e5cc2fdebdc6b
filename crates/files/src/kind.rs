//! What kind of file one is, by its name or by its first bytes.

/// What kind of file one is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FileKind {
    /// `NumPy`'s `.npy`: one array.
    Npy,
    /// HDF5, and so netCDF4.
    Hdf5,
    /// A zip archive that holds a Zarr hierarchy.
    Zip,
    /// A session document on its own.
    Document,
}

/// Bytes at the start of a file that say what kind it is.
pub const HEAD: u64 = 16;

impl FileKind {
    /// By the end of a name, or of an address. `None` for a folder and for any other ending.
    pub fn of(name: &str) -> Option<Self> {
        let name = name.split(['?', '#']).next().unwrap_or(name);
        let (_, extension) = name.rsplit_once('/').map_or(name, |(_, file)| file).rsplit_once('.')?;
        let is = |known: &[&str]| known.iter().any(|known| known.eq_ignore_ascii_case(extension));
        if is(&["npy"]) {
            Some(Self::Npy)
        } else if is(&["nc", "nc4", "h5", "hdf5", "nwb"]) {
            Some(Self::Hdf5)
        } else if is(&["zip"]) {
            Some(Self::Zip)
        } else {
            is(&["json"]).then_some(Self::Document)
        }
    }

    /// By the first bytes of the file, of which [`HEAD`] are always enough.
    pub fn by_head(head: &[u8]) -> Option<Self> {
        match head {
            [0x93, b'N', b'U', b'M', b'P', b'Y', ..] => Some(Self::Npy),
            [0x89, b'H', b'D', b'F', ..] => Some(Self::Hdf5),
            [b'P', b'K', 3, 4, ..] => Some(Self::Zip),
            [b'{', ..] => Some(Self::Document),
            _ => None,
        }
    }
}

/// What a file looks like that is not what its name says: the reason in a message, such as `it is a web page`.
pub fn looks_like(head: &[u8]) -> &'static str {
    let text = head.trim_ascii_start();
    match (FileKind::by_head(text), text) {
        (Some(FileKind::Npy), _) => "it is a .npy file",
        (Some(FileKind::Hdf5), _) => "it is an HDF5 file",
        (Some(FileKind::Zip), _) => "it is a zip archive",
        (Some(FileKind::Document), _) => "it is JSON",
        (_, [b'<', ..]) => "it is a web page, perhaps that of a login",
        (_, [b'C', b'D', b'F', ..]) => "it is a netCDF file of the older format 3",
        (_, [b'M', b'A', b'T', b'L', b'A', b'B', ..]) => "it is a MATLAB file",
        (_, [0x1f, 0x8b, ..]) => "it is compressed with gzip",
        (_, []) => "it is empty",
        _ => "it begins with other bytes",
    }
}
