//! Frames of a `.npy` of any size.

use std::fs::File;
use std::io::{BufReader, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

use replayscope_zarr::array::{DataType, numpy_type};

use super::Frames;
use crate::error::CliError;
use crate::npy;
use crate::source::regular;
use crate::writer::Precision;

/// Advice for a file without a header.
const RAW: &str = "Of a raw np.memmap file write a session.json that says its dtype and shape (docs/session-format.md), or save it \
     with `np.save(\"packable.npy\", memmap)`.";

/// The values of a `.npy`.
#[derive(Debug)]
pub struct NpyFrames {
    reader: BufReader<File>,
    path: PathBuf,
    big_endian: bool,
    frames: u64,
    bins: u64,
    precision: Precision,
}

impl NpyFrames {
    /// Reads the header and checks that the file is complete and holds floats (time, bin) in C order.
    pub fn open(path: &Path) -> Result<Self, CliError> {
        let shown = path.display();
        let refuse = |what: String, how: String| CliError::Npy { path: path.to_path_buf(), what, how };
        let resave = |expression: &str| {
            format!(
                "In Python: `import numpy as np; a = np.load(\"{shown}\", mmap_mode=\"r\"); np.save(\"packable.npy\", {expression})`"
            )
        };
        let file = regular::open(path).map_err(CliError::io("read", path))?;
        let stored = file.metadata().map_err(CliError::io("read", path))?.len();
        let mut reader = BufReader::new(file);
        let header = npy::header(&mut reader).map_err(|what| refuse(what, RAW.to_owned()))?;
        reader.seek(SeekFrom::Start(header.data_start)).map_err(CliError::io("read", path))?;
        let float = numpy_type(&header.descr).and_then(|(name, big_endian)| {
            let dtype = DataType::from_name(name).filter(|dtype| dtype.is_float())?;
            Some((Precision::of_size(dtype.size())?, big_endian))
        });
        let Some((precision, big_endian)) = float else {
            let what =
                format!("its values are `{}`, and float16, float32 or float64 are needed", header.descr);
            return Err(refuse(what, resave("a.astype(np.float32)")));
        };
        let &[frames, bins] = header.shape.as_slice() else {
            let what = format!("its shape is {:?}, and (time, bin) is needed", header.shape);
            return Err(refuse(what, resave("a.reshape(len(a), -1)")));
        };
        if header.fortran_order && frames > 1 && bins > 1 {
            let what =
                "it is stored column by column (fortran_order=True), so a frame is scattered over the file"
                    .to_owned();
            return Err(refuse(what, resave("np.ascontiguousarray(a)")));
        }
        if frames == 0 || bins == 0 {
            let what = format!("its shape is ({frames}, {bins}), so there is nothing in it");
            return Err(refuse(what, "Check what was saved.".to_owned()));
        }
        let needed = header.count().and_then(|count| count.checked_mul(precision.size() as u64));
        let there = stored.saturating_sub(header.data_start);
        if needed.is_none_or(|needed| there < needed) {
            let what = format!(
                "its header announces {frames} × {bins} values of {} bytes, and {there} bytes follow",
                precision.size()
            );
            return Err(refuse(
                what,
                "It was copied or written only in part; copy or save it again.".to_owned(),
            ));
        }
        Ok(Self { reader, path: path.to_path_buf(), big_endian, frames, bins, precision })
    }
}

impl Frames for NpyFrames {
    fn frames(&self) -> u64 {
        self.frames
    }

    fn bins(&self) -> u64 {
        self.bins
    }

    fn precision(&self) -> Precision {
        self.precision
    }

    fn read(&mut self, frames: u64, values: &mut Vec<u8>) -> Result<(), CliError> {
        values.resize((frames * self.bins) as usize * self.precision.size(), 0);
        self.reader.read_exact(values).map_err(CliError::io("read", &self.path))?;
        if self.big_endian {
            values.chunks_exact_mut(self.precision.size()).for_each(<[u8]>::reverse);
        }
        Ok(())
    }
}
