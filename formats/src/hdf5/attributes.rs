//! Attributes, as Zarr has them: numbers, strings and lists of them.

use std::collections::HashMap;

use hdf5_pure::AttrValue;

use crate::json;

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

    /// A JSON object of those that are not HDF5's and netCDF's own, and of `labels`, if there are any.
    pub fn text(&self, labels: Option<&[String]>) -> String {
        let mut out = String::from("{");
        if let Some(labels) = labels {
            out.push_str(r#""labels":"#);
            json::list(&mut out, labels, |out, label| json::string(out, label));
        }
        for (name, value) in &self.0 {
            if is_own(name) || labels.is_some() && name == "labels" {
                continue;
            }
            let mut text = String::new();
            if write(&mut text, value).is_some() {
                if out.len() > 1 {
                    out.push(',');
                }
                json::string(&mut out, name);
                out.push(':');
                out.push_str(&text);
            }
        }
        out.push('}');
        out
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

/// Appends a value, a list of one as the one.
fn write(out: &mut String, value: &AttrValue) -> Option<()> {
    if let Some(strings) = value.as_strings() {
        write_list(out, strings, |out, text| json::string(out, text));
        return Some(());
    }
    match numbers(value)? {
        Numbers::Floats(list) => write_list(out, &list, |out, number| json::float(out, *number)),
        Numbers::Integers(list) => write_list(out, &list, |out, number| json::integer(out, *number)),
    }
    Some(())
}

fn write_list<T>(out: &mut String, list: &[T], mut each: impl FnMut(&mut String, &T)) {
    match list {
        [one] => each(out, one),
        _ => json::list(out, list, each),
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
