//! Decoding in workers: the job that the page makes, and what the worker does with it. `www/decoders.js` is between the two.

use std::cell::RefCell;
use std::rc::Rc;

use futures_util::FutureExt;
use futures_util::future::{LocalBoxFuture, ready};
use js_sys::{Array as JsArray, Function, Reflect, Uint8Array};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;

use super::convert::{js_error, object, to_js};
use crate::source::{ByteSource, SourceError, Span};
use replayscope_json::Json;
use replayscope_viewer::chunk::Decode;
use replayscope_zarr::array::{Array, ArrayMetadata, Encoded, Lost, Unpacked};

/// Decoding fewer bytes than this takes less time than sending them to a worker.
const WORTH_IT: u64 = 64 << 10;

/// Decodes chunks by `worker`, a function from a job to the promise of the unpacked chunk. Small chunks, and those that fail there,
/// are decoded here: so the whole error is known.
pub fn decode_by(worker: Function) -> Decode {
    Rc::new(move |array: Rc<Array>, encoded: Encoded| {
        let worker = worker.clone();
        async move {
            let mut unpacked = None;
            if array.chunk_bytes() >= WORTH_IT && array.is_compressed() {
                unpacked = ask(&worker, &array, &encoded).await.ok();
            }
            let unpacked = match unpacked {
                Some(unpacked) => unpacked,
                None => array.unpack(&encoded)?,
            };
            Ok(array.decoded(&encoded, unpacked)?)
        }
        .boxed_local()
    })
}

async fn ask(worker: &Function, array: &Array, encoded: &Encoded) -> Result<Unpacked, JsValue> {
    let reads: JsArray = encoded.reads().iter().map(|read| Uint8Array::from(read.as_slice())).collect();
    let ranges: Vec<f64> = encoded.ranges().into_iter().flatten().map(|at| at as f64).collect();
    let job = object(&[
        ("location", array.identity().into()),
        ("node", to_js(&array.metadata().node)),
        ("chunk", (encoded.chunk() as f64).into()),
        ("reads", reads.into()),
        ("ranges", js_sys::Float64Array::from(ranges.as_slice()).into()),
    ]);
    let promise: js_sys::Promise = worker.call1(&JsValue::NULL, &job)?.dyn_into()?;
    let unpacked = JsFuture::from(promise).await?;
    let get = |key: &str| Reflect::get(&unpacked, &key.into());
    let count = |key| Ok::<_, JsValue>(get(key)?.as_f64().unwrap_or_default() as u64);
    Ok(Unpacked {
        elements: get("elements")?.dyn_into::<Uint8Array>()?.to_vec(),
        lost: Lost { zeros: count("zeros")?, infinities: count("infinities")? },
    })
}

/// Decodes chunks in a worker.
#[wasm_bindgen]
#[derive(Default)]
pub struct Decoder {
    /// Arrays of earlier jobs, by [`Array::identity`].
    arrays: RefCell<Vec<(String, Rc<Array>)>>,
}

#[wasm_bindgen]
impl Decoder {
    /// Makes a decoder without arrays.
    #[wasm_bindgen(constructor)]
    pub fn new() -> Self {
        Self::default()
    }

    /// Unpacks the chunk of a job: its elements, and how many values became 0 or infinite in float32.
    #[wasm_bindgen(unchecked_return_type = "Unpacked")]
    pub fn decode(
        &self,
        #[wasm_bindgen(unchecked_param_type = "DecodeJob")] job: &JsValue,
    ) -> Result<JsValue, JsValue> {
        let get = |key: &str| Reflect::get(job, &key.into());
        let location = get("location")?.as_string().unwrap_or_default();
        let known =
            self.arrays.borrow().iter().find(|(known, _)| *known == location).map(|(_, array)| array.clone());
        let array = if let Some(array) = known {
            array
        } else {
            let metadata = ArrayMetadata::from_json(&Json::from_js(&get("node")?), &location);
            let metadata = metadata.map_err(|error| js_error(&error.into()))?;
            let array = Array::new(Rc::new(Nowhere), &location, metadata);
            let array = Rc::new(array.map_err(|error| js_error(&error.into()))?);
            self.arrays.borrow_mut().push((location, array.clone()));
            array
        };
        let reads = get("reads")?.dyn_into::<JsArray>()?;
        let reads = reads.iter().map(|read| read.unchecked_into::<Uint8Array>().to_vec()).collect();
        let ranges = get("ranges")?.dyn_into::<js_sys::Float64Array>()?.to_vec();
        let ranges = ranges.as_chunks::<3>().0.iter().map(|range| range.map(|at| at as i64)).collect();
        let encoded = Encoded::from_ranges(get("chunk")?.as_f64().unwrap_or_default() as u64, reads, ranges);
        let Unpacked { elements, lost } = array.unpack(&encoded).map_err(|error| js_error(&error.into()))?;
        Ok(object(&[
            ("elements", Uint8Array::from(elements.as_slice()).into()),
            ("zeros", (lost.zeros as f64).into()),
            ("infinities", (lost.infinities as f64).into()),
        ]))
    }
}

/// The source of an array in a worker, which reads nothing: jobs have all bytes.
struct Nowhere;

impl ByteSource for Nowhere {
    fn read<'a>(&'a self, key: &'a str, _: Span) -> LocalBoxFuture<'a, Result<Vec<u8>, SourceError>> {
        ready(Err(SourceError::NotFound { location: self.location(key) })).boxed_local()
    }

    fn size<'a>(&'a self, key: &'a str) -> LocalBoxFuture<'a, Result<u64, SourceError>> {
        ready(Err(SourceError::NotFound { location: self.location(key) })).boxed_local()
    }

    fn open(&self, _: &str) -> Result<Rc<dyn ByteSource>, SourceError> {
        Ok(Rc::new(Self))
    }

    fn location(&self, key: &str) -> String {
        key.to_owned()
    }
}
