//! The class `Handle` of the wasm, its methods grouped by what they are about.

mod camera;
mod colors;
mod data;
mod playback;
mod state;

use std::rc::{Rc, Weak};

use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::{future_to_promise, spawn_local};
use web_sys::HtmlCanvasElement;

use super::app::App;
use super::convert::{js_error, to_js};
use super::host::now;
use crate::painter::Painter;
use crate::source::Waits;
use replayscope_render::Error as RenderError;
use replayscope_viewer::{Event, Viewer};

/// A viewer on a canvas.
#[wasm_bindgen]
pub struct Handle {
    app: Rc<App>,
}

#[wasm_bindgen]
impl Handle {
    /// Draws on `canvas`, calls `on_event(type, detail)`, has chunks decoded by `decode(job)`, which promises the bytes of
    /// `Decoder::decode`; rejects where there is no WebGPU.
    pub fn create(
        canvas: HtmlCanvasElement,
        on_event: js_sys::Function,
        decode: js_sys::Function,
    ) -> js_sys::Promise {
        future_to_promise(async move { Ok(Self::new(canvas, on_event, decode).await?.into()) })
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
        spawn_local(tell_waits(app.waits.clone(), Rc::downgrade(&app)));
        Ok(Self { app })
    }

    /// The compiled wasm, for workers that decode.
    pub fn module() -> JsValue {
        wasm_bindgen::module()
    }

    /// Opens a session; resolves to its description. `rate` in Hz is used where nothing says when its frames are.
    pub fn open(&self, url: String, rate: Option<f64>) -> js_sys::Promise {
        future_to_promise(self.app.clone().open(url, rate, None))
    }

    /// Opens files of this computer, `[[path, File], …]`, as one session.
    pub fn open_files(&self, files: &js_sys::Array, rate: Option<f64>) -> js_sys::Promise {
        let file = |entry: JsValue| {
            let [path, file] = [0, 1].map(|at| js_sys::Reflect::get_u32(&entry, at).unwrap_or(JsValue::NULL));
            Some((path.as_string()?, file.dyn_into::<web_sys::File>().ok()?))
        };
        let files: Vec<_> = files.iter().filter_map(file).collect();
        future_to_promise(self.app.clone().open(String::new(), rate, Some(files)))
    }

    /// Lets go of the session that is being opened.
    pub fn stop_opening(&self) {
        self.app.opening.take();
    }

    /// The session on screen, or null.
    pub fn session(&self) -> JsValue {
        to_js(&self.app.viewer.borrow().info())
    }

    /// Asks again for what failed and, if `waits`, for what a server asked to wait for.
    pub fn retry(&self, waits: bool) {
        if waits {
            self.app.waits.cut();
        }
        self.app.awaits_colormaps.set(false);
        self.app.again.ring();
        self.app.with(Viewer::retry);
    }

    /// Whether nobody sees the page.
    pub fn set_hidden(&self, hidden: bool) {
        self.app.with(|viewer| viewer.set_hidden(now(), hidden));
    }

    /// Stops everything and gives everything back; the handle is not used after this.
    pub fn destroy(&self) {
        let app = &self.app;
        app.closed.set(true);
        app.opening.take();
        if let Some(afterwards) = app.afterwards.take() {
            afterwards.abort();
        }
        app.viewer.borrow_mut().close();
        // Whoever looks for another device finds the end.
        app.waits.cut();
        let gone = RenderError::DeviceLost { reason: "destroyed".to_owned() };
        if let Ok(painter) = app.painter.replace(Err(gone.into())) {
            painter.destroy();
        }
    }
}

/// Tells of waits, as long as there is a viewer; in a task of its own, as one may be dropped while the viewer is borrowed.
async fn tell_waits(waits: Rc<Waits>, app: Weak<App>) {
    let mut waiting = false;
    loop {
        let _ = waits.changed().await;
        let Some(app) = app.upgrade().filter(|app| !app.closed.get()) else { return };
        let told = waits.told();
        if std::mem::replace(&mut waiting, told.is_some()) || told.is_some() {
            app.tell(Event::server_wait(told));
        }
    }
}
