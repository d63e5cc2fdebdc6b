//! The promise of the first exact frame of the session that was opened last.

use js_sys::{Function, Promise};
use wasm_bindgen::JsValue;
use wasm_bindgen_futures::JsFuture;

/// A promise and the functions that settle it.
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
        // With this listener, a rejection that no caller waits for is not an unhandled one.
        drop(JsFuture::from(promise.clone()));
        Self { promise, resolve, reject }
    }

    /// Rejects the promise, unless it is settled.
    pub fn reject(&self, reason: &JsValue) {
        // The function of a promise throws nothing.
        let _ = self.reject.call1(&JsValue::NULL, reason);
    }
}

/// The promise of the latest opening.
pub struct Ready {
    current: Deferred,
    /// Whether `current` belongs to an opening; the first opening takes the promise that is there before it.
    taken: bool,
    /// Whether the session is installed and its first exact frame is not on screen.
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

    /// Begins an opening: rejects the promise of the one before with `superseded`, and returns the promise of this one.
    pub fn begin(&mut self, superseded: &JsValue) -> Deferred {
        if std::mem::replace(&mut self.taken, true) {
            self.current.reject(superseded);
            self.current = Deferred::new();
        }
        self.awaits_frame = false;
        self.current.clone()
    }

    /// The session of this opening is installed.
    pub fn installed(&mut self) {
        self.awaits_frame = true;
    }

    /// An exact frame is on screen: the first one resolves the promise with `shown`.
    pub fn exact_frame(&mut self, shown: impl FnOnce() -> JsValue) {
        if std::mem::take(&mut self.awaits_frame) {
            let _ = self.current.resolve.call1(&JsValue::NULL, &shown());
        }
    }
}
