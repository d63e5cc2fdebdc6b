//! From the stored bytes of a chunk in time to its values.

use std::borrow::Cow;
use std::ops::Range;

use ndarray::Array2;
use replayscope_codecs::{Fault, Lost, Table, Values, reserve};

use crate::array::MAX_DECODED_BYTES;
use crate::array::array::Array;
use crate::array::columns::Columns;
use crate::array::encoded::{Decoded, Encoded, Unpacked};
use crate::error::{ArrayError, Error};

impl Array {
    /// Decodes: float32 bit for bit, codes of one or two bytes as they are, everything else to float32; CF packing undone.
    pub fn decode(&self, encoded: &Encoded) -> Result<Decoded, Error> {
        self.decoded(encoded, self.unpack(encoded)?)
    }

    /// The first and longer part of [`Array::decode`]; a worker may do it.
    pub fn unpack(&self, encoded: &Encoded) -> Result<Unpacked, Error> {
        let raw = self.raw(encoded)?;
        let located = |fault| self.fault(encoded.chunk, &[], fault);
        let (size, stored) = (self.stored_dtype.size(), self.stored_width);
        let raw = match &self.columns {
            None => raw.into_owned(),
            Some(columns) if columns.sums() => {
                let mut lost = Lost::default();
                let values = self.dtype.to_f64(&raw, &self.packing).map_err(located)?;
                let sums = columns.sum(&values, stored).map_err(located)?;
                let mut elements = reserve(sums.len() * size_of::<f32>()).map_err(located)?;
                elements.extend(sums.into_iter().flat_map(|sum| lost.narrow(sum).to_le_bytes()));
                return Ok(Unpacked { elements, lost });
            }
            Some(columns) => columns.pick(&raw, size, stored).map_err(located)?,
        };
        let (elements, mut lost) = self.dtype.keep(raw, &self.packing).map_err(located)?;
        if let Some(table) = self.table() {
            lost += table.lost(&elements);
        }
        Ok(Unpacked { elements, lost })
    }

    /// The second part of [`Array::decode`], from what [`Array::unpack`] returned.
    pub fn decoded(&self, encoded: &Encoded, unpacked: Unpacked) -> Result<Decoded, Error> {
        let Unpacked { elements, lost } = unpacked;
        let rows = self.rows_of(encoded.chunk);
        let values = Values::new(self.width(), elements, self.table().map(Table::values))
            .filter(|values| values.rows() == rows || values.is_empty());
        let values = values.ok_or(Fault::Memory { bytes: self.chunk_bytes() });
        let values = values.map_err(|fault| self.fault(encoded.chunk, &[], fault))?;
        let (frames, stored) = (self.frames_of(encoded.chunk), encoded.is_stored());
        Ok(Decoded { frames, values, lost, stored, encoded_bytes: encoded.len() as u64 })
    }

    /// The value of each code; `None` where elements are no codes, as a sum of several is none.
    fn table(&self) -> Option<&Table> {
        let make = || if self.sums() { None } else { self.dtype.table(&self.packing) };
        self.table.get_or_init(make).as_ref()
    }

    /// Decodes to float64, for time and coordinates and where [`Array::is_wide`]; (frames, bins) as [`Array::decode`].
    pub fn decode_f64(&self, encoded: &Encoded) -> Result<Array2<f64>, Error> {
        let raw = self.raw(encoded)?;
        let (size, stored) = (self.stored_dtype.size(), self.stored_width);
        let numbers = |raw: &[u8]| self.dtype.to_f64(raw, &self.packing);
        let values = match &self.columns {
            None => numbers(&raw),
            Some(columns) if columns.sums() => numbers(&raw).and_then(|values| columns.sum(&values, stored)),
            Some(columns) => columns.pick(&raw, size, stored).and_then(|picked| numbers(&picked)),
        };
        let shape = (self.rows_of(encoded.chunk), self.width());
        let rows = values.and_then(|values| {
            Array2::from_shape_vec(shape, values).map_err(|_| Fault::Memory { bytes: MAX_DECODED_BYTES })
        });
        rows.map_err(|fault| self.fault(encoded.chunk, &[], fault))
    }

    /// Whether it may hold values that float32 cannot, see [`Decoded::lost`]: a sum may be beyond what each of its parts is.
    pub fn is_wide(&self) -> bool {
        self.sums() || self.dtype.is_wide(&self.packing)
    }

    /// Whether a value is the sum of several stored ones.
    pub(super) fn sums(&self) -> bool {
        self.columns.as_ref().is_some_and(Columns::sums)
    }

    /// The number of frames in a chunk.
    fn rows_of(&self, chunk: u64) -> usize {
        let frames = self.frames_of(chunk);
        (frames.end - frames.start) as usize
    }

    /// Raw elements of a chunk in time: its frames, all bins.
    fn raw<'a>(&self, encoded: &'a Encoded) -> Result<Cow<'a, [u8]>, Error> {
        self.check(encoded.chunk)?;
        let frames = self.rows_of(encoded.chunk);
        let size = self.stored_dtype.size();
        let len = frames * self.stored_width * size;
        let shape: Vec<_> = self.grid.inner_shape.iter().map(|length| *length as usize).collect();
        let elements = |inner: &[u64], stored: &'a (usize, Range<usize>)| {
            let bytes =
                encoded.reads.get(stored.0).and_then(|read| read.get(stored.1.clone())).unwrap_or_default();
            self.codecs.decode(bytes, &shape).map_err(|fault| self.fault(encoded.chunk, inner, fault))
        };
        let inner = self.grid.inner_chunks(encoded.chunk);
        if let ([only], [Some(stored)], true) =
            (inner.as_slice(), encoded.inner.as_slice(), self.grid.holds_whole_frames())
        {
            // The common case: one inner chunk holds whole frames, and only frames beyond the end are padding.
            return Ok(match elements(only, stored)? {
                Cow::Borrowed(raw) => Cow::Borrowed(&raw[..len]),
                Cow::Owned(mut raw) => {
                    raw.truncate(len);
                    Cow::Owned(raw)
                }
            });
        }
        let mut out = reserve(len).map_err(|fault| self.fault(encoded.chunk, &[], fault))?;
        out.extend_from_slice(&self.fill[..size.min(len)]);
        while out.len() < len {
            out.extend_from_within(..out.len().min(len - out.len()));
        }
        for (inner, stored) in inner.iter().zip(&encoded.inner) {
            if let Some(stored) = stored {
                self.grid.place(inner, &elements(inner, stored)?, size, frames as u64, &mut out);
            }
        }
        Ok(Cow::Owned(out))
    }

    /// Says where a fault was found: `inner` has the coordinates of the inner chunk, or nothing where the fault concerns all of them.
    fn fault(&self, chunk: u64, inner: &[u64], fault: Fault) -> Error {
        let location = match &self.shards {
            _ if inner.is_empty() => self.location(),
            None => self.source.location(&self.key(inner)),
            Some(shards) => self.source.location(&self.key(&shards.sharding.locate(inner).0)),
        };
        match fault {
            Fault::Checksum { codec, stored, computed } => {
                ArrayError::Checksum { chunk, codec, stored, computed, location }
            }
            Fault::Corrupt { codec, reason } => ArrayError::Corrupt { chunk, codec, reason, location },
            Fault::Memory { bytes } => ArrayError::OutOfMemory { bytes, location },
        }
        .into()
    }
}
