//! Reads headers of `.npy` files of this machine, by the viewer's own code.

use std::io::Read;

pub use replayscope_files::NpyHeader;

/// Bytes that hold any header: `NumPy` writes at most 10,000 characters after 12 bytes.
const LONGEST: u64 = 10_012;

/// Reads the header of a file; the error says what is wrong with it. The file's position afterwards is not defined: the values begin
/// at `data_start`.
pub fn header(file: impl Read) -> Result<NpyHeader, String> {
    let mut head = Vec::new();
    file.take(LONGEST).read_to_end(&mut head).map_err(|error| format!("it cannot be read ({error})"))?;
    NpyHeader::read(&head)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_header_is_found_before_any_number_of_values() {
        let dict = "{'descr': '<f4', 'fortran_order': False, 'shape': (8000, 397), }\n";
        let mut file = b"\x93NUMPY\x01\x00".to_vec();
        file.extend((dict.len() as u16).to_le_bytes());
        file.extend(dict.as_bytes());
        for values in [0, 50_000] {
            let whole = [file.clone(), vec![0; values]].concat();
            assert_eq!(header(&whole[..]).unwrap().shape, [8000, 397]);
        }
        assert!(header(&b"PK\x03\x04 and so on"[..]).unwrap_err().contains("zip"));
        assert!(header(&file[..20]).unwrap_err().contains("ends within its header"));
    }
}
