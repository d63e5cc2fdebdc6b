//! Files that xarray, netCDF4, h5netcdf and h5py wrote: what is outcome of them leads to the values that h5py reads.

#![allow(clippy::unwrap_used, reason = "clippy knows tests, but not what only they call")]

mod common;

use std::fs;
use std::io::Read;

use common::{fixture, read};
use replayscope_files::{Kind, Parser, Step, Storage, Structure};
use serde_json::{Value, json};

/// What was outcome of an array, and the file it is in.
struct Array<'a> {
    file: &'a [u8],
    node: Value,
    place: Value,
}

impl Array<'_> {
    fn lengths(lengths: &Value) -> Vec<usize> {
        lengths.as_array().unwrap().iter().map(|length| length.as_u64().unwrap() as usize).collect()
    }

    fn data_type(&self) -> &str {
        self.node["data_type"].as_str().unwrap()
    }

    fn size(&self) -> usize {
        self.data_type().trim_start_matches(char::is_alphabetic).parse::<usize>().unwrap() / 8
    }

    /// The bytes of a chunk with its codecs undone.
    fn chunk(&self, index: usize) -> Option<Vec<u8>> {
        let place = |at: usize| self.place["chunks"][2 * index + at].as_i64().unwrap();
        let start = usize::try_from(place(0)).ok()?;
        let mut bytes = self.file[start..start + place(1) as usize].to_vec();
        for codec in self.node["codecs"].as_array().unwrap().iter().skip(1).rev() {
            bytes = match codec["name"].as_str().unwrap() {
                "numcodecs.zlib" => {
                    let mut inflated = Vec::new();
                    flate2::read::ZlibDecoder::new(&bytes[..]).read_to_end(&mut inflated).unwrap();
                    inflated
                }
                "numcodecs.shuffle" => {
                    let size = codec["configuration"]["elementsize"].as_u64().unwrap() as usize;
                    let count = bytes.len() / size;
                    (0..bytes.len()).map(|at| bytes[at % size * count + at / size]).collect()
                }
                "numcodecs.fletcher32" => bytes[..bytes.len() - 4].to_vec(),
                other => panic!("{other}"),
            };
        }
        Some(bytes)
    }

    /// All values, in C order.
    fn values(&self) -> Vec<f64> {
        if let Some(values) = self.place["values"].as_array() {
            return values.iter().map(number).collect();
        }
        let shape = Self::lengths(&self.node["shape"]);
        let count: usize = shape.iter().product();
        let fill = number(&self.node["fill_value"]);
        if let Some(start) = self.place["start"].as_u64() {
            let bytes = self.place["bytes"].as_u64().unwrap() as usize;
            let stored = &self.file[start as usize..start as usize + bytes];
            return if bytes == 0 { vec![fill; count] } else { self.decoded(stored) };
        }
        let chunk_shape = Self::lengths(&self.node["chunk_grid"]["configuration"]["chunk_shape"]);
        let grid: Vec<usize> = shape.iter().zip(&chunk_shape).map(|(a, b)| a.div_ceil(*b)).collect();
        assert_eq!(self.place["chunks"].as_array().unwrap().len(), 2 * grid.iter().product::<usize>());
        let chunks: Vec<_> = (0..grid.iter().product())
            .map(|index| self.chunk(index).map(|bytes| self.decoded(&bytes)))
            .collect();
        (0..count)
            .map(|mut at| {
                let (mut chunk, mut within, mut chunks_per, mut elements_per) = (0, 0, 1, 1);
                for axis in (0..shape.len()).rev() {
                    let index = at % shape[axis];
                    at /= shape[axis];
                    chunk += index / chunk_shape[axis] * chunks_per;
                    within += index % chunk_shape[axis] * elements_per;
                    chunks_per *= grid[axis];
                    elements_per *= chunk_shape[axis];
                }
                chunks[chunk].as_ref().map_or(fill, |values| values[within])
            })
            .collect()
    }

    fn decoded(&self, bytes: &[u8]) -> Vec<f64> {
        let big = self.node["codecs"][0]["configuration"]["endian"] == "big";
        let element = |bytes: &[u8]| {
            let add = |bits: u64, byte: &u8| bits << 8 | u64::from(*byte);
            let bits = if big { bytes.iter().fold(0, add) } else { bytes.iter().rev().fold(0, add) };
            match self.data_type() {
                "float16" => half(bits as u16),
                "float32" => f32::from_bits(bits as u32).into(),
                "float64" => f64::from_bits(bits),
                "int16" => f64::from(bits as i16),
                "int32" => f64::from(bits as i32),
                "int64" => bits as i64 as f64,
                "uint8" => bits as f64,
                other => panic!("{other}"),
            }
        };
        bytes.chunks_exact(self.size()).map(element).collect()
    }
}

fn half(bits: u16) -> f64 {
    let (exponent, fraction) = (i32::from(bits >> 10 & 31), f64::from(bits & 1023) / 1024.0);
    let number =
        if exponent == 0 { fraction * 2_f64.powi(-14) } else { (1.0 + fraction) * 2_f64.powi(exponent - 15) };
    if bits >> 15 == 1 { -number } else { number }
}

fn number(value: &Value) -> f64 {
    value.as_f64().unwrap_or_else(|| value.as_str().unwrap().parse().unwrap())
}

#[test]
fn every_fixture_is_told_as_it_is() {
    let expected: Value = serde_json::from_slice(&fs::read(fixture("hdf5/expected.json")).unwrap()).unwrap();
    for (name, expected) in expected.as_object().unwrap() {
        let path = fixture("hdf5").join(name);
        let file = fs::read(&path).unwrap();
        let numbers = fs::read(path.with_extension("f64")).unwrap();
        let mut numbers = numbers.as_chunks::<8>().0.iter().map(|bytes| f64::from_le_bytes(*bytes));
        let outcome = read(Kind::Hdf5, &file).result.unwrap_or_else(|reason| panic!("{name}: {reason}"));
        let arrays = outcome["arrays"].as_array().unwrap();
        let skipped: Vec<&Value> =
            outcome["skipped"].as_array().unwrap().iter().map(|entry| &entry[0]).collect();
        assert_eq!(json!(skipped), expected["skipped"], "{name}: {}", outcome["skipped"]);
        assert_eq!(arrays.len(), expected["arrays"].as_object().unwrap().len(), "{name}");
        let root: Value = serde_json::from_str(outcome["files"]["zarr.json"].as_str().unwrap()).unwrap();
        for (path, expected) in expected["arrays"].as_object().unwrap() {
            let context = format!("{name}: {path}");
            let place = arrays.iter().find(|array| array["path"] == *path).expect(&context).clone();
            let text = outcome["files"][format!("{path}/zarr.json")].as_str().expect(&context);
            let node: Value = serde_json::from_str(text).unwrap();
            assert_eq!(root["consolidated_metadata"]["metadata"][path], node, "{context}");
            let array = Array { file: &file, node, place };
            assert_eq!(array.node["shape"], expected["shape"], "{context}");
            assert_eq!(array.node["dimension_names"], expected["dimensions"], "{context}");
            let count = expected["shape"].as_array().unwrap().iter().map(|length| length.as_u64().unwrap());
            let count = count.product::<u64>() as usize;
            if expected["type"] == "string" {
                let labels = &array.node["attributes"]["labels"];
                let strings: Vec<&Value> =
                    array.values().iter().map(|code| &labels[*code as usize]).collect();
                assert_eq!(json!(strings), expected["strings"], "{context}");
                continue;
            }
            let wanted: Vec<u64> = numbers.by_ref().take(count).map(f64::to_bits).collect();
            if path == "lzf" {
                assert_eq!(array.node["codecs"][1], json!({"name": "hdf5.lzf"}));
                continue;
            }
            let values: Vec<u64> = array.values().into_iter().map(f64::to_bits).collect();
            assert_eq!(values, wanted, "{context}");
            if !array.place["values"].is_array() {
                assert_eq!(array.data_type(), expected["type"], "{context}");
            }
            if expected["chunks"].is_array() {
                assert_eq!(
                    array.node["chunk_grid"]["configuration"]["chunk_shape"], expected["chunks"],
                    "{context}"
                );
            }
        }
        assert_eq!(numbers.next(), None, "{name}");
    }
}

#[test]
fn attributes_keep_what_they_say() {
    for name in ["netcdf4.nc", "h5netcdf.nc"] {
        let outcome = read(Kind::Hdf5, &fs::read(fixture("hdf5").join(name)).unwrap()).result.unwrap();
        let root: Value = serde_json::from_str(outcome["files"]["zarr.json"].as_str().unwrap()).unwrap();
        let wanted = json!({
            // As near as float64 comes to the file's 2⁵³ + 1: that is all that numbers are, here as in the page.
            "count": 9_007_199_254_740_992.0,
            "list": ["a", "b"],
            "marginal_log_likelihoods": -1234.5,
            "several": [1.5, "NaN", "Infinity"],
            "single": f64::from(0.1_f32),
            "tenth": 0.1,
            "title": "Tür \"ab\"",
        });
        assert_eq!(root["attributes"], wanted, "{name}");
    }
    let outcome = read(Kind::Hdf5, &fs::read(fixture("hdf5/groups.nc")).unwrap()).result.unwrap();
    let many: Value = serde_json::from_str(outcome["files"]["many/zarr.json"].as_str().unwrap()).unwrap();
    assert_eq!(many["attributes"].as_object().unwrap().len(), 12);
    assert_eq!(many["attributes"]["attribute_11"], 2.75);
    let root: Value = serde_json::from_str(outcome["files"]["zarr.json"].as_str().unwrap()).unwrap();
    assert_eq!(root["consolidated_metadata"]["metadata"]["fold_0/deep"]["node_type"], "group");
}

#[test]
fn codecs_stand_in_the_order_of_encoding() {
    let outcome = read(Kind::Hdf5, &fs::read(fixture("hdf5/zlib.nc")).unwrap()).result.unwrap();
    let node: Value =
        serde_json::from_str(outcome["files"]["acausal_posterior/zarr.json"].as_str().unwrap()).unwrap();
    let wanted = json!([
        {"name": "bytes", "configuration": {"endian": "little"}},
        {"name": "numcodecs.shuffle", "configuration": {"elementsize": 4}},
        {"name": "numcodecs.zlib", "configuration": {"level": 4}},
    ]);
    assert_eq!(node["codecs"], wanted);
}

#[test]
fn what_is_no_hdf5_is_said() {
    for (file, reason) in [
        (&b""[..], "its first 0 bytes have no HDF5 signature"),
        (b"<html>", "its first 6 bytes have no HDF5 signature"),
    ] {
        assert_eq!(read(Kind::Hdf5, file).result.unwrap_err(), reason);
    }
    let file = fs::read(fixture("hdf5/netcdf4.nc")).unwrap();
    let reason = |end: usize| read(Kind::Hdf5, &file[..end]).result.unwrap_err();
    assert_eq!(reason(1000), format!("it is cut off: 1000 of its {} bytes are there", file.len()));
    assert_eq!(
        reason(12),
        "its HDF5 structure cannot be read: it ends too early: 48 bytes are needed where 12 are left"
    );
}

#[test]
fn what_is_left_out_has_a_reason() {
    let reasons = |name: &str| {
        read(Kind::Hdf5, &fs::read(fixture("hdf5").join(name)).unwrap()).result.unwrap()["skipped"].clone()
    };
    let complex = json!(["complex", "its elements are compounds, not numbers or strings"]);
    let growing = json!(["growing_all", "its chunks are in a B-tree of version 2, which is not read"]);
    assert_eq!(reasons("v110.h5"), json!([complex, growing]));
    assert_eq!(
        reasons("latest.h5"),
        json!([["fixed", "its data layout is of version 5, which is not read"]])
    );
}

#[test]
fn what_a_file_claims_takes_no_more_than_what_it_stores() {
    let file = fs::read(fixture("hdf5/claimed.h5")).unwrap();
    let mut reading = Parser::new(Kind::Hdf5, file.len() as u64);
    let found = loop {
        match reading.step() {
            Step::Needs(ranges) => {
                for range in ranges {
                    reading.supply(range.start, file[range.start as usize..range.end as usize].to_vec());
                }
            }
            Step::Done(found) => break found,
            Step::Failed(reason) => panic!("{reason}"),
        }
    };
    let Structure::Nodes { nodes, storage, .. } = found else { panic!("{found:?}") };
    // A million chunks in its grid, and not one in the file.
    assert_eq!(storage, [("claimed".to_owned(), Storage::Chunked(Vec::new()))]);
    let attributes =
        nodes.iter().find(|(path, _)| path == "claimed").unwrap().1.get("attributes").unwrap().clone();
    assert_eq!(serde_json::to_value(&attributes).unwrap(), json!({ "short": [0, 1, 2] }));
}
