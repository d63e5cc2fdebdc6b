//! The promise of the first exact frame of the session that was opened last.

use js_sys::{Function, Promise};
use wasm_bindgen::JsValue;
use wasm_bindgen_futures::JsFuture;

/// A promise, with what settles it.
#[derive(Clone)]
pub struct Deferred {
    promise: Promise,
    resolve: Function,
    reject: Function,
}

impl Deferred {
    fn new() -> Self {
        let mut settle = None;
        let promise = Promise::new(&mut |resolve, reject| settle = Some((resolve, reject)));
        let (resolve, reject) = settle.unwrap_or_default();
        // Somebody listens, so that a rejection that nobody asked for is no unhandled one.
        drop(JsFuture::from(promise.clone()));
        Self { promise, resolve, reject }
    }

    /// Settles the promise; it stays as it is where it is settled already.
    pub fn reject(&self, reason: &JsValue) {
        // A promise's own function throws nothing.
        let _ = self.reject.call1(&JsValue::NULL, reason);
    }
}

/// `ready` of the session that was opened last.
pub struct Ready {
    current: Deferred,
    /// Whether `current` belongs to a session that was asked for; before that, it waits for the first one.
    taken: bool,
    /// Whether that session is on screen and its first exact frame is not.
    awaits_frame: bool,
}

impl Default for Ready {
    fn default() -> Self {
        Self { current: Deferred::new(), taken: false, awaits_frame: false }
    }
}

impl Ready {
    /// The promise.
    pub fn promise(&self) -> Promise {
        self.current.promise.clone()
    }

    /// Another session is asked for: the promise of the one before is rejected with `superseded`. Returns the promise of this one.
    pub fn begin(&mut self, superseded: &JsValue) -> Deferred {
        if std::mem::replace(&mut self.taken, true) {
            self.current.reject(superseded);
            self.current = Deferred::new();
        }
        self.awaits_frame = false;
        self.current.clone()
    }

    /// The session that was asked for takes its place on screen.
    pub fn installed(&mut self) {
        self.awaits_frame = true;
    }

    /// An exact frame is on screen: resolves with `shown`, if it is the first one.
    pub fn exact_frame(&mut self, shown: impl FnOnce() -> JsValue) {
        if std::mem::take(&mut self.awaits_frame) {
            let _ = self.current.resolve.call1(&JsValue::NULL, &shown());
        }
    }
}
