//! The app: what the handle and its tasks share, the viewer and its painter first of all.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use futures_channel::oneshot;
use wasm_bindgen::prelude::*;
use web_sys::HtmlCanvasElement;

use super::colormaps::more_colormaps;
use super::convert::{frame_time, to_js};
use super::events::LatestEvents;
use super::link::LinkTarget;
use super::ready::Ready;
use crate::painter::{GPU_BUDGET, Painter};
use crate::source::{Traffic, Waits};
use crate::web::host::{now, spawn};
use replayscope_session::environment::Mesh;
use replayscope_viewer::Error;
use replayscope_viewer::{Event, Viewer};
use replayscope_zarr::futures::{Abort, Notify};

/// The callback of animation frames.
type Animation = Closure<dyn FnMut(f64)>;

/// One viewer on one canvas.
pub struct App {
    pub(super) viewer: RefCell<Viewer>,
    pub(super) canvas: HtmlCanvasElement,
    /// The painter, or why there is none.
    pub(super) painter: RefCell<Result<Painter, Error>>,
    on_event: js_sys::Function,
    /// For listeners that are added later.
    pub(super) latest_events: RefCell<LatestEvents>,
    pub(super) decode: js_sys::Function,
    pub(super) traffic: Rc<Traffic>,
    /// Triangles of the insides of the session's regions, once they are computed.
    pub(super) insides: RefCell<Vec<Mesh>>,
    /// Whether the painter has the bins linearised or in space; `None` where it has none of this session.
    pub(super) shaped: Cell<Option<bool>>,
    animation: RefCell<Option<Animation>>,
    scheduled: Cell<bool>,
    /// Budget in bytes for decoded values, where the user set one; else the session's size decides.
    pub(super) cache_budget: Cell<Option<u64>>,
    /// Budget in bytes for values on the GPU.
    pub(super) gpu_budget: Cell<u64>,
    /// Whether more colormaps are being fetched, or could not be.
    pub(super) awaits_colormaps: Cell<bool>,
    /// How a link names the open session.
    pub(super) link_target: RefCell<Rc<LinkTarget>>,
    pub(super) ready: RefCell<Ready>,
    /// Dropping it stops reading the session that is to be shown next.
    pub(super) opening: RefCell<Option<oneshot::Sender<()>>>,
    /// Stops the task that follows the first picture of the session.
    pub(super) afterwards: RefCell<Option<Abort>>,
    /// Waits before repeated requests and searches for a device.
    pub(super) waits: Rc<Waits>,
    /// Rings when failed requests are to be repeated.
    pub(super) again: Notify,
    pub(super) closed: Cell<bool>,
}

impl App {
    /// Makes the app of a canvas and of the painter that draws on it.
    pub(super) fn new(
        canvas: HtmlCanvasElement,
        painter: Painter,
        on_event: js_sys::Function,
        decode: js_sys::Function,
    ) -> Rc<Self> {
        let app = Rc::new(App {
            viewer: RefCell::default(),
            canvas,
            painter: RefCell::new(Ok(painter)),
            on_event,
            latest_events: RefCell::default(),
            decode,
            traffic: Rc::default(),
            insides: RefCell::default(),
            shaped: Cell::new(None),
            animation: RefCell::default(),
            scheduled: Cell::new(false),
            cache_budget: Cell::new(None),
            gpu_budget: Cell::new(GPU_BUDGET),
            awaits_colormaps: Cell::new(false),
            link_target: RefCell::default(),
            ready: RefCell::default(),
            opening: RefCell::default(),
            afterwards: RefCell::default(),
            waits: Rc::default(),
            again: Notify::default(),
            closed: Cell::new(false),
        });
        let weak = Rc::downgrade(&app);
        *app.animation.borrow_mut() = Some(Closure::new(move |_| {
            if let Some(app) = weak.upgrade() {
                app.frame();
            }
        }));
        app
    }

    /// The only way to change the viewer: acts, delivers the events, and requests an animation frame where one is needed.
    pub(super) fn with<R>(self: &Rc<Self>, act: impl FnOnce(&mut Viewer) -> R) -> R {
        let result = act(&mut self.viewer.borrow_mut());
        self.follow();
        result
    }

    /// Sends an event.
    pub(super) fn emit(self: &Rc<Self>, event: Event) {
        self.with(|viewer| viewer.emit(event));
    }

    /// What follows each change of the viewer.
    fn follow(self: &Rc<Self>) {
        if self.closed.get() {
            return;
        }
        self.fetch_colormaps();
        self.deliver();
        self.schedule();
    }

    /// Fetches the colormaps that the state names and that are missing; until then the default one is drawn.
    fn fetch_colormaps(self: &Rc<Self>) {
        if self.awaits_colormaps.get() || !self.viewer.borrow().state().lacks_colormap() {
            return;
        }
        self.awaits_colormaps.set(true);
        let app = self.clone();
        spawn(async move {
            let fetched = more_colormaps().await;
            // `retry` repeats a failed fetch.
            app.awaits_colormaps.set(fetched.is_err());
            app.with(|viewer| match fetched {
                Ok(()) => viewer.colormaps_loaded(),
                Err(error) => viewer.emit(Event::error(&error, true)),
            });
        });
    }

    fn deliver(&self) {
        let events = self.viewer.borrow_mut().take_events();
        for event in events {
            let detail = match event {
                Event::Buffered => to_js(&self.viewer.borrow().buffered()),
                ref other => to_js(other),
            };
            self.latest_events.borrow_mut().keep(&event, &detail);
            if let Event::Frame { frame, time, exact: true, .. } = event {
                self.ready.borrow_mut().exact_frame(|| frame_time(frame, time));
            }
            // An error of a listener must not stop the viewer.
            let _ = self.on_event.call2(&JsValue::NULL, &event.name().into(), &detail);
        }
    }

    fn schedule(&self) {
        if self.scheduled.get() || !self.viewer.borrow().wants_animation_frame() {
            return;
        }
        let animation = self.animation.borrow();
        let (Some(window), Some(animation)) = (web_sys::window(), animation.as_ref()) else { return };
        let asked = window.request_animation_frame(animation.as_ref().unchecked_ref());
        self.scheduled.set(asked.is_ok());
    }

    fn frame(self: &Rc<Self>) {
        self.scheduled.set(false);
        if self.closed.get() {
            return;
        }
        let now = now();
        self.with(|viewer| {
            viewer.tick(now);
            self.draw(viewer);
        });
    }

    /// Gives the painter the polygons of the bins, where it does not have them.
    pub(super) fn shape(&self, painter: &mut Painter, viewer: &Viewer) {
        let linearised = viewer.state().scene.linearised;
        if let Some(session) = viewer.session()
            && self.shaped.replace(Some(linearised)) != Some(linearised)
        {
            let mesh = session.environment.mesh(linearised);
            painter.set_mesh(&mesh, &self.insides.borrow());
        }
    }

    /// Draws on the canvas what is out of date there. Without a painter it stays out of date, and seeks wait.
    pub(super) fn draw(self: &Rc<Self>, viewer: &mut Viewer) {
        let mut painter = self.painter.borrow_mut();
        let Ok(painter) = &mut *painter else { return };
        self.shape(painter, viewer);
        let Some(drawing) = viewer.next_drawing() else { return };
        match painter.present(viewer.canvas_size().device(), &drawing) {
            Ok(true) => {
                if let Some(picture) = viewer.presented(drawing.request) {
                    let (app, accepted) = (self.clone(), painter.accepted());
                    spawn(async move {
                        accepted.await;
                        app.with(|viewer| viewer.accepted(picture));
                    });
                }
            }
            // Still out of date: the next animation frame tries again.
            Ok(false) => {}
            Err(error) => viewer.not_presented(&error.into()),
        }
    }
}
