//! Files by their first bytes.

/// The signature of HDF5.
pub const HDF5: &[u8] = b"\x89HDF\r\n\x1a\n";

/// Names a file by its first bytes: `npy`, `hdf5`, `zip`, `html`, `json`, `netcdf3`, `matlab` or `gzip`.
pub fn looks_like(head: &[u8]) -> Option<&'static str> {
    let signatures: [(&[u8], &str); 10] = [
        (b"\x93NUMPY", "npy"),
        (HDF5, "hdf5"),
        (b"PK\x03\x04", "zip"),
        // An empty one.
        (b"PK\x05\x06", "zip"),
        (b"CDF\x01", "netcdf3"),
        (b"CDF\x02", "netcdf3"),
        (b"CDF\x05", "netcdf3"),
        (b"MATLAB 5.0", "matlab"),
        (b"\x1f\x8b", "gzip"),
        (b"\xef\xbb\xbf<", "html"),
    ];
    let named = signatures.iter().find(|(signature, _)| head.starts_with(signature)).map(|(_, name)| *name);
    // MATLAB 7.3 has a block of its own before the signature.
    named.or_else(|| hdf5_start(head).map(|_| "hdf5")).or_else(|| match head.trim_ascii_start().first()? {
        b'<' => Some("html"),
        b'{' | b'[' => Some("json"),
        _ => None,
    })
}

/// Where HDF5's signature is: at 0, 512, 1024, 2048 or wherever else the format allows it, within these bytes.
pub fn hdf5_start(head: &[u8]) -> Option<usize> {
    let mut start = 0;
    loop {
        if head.get(start..)?.starts_with(HDF5) {
            return Some(start);
        }
        start = (start * 2).max(512);
    }
}
