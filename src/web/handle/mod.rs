//! The class `Handle` that JavaScript sees, its methods grouped by subject.

mod camera;
mod colors;
mod data;
mod playback;
mod state;

use std::rc::{Rc, Weak};

use wasm_bindgen::prelude::*;
use web_sys::HtmlCanvasElement;

use super::app::App;
use super::convert::js_error;
use crate::painter::Painter;
use crate::source::Waits;
use crate::web::host::{now, promise, spawn};
use replayscope_render::Error as RenderError;
use replayscope_viewer::{Event, Viewer};

/// A viewer on a canvas.
#[wasm_bindgen]
pub struct Handle {
    app: Rc<App>,
}

#[wasm_bindgen]
impl Handle {
    /// Makes a viewer that draws on `canvas`, calls `on_event(type, detail)` for each event, and has chunks decoded by `decode(job)`,
    /// which promises what `Decoder::decode` returns. Rejects where there is no WebGPU.
    #[wasm_bindgen(unchecked_return_type = "Promise<Handle>")]
    pub fn create(
        canvas: HtmlCanvasElement,
        #[wasm_bindgen(unchecked_param_type = "(type: keyof Events, detail: unknown) => void")]
        on_event: js_sys::Function,
        #[wasm_bindgen(unchecked_param_type = "(job: DecodeJob) => Promise<Unpacked>")]
        decode: js_sys::Function,
    ) -> js_sys::Promise {
        promise(async move { Ok(Self::new(canvas, on_event, decode).await?.into()) })
    }

    async fn new(
        canvas: HtmlCanvasElement,
        on_event: js_sys::Function,
        decode: js_sys::Function,
    ) -> Result<Handle, JsValue> {
        console_error_panic_hook::set_once();
        let made = Painter::new(canvas.clone()).await;
        let (painter, failures) = made.map_err(|error| js_error(&error.into()))?;
        let app = App::new(canvas, painter, on_event, decode);
        app.watch_device(failures);
        spawn(report_waits(app.waits.clone(), Rc::downgrade(&app)));
        Ok(Self { app })
    }

    /// The compiled wasm, for the workers.
    #[wasm_bindgen(unchecked_return_type = "WebAssembly.Module")]
    pub fn module() -> JsValue {
        wasm_bindgen::module()
    }

    /// Opens a session; resolves to its description. `rate` in Hz is used where the session has no times of frames.
    #[wasm_bindgen(unchecked_return_type = "Promise<Session>")]
    pub fn open(&self, url: String, rate: Option<f64>) -> js_sys::Promise {
        promise(self.app.clone().open(url, rate, None))
    }

    /// Opens files of this computer, `[[path, File], …]`, as one session.
    #[wasm_bindgen(unchecked_return_type = "Promise<Session>")]
    pub fn open_files(
        &self,
        #[wasm_bindgen(unchecked_param_type = "[path: string, file: File][]")] files: &js_sys::Array,
        rate: Option<f64>,
    ) -> js_sys::Promise {
        let file = |entry: JsValue| {
            let [path, file] = [0, 1].map(|at| js_sys::Reflect::get_u32(&entry, at).unwrap_or(JsValue::NULL));
            Some((path.as_string()?, file.dyn_into::<web_sys::File>().ok()?))
        };
        let files: Vec<_> = files.iter().filter_map(file).collect();
        promise(self.app.clone().open(String::new(), rate, Some(files)))
    }

    /// Stops opening a session, where one is being opened.
    pub fn stop_opening(&self) {
        self.app.opening.take();
    }

    /// Promises `{frame, time}` of the first exact frame of the session that was opened last.
    #[wasm_bindgen(unchecked_return_type = "Promise<FrameTime>")]
    pub fn ready(&self) -> js_sys::Promise {
        self.app.ready.borrow().promise()
    }

    /// The session on screen, or null.
    #[wasm_bindgen(unchecked_return_type = "Session | null")]
    pub fn session(&self) -> JsValue {
        self.app.latest_events.borrow().session()
    }

    /// The latest events of the session on screen, `[[type, detail], …]`, in the order in which a listener that is added now gets
    /// them.
    #[wasm_bindgen(unchecked_return_type = "LatestEvent[]")]
    pub fn latest_events(&self) -> js_sys::Array {
        self.app.latest_events.borrow().to_array()
    }

    /// Repeats failed requests and, if `waits`, at once those that wait to be repeated.
    pub fn retry(&self, waits: bool) {
        if waits {
            self.app.waits.cut();
        }
        self.app.awaits_colormaps.set(false);
        self.app.again.notify();
        self.app.with(Viewer::retry);
    }

    /// Sets whether the page is hidden.
    pub fn set_hidden(&self, hidden: bool) {
        self.app.with(|viewer| viewer.set_hidden(now(), hidden));
    }

    /// Stops everything and frees it. The handle is not used after this.
    pub fn destroy(&self) {
        let app = &self.app;
        app.closed.set(true);
        app.opening.take();
        if let Some(afterwards) = app.afterwards.take() {
            afterwards.abort();
        }
        app.viewer.borrow_mut().close();
        app.latest_events.take();
        // A search for another device ends.
        app.waits.cut();
        let gone = RenderError::DeviceLost { reason: "destroyed".to_owned() };
        if let Ok(painter) = app.painter.replace(Err(gone.into())) {
            painter.destroy();
        }
    }
}

/// Sends an event for each wait that begins or ends. This is a task, because a wait may be dropped while the viewer is borrowed.
async fn report_waits(waits: Rc<Waits>, app: Weak<App>) {
    let mut waiting = false;
    loop {
        let _ = waits.changed().await;
        let Some(app) = app.upgrade().filter(|app| !app.closed.get()) else { return };
        let notice = waits.longest();
        if std::mem::replace(&mut waiting, notice.is_some()) || notice.is_some() {
            app.emit(Event::server_wait(notice));
        }
    }
}
