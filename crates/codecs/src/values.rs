//! The values of a chunk, in as few bytes as they are stored in.

use std::ops::Range;
use std::rc::Rc;

use crate::packing::Packing;
use crate::sample::finite_keys;
use crate::{DataType, Fault, Lost, reserve};

/// Values of shape (rows, bins), row by row: float32, or codes of one or two bytes and the value that each stands for.
///
/// Codes stay codes in memory and on the GPU, so that a float16 session takes half of what float32 does; the table keeps
/// them exact, whatever their scale, offset and missing values are.
#[derive(Debug, Clone, PartialEq)]
pub struct Values {
    bins: usize,
    /// Bytes of an element: 4, or 1 or 2 of a code.
    size: usize,
    /// Little-endian elements.
    bytes: Vec<u8>,
    table: Option<Rc<[f32]>>,
}

/// The value of every code of a type of one or two bytes.
#[derive(Debug, Clone)]
pub struct Table {
    values: Rc<[f32]>,
    /// Codes whose value float32 cannot hold, ascending, each with what it counts as.
    lost: Vec<(u16, Lost)>,
}

impl Table {
    /// The values, as many as there are codes.
    pub fn values(&self) -> Rc<[f32]> {
        self.values.clone()
    }

    /// How many of some elements stand for a value that float32 cannot hold.
    pub fn lost(&self, elements: &[u8]) -> Lost {
        let mut lost = Lost::default();
        if self.lost.is_empty() {
            return lost;
        }
        let size = if self.values.len() == 256 { 1 } else { 2 };
        for element in elements.chunks_exact(size) {
            let code = element.iter().rev().fold(0_u16, |code, byte| code << 8 | u16::from(*byte));
            if let Ok(at) = self.lost.binary_search_by_key(&code, |(code, _)| *code) {
                lost += self.lost[at].1;
            }
        }
        lost
    }
}

impl DataType {
    /// The value of every code, where elements of this type are few enough: one or two bytes.
    pub fn table(self, packing: &Packing) -> Option<Table> {
        let codes = 0..1_u32 << (8 * self.size().min(3));
        let raw: Vec<u8> = match self.size() {
            1 => codes.map(|code| code as u8).collect(),
            2 => codes.flat_map(|code| (code as u16).to_le_bytes()).collect(),
            _ => return None,
        };
        let (values, all) = self.to_f32(&raw, packing).ok()?;
        let mut lost = Vec::new();
        if !all.is_none() {
            for (code, number) in self.to_f64(&raw, packing).ok()?.into_iter().enumerate() {
                let mut one = Lost::default();
                one.narrow(number);
                if !one.is_none() {
                    lost.push((code as u16, one));
                }
            }
        }
        Some(Table { values: values.into(), lost })
    }

    /// Raw bytes as [`Values`] keep them: codes as they are, everything else as float32; and what that lost of them.
    /// Of codes [`Table::lost`] says it.
    ///
    /// # Errors
    /// [`Fault::Memory`].
    pub fn keep(self, raw: Vec<u8>, packing: &Packing) -> Result<(Vec<u8>, Lost), Fault> {
        if self.size() <= 2 || (self == Self::Float32 && packing.is_none()) {
            return Ok((raw, Lost::default()));
        }
        let (values, lost) = self.to_f32(&raw, packing)?;
        let mut bytes = reserve(values.len() * size_of::<f32>())?;
        for value in values {
            bytes.extend_from_slice(&value.to_le_bytes());
        }
        Ok((bytes, lost))
    }
}

impl Values {
    /// Of what [`DataType::keep`] kept, with the table of the type. `None` where the bytes are not whole rows.
    pub fn new(bins: usize, bytes: Vec<u8>, table: Option<Rc<[f32]>>) -> Option<Self> {
        let size = match table.as_ref().map(|table| table.len()) {
            None => size_of::<f32>(),
            Some(256) => 1,
            Some(_) => 2,
        };
        (bins > 0 && bytes.len().is_multiple_of(bins * size) || bytes.is_empty()).then_some(Self {
            bins,
            size,
            bytes,
            table,
        })
    }

    /// Float32 values, as they are.
    pub fn of(bins: usize, values: &[f32]) -> Option<Self> {
        Self::new(bins, values.iter().flat_map(|value| value.to_le_bytes()).collect(), None)
    }

    /// How many rows.
    pub fn rows(&self) -> usize {
        self.bytes.len() / (self.bins * self.size).max(1)
    }

    /// How many values a row has.
    pub fn bins(&self) -> usize {
        self.bins
    }

    /// Bytes in memory, without the table.
    pub fn len(&self) -> usize {
        self.bytes.len()
    }

    /// Whether there is no value.
    pub fn is_empty(&self) -> bool {
        self.bytes.is_empty()
    }

    /// Bytes of a row.
    pub fn row_bytes(&self) -> usize {
        self.bins * self.size
    }

    /// The value that each code stands for, as many as there are codes; `None`: elements are float32.
    pub fn table(&self) -> Option<&[f32]> {
        self.table.as_deref()
    }

    /// The elements of some rows, as they are kept.
    pub fn elements(&self, rows: Range<usize>) -> &[u8] {
        self.bytes.get(rows.start * self.row_bytes()..rows.end * self.row_bytes()).unwrap_or_default()
    }

    /// One value.
    pub fn get(&self, row: usize, bin: usize) -> Option<f32> {
        if bin >= self.bins {
            return None;
        }
        let at = (row * self.bins + bin) * self.size;
        self.decoded(self.bytes.get(at..at + self.size)?).next()
    }

    /// One row.
    pub fn row(&self, row: usize) -> Vec<f32> {
        self.decoded(self.elements(row..row + 1)).collect()
    }

    /// All values, row by row.
    pub fn iter(&self) -> impl Iterator<Item = f32> + '_ {
        self.decoded(&self.bytes)
    }

    /// Adds the [`order_key`](crate::order_key)s of the finite values of a row: every `step`-th bin, from `first` on.
    pub fn finite_keys(&self, row: usize, first: usize, step: usize, into: &mut Vec<u32>) {
        let elements = self.elements(row..row + 1);
        // Two loops, the usual one without a branch on how elements are kept: a million values are read by it.
        match (&self.table, step) {
            (None, 1) => {
                let values = elements.as_chunks().0.iter().map(|bytes| f32::from_le_bytes(*bytes));
                finite_keys(values, into);
            }
            _ => finite_keys(self.decoded(elements).skip(first).step_by(step), into),
        }
    }

    fn decoded<'a>(&'a self, elements: &'a [u8]) -> impl Iterator<Item = f32> + 'a {
        elements.chunks_exact(self.size).map(|element| match (&self.table, element) {
            (Some(table), &[code]) => table[usize::from(code)],
            (Some(table), &[low, high]) => table[usize::from(u16::from_le_bytes([low, high]))],
            (None, &[a, b, c, d]) => f32::from_le_bytes([a, b, c, d]),
            _ => f32::NAN,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every code of every small type, by the table and one by one.
    #[test]
    fn codes_are_the_values_they_stand_for() {
        let packed = Packing { scale: 0.1, offset: -3.7, masked: vec![7.0] };
        let types = [DataType::Float16, DataType::Int8, DataType::UInt8, DataType::Int16, DataType::UInt16];
        for (dtype, packing) in
            types.into_iter().flat_map(|dtype| [(dtype, Packing::none()), (dtype, packed.clone())])
        {
            let codes = 0..1_u32 << (8 * dtype.size());
            let raw: Vec<u8> = codes.flat_map(|code| code.to_le_bytes()[..dtype.size()].to_vec()).collect();
            let expected: Vec<u32> =
                dtype.to_f32(&raw, &packing).unwrap().0.iter().map(|value| value.to_bits()).collect();
            let (kept, _) = dtype.keep(raw.clone(), &packing).unwrap();
            assert_eq!(kept, raw, "codes stay codes");
            let values = Values::new(16, kept, dtype.table(&packing).map(|table| table.values())).unwrap();
            assert_eq!((values.rows() * 16, values.len()), (expected.len(), raw.len()));
            let rows = (0..values.rows()).flat_map(|row| values.row(row));
            assert_eq!(rows.map(f32::to_bits).collect::<Vec<_>>(), expected);
            let each = (0..expected.len()).map(|at| values.get(at / 16, at % 16).unwrap().to_bits());
            assert_eq!(each.collect::<Vec<_>>(), expected);
        }
    }

    /// A code's value may be beyond float32, as the scale is float64.
    #[test]
    fn codes_whose_value_float32_cannot_hold_are_counted() {
        let packing = Packing { scale: 1e-45, offset: 0.0, masked: vec![3.0] };
        let table = DataType::UInt8.table(&packing).unwrap();
        // 0 is 0, 1 is nearer to 1.4e-45, 3 is masked.
        assert_eq!(table.lost(&[0, 1, 2, 3, 255]), Lost::default());
        let packing = Packing { scale: 1e-46, offset: 0.0, masked: vec![3.0] };
        let table = DataType::UInt8.table(&packing).unwrap();
        assert_eq!(table.lost(&[0, 1, 2, 3, 7, 8, 255, 1]), Lost { zeros: 4, infinities: 0 });
        let packing = Packing { scale: 1e35, offset: 0.0, masked: Vec::new() };
        let table = DataType::Int16.table(&packing).unwrap();
        let codes: Vec<u8> =
            [1_i16, 3402, 3403, -3403, i16::MIN].iter().flat_map(|code| code.to_le_bytes()).collect();
        assert_eq!(table.lost(&codes), Lost { zeros: 0, infinities: 3 });
    }

    #[test]
    fn everything_else_is_float32() {
        let raw: Vec<u8> =
            [1.5_f64, f64::NAN, 1e300, -0.0].iter().flat_map(|value| value.to_le_bytes()).collect();
        let (kept, lost) = DataType::Float64.keep(raw, &Packing::none()).unwrap();
        assert_eq!(lost, Lost { zeros: 0, infinities: 1 });
        assert!(DataType::Float64.table(&Packing::none()).is_none());
        let values = Values::new(2, kept, None).unwrap();
        let row = |row| values.row(row).iter().map(|value| value.to_bits()).collect::<Vec<_>>();
        assert_eq!(row(0), [1.5_f32.to_bits(), f32::NAN.to_bits()]);
        assert_eq!(row(1), [f32::INFINITY.to_bits(), (-0.0_f32).to_bits()]);
        assert_eq!((values.get(2, 0), values.get(0, 2)), (None, None));
        assert!(Values::new(3, vec![0; 16], None).is_none(), "not whole rows");
        assert_eq!(Values::new(0, Vec::new(), None).unwrap().rows(), 0);
    }

    #[test]
    fn finite_keys_leave_out_what_is_not_finite() {
        let values = Values::of(3, &[1.0, f32::NAN, -2.0, f32::NAN, f32::INFINITY, f32::NAN]).unwrap();
        let keys = |values: &Values, row, first, step| {
            let mut keys = Vec::new();
            values.finite_keys(row, first, step, &mut keys);
            keys
        };
        let [one, minus_two] = [1.0, -2.0].map(crate::order_key);
        assert_eq!(keys(&values, 0, 0, 1), [one, minus_two]);
        assert_eq!(keys(&values, 1, 0, 1), [0; 0]);
        assert_eq!((keys(&values, 0, 2, 3), keys(&values, 0, 0, 2)), (vec![minus_two], vec![one, minus_two]));
        let raw = vec![0x00, 0x3c, 0x00, 0xc0, 0x00, 0x7e]; // 1, −2 and NaN as float16
        let halves =
            Values::new(3, raw, DataType::Float16.table(&Packing::none()).map(|table| table.values()))
                .unwrap();
        assert_eq!(keys(&halves, 0, 0, 1), [one, minus_two]);
    }
}
