//! What the parser found wrong, for whoever opens the file.

use hdf5_pure::{Error, FormatError as Fault};

/// To be put after the name of the file, or of what is in it. The parser's own text says what is damaged; words of ours
/// stand where it does not say that the file is fine and only not read here, or where the values are.
pub fn reason(error: &Error) -> String {
    let Error::Format(fault) = error else {
        return format!("it cannot be read ({error})");
    };
    // To the parser a version that it does not know is an invalid one.
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
        Fault::UnsupportedVirtualLayout => "it is virtual: its values are in other files".to_owned(),
        Fault::UnsupportedExternalStorage => "its values are in another file".to_owned(),
        other => format!("it is damaged, or written in a way that is not known ({other})"),
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

    #[test]
    fn what_is_damaged_is_told_in_the_parsers_words() {
        let of = |fault| reason(&Error::Format(fault));
        let checksum = of(Fault::ChecksumMismatch { expected: 1, computed: 2 });
        assert!(
            checksum.starts_with("it is damaged") && checksum.contains("checksum mismatch"),
            "{checksum}"
        );
        let sizes = of(Fault::Source("its index of chunks has senseless sizes".to_owned()));
        assert!(sizes.ends_with("its index of chunks has senseless sizes)"), "{sizes}");
        assert!(reason(&Error::NotADataset("/a".to_owned())).contains("not a dataset: /a"));
        assert_eq!(of(Fault::UnsupportedExternalStorage), "its values are in another file");
    }
}
