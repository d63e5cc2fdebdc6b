//! What the page calls: [`Reading`], its steps as JSON.

use wasm_bindgen::prelude::*;

use crate::{Kind, Step, json};

/// A file that is being found out about.
#[wasm_bindgen]
pub struct Reading(crate::Reading);

#[wasm_bindgen]
impl Reading {
    /// Of `"hdf5"` or `"zip"`, and of `size` bytes.
    #[wasm_bindgen(constructor)]
    pub fn new(kind: &str, size: f64) -> Self {
        Self(crate::Reading::new(Kind::from_name(kind).unwrap_or(Kind::Hdf5), size as u64))
    }

    /// Bytes of the file from `start` on.
    pub fn supply(&mut self, start: f64, bytes: Vec<u8>) {
        self.0.supply(start as u64, bytes);
    }

    /// `{"needs": [[start, end], …]}`, `{"done": …}` or `{"failed": "…"}`.
    pub fn step(&mut self) -> String {
        let (mut said, name) = (String::from("{\""), |step: &Step| match step {
            Step::Needs(_) => "needs",
            Step::Done(_) => "done",
            Step::Failed(_) => "failed",
        });
        let step = self.0.step();
        said.push_str(name(&step));
        said.push_str("\":");
        match step {
            Step::Needs(needs) => json::list(&mut said, needs, |said, range| {
                json::list(said, [range.start, range.end], json::integer);
            }),
            Step::Done(found) => said.push_str(&found),
            Step::Failed(reason) => json::string(&mut said, &reason),
        }
        said.push('}');
        said
    }
}
