//! The latest events of the open session, for listeners that are added when it is open already.

use js_sys::Array;
use wasm_bindgen::JsValue;

use replayscope_viewer::Event;

/// Types of events that are kept, in the order in which a listener gets them.
const KEPT: [&str; 8] = ["open", "range", "narrowed", "state", "frame", "loading", "stall", "buffered"];

/// Details of the latest events: one for each type, and of `range` one for each layer.
#[derive(Default)]
pub struct LatestEvents(Vec<Latest>);

struct Latest {
    name: &'static str,
    layer: Option<String>,
    detail: JsValue,
}

impl LatestEvents {
    /// Keeps the detail of an event in place of the one before; `close` removes all.
    pub fn keep(&mut self, event: &Event, detail: &JsValue) {
        let name = event.name();
        if matches!(event, Event::Close) {
            self.0.clear();
        }
        if !KEPT.contains(&name) {
            return;
        }
        let layer = match event {
            Event::Range { layer, .. } => Some(layer.clone()),
            _ => None,
        };
        self.0.retain(|kept| kept.name != name || kept.layer != layer);
        self.0.push(Latest { name, layer, detail: detail.clone() });
    }

    /// The description of the open session, from its `open` event; null where none is open.
    pub fn session(&self) -> JsValue {
        let open = self.0.iter().find(|kept| kept.name == "open");
        open.map_or(JsValue::NULL, |kept| kept.detail.clone())
    }

    /// `[[type, detail], …]`.
    pub fn to_array(&self) -> Array {
        let of_type = |name: &'static str| self.0.iter().filter(move |kept| kept.name == name);
        KEPT.into_iter().flat_map(of_type).map(|kept| Array::of2(&kept.name.into(), &kept.detail)).collect()
    }
}
