//! What the parser found wrong, in words for whoever opens the file. Its own texts tell writers' mistakes, too: with
//! them the page would be 4 KB larger.

use hdf5_pure::{Error, FormatError as Fault};

/// To be put after the name of the file, or of what is in it.
pub fn reason(error: &Error) -> String {
    let Error::Format(fault) = error else {
        return "it cannot be read".to_owned();
    };
    let version = |what: &str, version: u8| format!("its {what} is of version {version}, which is not read");
    match fault {
        Fault::UnsupportedVersion(found) => version("superblock", *found),
        Fault::InvalidObjectHeaderVersion(found) => version("object header", *found),
        Fault::InvalidDataspaceVersion(found) => version("dataspace", *found),
        Fault::InvalidDatatypeVersion { version: found, .. } => version("datatype", *found),
        Fault::InvalidLayoutVersion(found) => version("data layout", *found),
        Fault::InvalidFilterPipelineVersion(found) => version("list of filters", *found),
        Fault::UnexpectedEof { expected, available } => {
            format!("it ends too early: {expected} bytes are needed where {available} are left")
        }
        Fault::ChecksumMismatch { .. } => "a checksum of its structure does not match".to_owned(),
        Fault::UnsupportedVirtualLayout => "it is virtual: its values are in other files".to_owned(),
        Fault::UnsupportedExternalStorage => "its values are in another file".to_owned(),
        _ => "it is damaged, or written in a way that is not known".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_newer_is_told_with_its_version() {
        let text = reason(&Error::Format(Fault::InvalidLayoutVersion(5)));
        assert_eq!(text, "its data layout is of version 5, which is not read");
        assert!(reason(&Error::Shape("(0, 0)".to_owned())).contains("cannot be read"));
    }
}
