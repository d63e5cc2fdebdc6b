//! Attributes, as Zarr has them: numbers, strings and lists of them.

use std::collections::HashMap;

use hdf5_pure::AttrValue;

use replayscope_json::Json;

use crate::node::{number, texts};

/// A list that is longer is left out: each number of one byte becomes a value of JSON, and objects may share an attribute.
const LONGEST: usize = 1024;

/// The attributes of one object, by name.
pub struct Attributes(Vec<(String, AttrValue)>);

/// The numbers of an attribute.
enum Numbers {
    Floats(Vec<f64>),
    Integers(Vec<i128>),
}

impl Attributes {
    /// In the order of their names.
    pub fn new(map: HashMap<String, AttrValue>) -> Self {
        let mut list: Vec<_> = map.into_iter().collect();
        list.sort_unstable_by(|(a, _), (b, _)| a.cmp(b));
        Self(list)
    }

    /// The one string of an attribute.
    pub fn string(&self, name: &str) -> Option<&str> {
        self.get(name)?.as_str()
    }

    /// The integers of an attribute.
    pub fn integers(&self, name: &str) -> Option<Vec<i128>> {
        match numbers(self.get(name)?) {
            Some(Numbers::Integers(list)) => Some(list),
            _ => None,
        }
    }

    /// An object of those that are not HDF5's and netCDF's own, and of `labels`, if there are any.
    pub fn json(&self, labels: Option<&[String]>) -> Json {
        let mut entries: Vec<(String, Json)> = Vec::new();
        entries.extend(labels.map(|labels| ("labels".to_owned(), texts(labels))));
        for (name, value) in &self.0 {
            if is_own(name) || labels.is_some() && name == "labels" {
                continue;
            }
            entries.extend(json(value).map(|value| (name.clone(), value)));
        }
        Json::Object(entries)
    }

    fn get(&self, name: &str) -> Option<&AttrValue> {
        self.0.iter().find(|(other, _)| other == name).map(|(_, value)| value)
    }
}

/// Whether an attribute is of HDF5's dimension scales or netCDF's bookkeeping.
fn is_own(name: &str) -> bool {
    ["CLASS", "NAME", "REFERENCE_LIST", "DIMENSION_LIST", "_NCProperties"].contains(&name)
        || name.starts_with("_Netcdf4")
}

/// A value, a list of one as the one; `None` where it is of another kind, or too long.
fn json(value: &AttrValue) -> Option<Json> {
    let mut list: Vec<Json> = match value.as_strings() {
        Some(strings) => strings.iter().map(|text| text.as_str().into()).collect(),
        None => match numbers(value)? {
            Numbers::Floats(list) => list.into_iter().map(number).collect(),
            Numbers::Integers(list) => list.into_iter().map(|number| (number as f64).into()).collect(),
        },
    };
    match list.len() {
        1 => list.pop(),
        0..=LONGEST => Some(Json::Array(list)),
        _ => None,
    }
}

fn numbers(value: &AttrValue) -> Option<Numbers> {
    use AttrValue as A;
    fn integers<T: Copy + Into<i128>>(list: &[T]) -> Numbers {
        Numbers::Integers(list.iter().map(|number| (*number).into()).collect())
    }
    Some(match value {
        A::F32(number) => Numbers::Floats(vec![(*number).into()]),
        A::F32Array(list) => Numbers::Floats(list.iter().map(|number| (*number).into()).collect()),
        A::F64(number) => Numbers::Floats(vec![*number]),
        A::F64Array(list) => Numbers::Floats(list.clone()),
        A::I8(number) => integers(&[*number]),
        A::I8Array(list) => integers(list),
        A::I16(number) => integers(&[*number]),
        A::I16Array(list) => integers(list),
        A::I32(number) => integers(&[*number]),
        A::I32Array(list) => integers(list),
        A::I64(number) => integers(&[*number]),
        A::I64Array(list) => integers(list),
        A::U8(number) => integers(&[*number]),
        A::U8Array(list) => integers(list),
        A::U16(number) => integers(&[*number]),
        A::U16Array(list) => integers(list),
        A::U32(number) => integers(&[*number]),
        A::U32Array(list) => integers(list),
        A::U64(number) => integers(&[*number]),
        A::U64Array(list) => integers(list),
        _ => return None,
    })
}
