//! The handle that JavaScript holds; the crate's only exports. docs/handle.md is its manual.
//!
//! One rule keeps it simple: the viewer is borrowed only inside [`Inner::with`], never across an await, and events
//! are delivered after the borrow has ended, so that a listener may call anything.

mod arguments;
mod object;
mod workers;

use std::cell::{Cell, RefCell};
use std::rc::{Rc, Weak};
use std::time::Duration;

use futures_channel::oneshot;
use futures_util::StreamExt;
use futures_util::future::{Either, select};
use replayscope_render::{DeviceErrors, Error as RenderError};
use serde::Serialize;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::{future_to_promise, spawn_local};
use web_sys::{DomException, HtmlCanvasElement, ImageData};

use crate::array::Format2;
use crate::chunk::{Arrival, Loader, Platform, Priority};
use crate::colormap::{self, Palette};
use crate::environment::{Mesh, Place, Region};
use crate::error::{Error, ErrorKind};
use crate::file::FileKind;
use crate::futures::{Abort, Bell, abortable};
use crate::json::Json;
use crate::later;
use crate::painter::{GPU_BUDGET, Painter};
use crate::session::{self, Opening, Session};
use crate::source::{Backoff, ByteSource, HttpSource, RetryingSource, Told, Traffic, Waits, sleep};
use crate::viewer::{Address, Counts, Event, Layout, PlayOptions, SeekAnswer, Shown, Target, Viewer};
use arguments::Arguments;
use object::object;
use workers::decode_by;

/// Budgets, in bytes: less holds no picture and what comes next, more no wasm memory.
const BUDGETS: std::ops::RangeInclusive<f64> = 16_777_216.0..=3_221_225_472.0;

/// How long after a failed search for a device the next one begins: twice as long each time, up to so many times.
const DEVICE_WAIT: Duration = Duration::from_millis(250);
const DEVICE_DOUBLINGS: u32 = 5;
/// How long a search for a device may take before another one begins; it, too, is twice as long each time.
const DEVICE_ANSWER: Duration = Duration::from_secs(2);
/// A device that has lasted for so many seconds was a good one.
const STEADY: f64 = 10.0;

/// A viewer on a canvas.
#[wasm_bindgen]
pub struct Handle {
    inner: Rc<Inner>,
}

/// What an animation frame calls.
type Animation = Closure<dyn FnMut(f64)>;

struct Inner {
    viewer: RefCell<Viewer>,
    canvas: HtmlCanvasElement,
    /// What draws, or why there is nothing that does.
    painter: RefCell<Result<Painter, Error>>,
    on_event: js_sys::Function,
    decode: js_sys::Function,
    traffic: Rc<Traffic>,
    /// The insides of the session's regions, once they are there.
    insides: RefCell<Vec<Mesh>>,
    /// Which view of the session's bins the painter has, linearised or not; `None` where it is to be told.
    shaped: Cell<Option<bool>>,
    animation: RefCell<Option<Animation>>,
    scheduled: Cell<bool>,
    /// Bytes of decoded values that the user wants kept; else what suits the session.
    cache_budget: Cell<Option<u64>>,
    /// Bytes of values to keep on the GPU.
    gpu_budget: Cell<u64>,
    /// Whether more colormaps are on their way.
    awaits_colormaps: Cell<bool>,
    /// What reads the session that is to be shown next; dropped, that is read no further.
    opening: RefCell<Option<oneshot::Sender<()>>>,
    /// What can wait until the session shown has something on screen.
    afterwards: RefCell<Option<Abort>>,
    /// Reads that are to be asked for again, and the search for another device.
    waits: Rc<Waits>,
    /// Rings when what failed is to be asked for again.
    again: Bell,
    closed: Cell<bool>,
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
        let inner = Rc::new(Inner {
            viewer: RefCell::default(),
            canvas,
            painter: RefCell::new(Ok(painter)),
            on_event,
            decode,
            traffic: Rc::default(),
            insides: RefCell::default(),
            shaped: Cell::new(None),
            animation: RefCell::default(),
            scheduled: Cell::new(false),
            cache_budget: Cell::new(None),
            gpu_budget: Cell::new(GPU_BUDGET),
            awaits_colormaps: Cell::new(false),
            opening: RefCell::default(),
            afterwards: RefCell::default(),
            waits: Rc::default(),
            again: Bell::default(),
            closed: Cell::new(false),
        });
        let weak = Rc::downgrade(&inner);
        *inner.animation.borrow_mut() = Some(Closure::new(move |_| {
            if let Some(inner) = weak.upgrade() {
                inner.frame();
            }
        }));
        inner.watch_device(failures);
        spawn_local(tell_waits(inner.waits.clone(), Rc::downgrade(&inner)));
        Ok(Self { inner })
    }

    /// The compiled wasm, for workers that decode.
    pub fn module() -> JsValue {
        wasm_bindgen::module()
    }

    /// Opens a session; resolves to its description. `rate` in Hz is used where nothing says when its frames are.
    pub fn open(&self, url: String, rate: Option<f64>) -> js_sys::Promise {
        future_to_promise(self.inner.clone().open(url, rate, None))
    }

    /// Opens files of this computer, `[[path, File], …]`, as one session.
    pub fn open_files(&self, files: &js_sys::Array, rate: Option<f64>) -> js_sys::Promise {
        let file = |entry: JsValue| {
            let [path, file] = [0, 1].map(|at| js_sys::Reflect::get_u32(&entry, at).unwrap_or(JsValue::NULL));
            Some((path.as_string()?, file.dyn_into::<web_sys::File>().ok()?))
        };
        let files: Vec<_> = files.iter().filter_map(file).collect();
        future_to_promise(self.inner.clone().open(String::new(), rate, Some(files)))
    }

    /// Lets go of the session that is being opened.
    pub fn stop_opening(&self) {
        self.inner.opening.take();
    }

    /// The session on screen, or null.
    pub fn session(&self) -> JsValue {
        to_js(&self.inner.viewer.borrow().info())
    }

    /// Seeks to `{frame}` or `{time}`; resolves `{frame, time}` once that exact frame is on the canvas.
    pub fn seek(&self, target: JsValue) -> Result<js_sys::Promise, JsValue> {
        let target = Arguments(target);
        let given = |key| Ok::<_, JsValue>(target.optional(key)?.filter(|value| !value.is_nan()));
        let target = match (given("frame")?, given("time")?) {
            (Some(frame), _) => Target::Frame(frame),
            (None, Some(time)) => Target::Time(time),
            (None, None) => {
                return Err(js_sys::TypeError::new("seek needs {frame} or {time}, a number").into());
            }
        };
        // Asked at once, not when the promise is first polled: two seeks in one task must keep their order.
        let answer = self.inner.with(|viewer| viewer.seek(target));
        Ok(future_to_promise(async move {
            let shown = answered(answer).await?;
            Ok(object(&[("frame", (shown.frame as f64).into()), ("time", shown.time.into())]))
        }))
    }

    /// Plays; `{speed, direction, loop, projection, pace}`, all optional.
    pub fn play(&self, options: JsValue) -> Result<(), JsValue> {
        let options = Arguments(options);
        let options = PlayOptions {
            speed: options.optional("speed")?,
            loop_mode: options.text("loop"),
            projection: options.text("projection"),
            pace: options.text("pace"),
            backward: options.optional("direction")?.is_some_and(|direction| direction < 0.0),
        };
        self.inner.with(|viewer| viewer.play(now(), &options));
        Ok(())
    }

    /// Stops.
    pub fn pause(&self) {
        self.inner.with(Viewer::pause);
    }

    /// Whether playback is on.
    pub fn playing(&self) -> bool {
        self.inner.viewer.borrow().is_playing()
    }

    /// 1 while playback runs forward or ran so last, else −1.
    pub fn direction(&self) -> i32 {
        if self.inner.viewer.borrow().runs_forward() { 1 } else { -1 }
    }

    /// What a link carries.
    pub fn state(&self) -> JsValue {
        to_js(self.inner.viewer.borrow().state())
    }

    /// Changes any part of the state.
    pub fn set_state(&self, patch: &JsValue) {
        self.inner.with(|viewer| viewer.set_state(&Json::from_js(patch)));
    }

    /// The state as a link's fragment, without `#`.
    pub fn fragment(&self) -> String {
        self.inner.viewer.borrow().fragment()
    }

    /// Applies a link's fragment, now or, before a session is open, to the next one.
    pub fn apply_fragment(&self, fragment: &str) {
        self.inner.with(|viewer| viewer.apply_fragment(fragment));
    }

    /// Resolves to a session's address without credentials; what was removed is told by a `notice` event.
    pub fn shareable(&self, url: String) -> js_sys::Promise {
        let inner = self.inner.clone();
        future_to_promise(async move {
            let (url, notices) =
                later::others().await.map_err(|error| js_error(&error.into()))?.shareable(&url);
            inner.with(|viewer| notices.into_iter().for_each(|text| viewer.tell(Event::Notice { text })));
            Ok(url.into())
        })
    }

    /// The stored values of one frame, as float32.
    pub fn values(&self, target: JsValue) -> Result<js_sys::Promise, JsValue> {
        let target = Arguments(target);
        let (frame, field) = (target.number("frame")?, target.text("field"));
        let found = {
            let viewer = self.inner.viewer.borrow();
            let field = field.or_else(|| Some(viewer.session()?.fields.first()?.name.clone()));
            let frame = if frame.is_nan() { 0.0 } else { frame.round().max(0.0) };
            field.and_then(|field| Some((viewer.locate(&field, frame as u64)?, viewer.loader()?)))
        };
        let Some(((id, row), loader)) = found else {
            return Err(js_sys::RangeError::new(
                "values needs an open session and the name of one of its fields",
            )
            .into());
        };
        Ok(future_to_promise(async move {
            let chunk = loader.chunk(id, Priority::Visible).await.map_err(|error| js_error(&error))?;
            Ok(js_sys::Float32Array::from(chunk.values.row(row).as_slice()).into())
        }))
    }

    /// The current view, drawn offscreen at another size.
    pub fn pixels(&self, size: JsValue) -> Result<js_sys::Promise, JsValue> {
        let size = Arguments(size);
        let canvas = self.inner.viewer.borrow().layout().device();
        let [width, height] = pixel_size(&size)?.unwrap_or(canvas).map(|side| side.max(1));
        let inner = self.inner.clone();
        Ok(future_to_promise(async move {
            let others = later::others().await.map_err(|error| js_error(&error.into()))?;
            let read = {
                let (mut viewer, mut painter) = (inner.viewer.borrow_mut(), inner.painter.borrow_mut());
                let painter = painter.as_mut().map_err(|error| js_error(error))?;
                inner.shape(painter, &viewer);
                let drawing = viewer.drawing_at([width, height]);
                others.pixels(painter, [width, height], &drawing)
            };
            let rgba = read.await.map_err(|error| js_error(&error))?;
            // A copy: of a slice `ImageData` would keep a view of memory that is about to be others'.
            let rgba = js_sys::Uint8ClampedArray::from(rgba.as_slice());
            Ok(ImageData::new_with_js_u8_clamped_array_and_sh(&rgba, width, height)?.into())
        }))
    }

    /// Counters.
    pub fn stats(&self) -> JsValue {
        let viewer = self.inner.viewer.borrow();
        let (cache_bytes, cache_budget, in_flight) = match viewer.loader() {
            Some(loader) => (loader.bytes(), loader.budget(), loader.in_flight()),
            None => (0, self.inner.cache_budget.get().unwrap_or(0), 0),
        };
        let Counts { frames_presented, frames_covered, late_frames, chunk_hits, chunk_misses } =
            viewer.counts();
        let memory: js_sys::WebAssembly::Memory = wasm_bindgen::memory().unchecked_into();
        let buffer: js_sys::ArrayBuffer = memory.buffer().unchecked_into();
        let count = |count: u64| JsValue::from(count as f64);
        object(&[
            ("requests", count(self.inner.traffic.requests.get())),
            ("bytesFetched", count(self.inner.traffic.bytes.get())),
            ("chunkHits", count(chunk_hits)),
            ("chunkMisses", count(chunk_misses)),
            ("cacheBytes", count(cache_bytes)),
            ("cacheBudget", count(cache_budget)),
            ("gpuBytes", count(self.inner.painter.borrow().as_ref().map_or(0, Painter::bytes))),
            ("gpuBudget", count(self.inner.gpu_budget.get())),
            ("wasmBytes", buffer.byte_length().into()),
            ("framesPresented", count(frames_presented)),
            ("framesCovered", count(frames_covered)),
            ("lateFrames", count(late_frames)),
            ("inFlight", in_flight.into()),
        ])
    }

    /// When a frame is, in seconds; NaN without a session.
    pub fn time_of(&self, frame: f64) -> f64 {
        self.inner.viewer.borrow().session().map_or(f64::NAN, |session| session.time.time_of(frame as u64))
    }

    /// That time as it is written, which leads back to the frame; see `TimeAxis::written`.
    pub fn written_time(&self, frame: f64) -> f64 {
        self.inner.viewer.borrow().session().map_or(f64::NAN, |session| session.time.written(frame as u64))
    }

    /// Decimals with which times are written.
    pub fn time_decimals(&self) -> u32 {
        self.inner.viewer.borrow().session().map_or(3, |session| session.time.decimals())
    }

    /// How wide bins of the view on screen are, in its units; NaN without a session.
    pub fn bin_size(&self) -> f64 {
        self.inner.viewer.borrow().bin_size().unwrap_or(f64::NAN)
    }

    /// The frame at a time in seconds; 0 without a session.
    pub fn frame_at(&self, time: f64) -> f64 {
        self.inner.viewer.borrow().session().map_or(0.0, |session| session.time.frame_at(time) as f64)
    }

    /// Bytes of decoded values that may be kept, `{cache, gpu}`, both optional; out of range is clamped.
    pub fn set_budgets(&self, budgets: JsValue) -> Result<(), JsValue> {
        let budgets = Arguments(budgets);
        let bytes = |budget: f64| budget.max(*BUDGETS.start()).min(*BUDGETS.end()) as u64;
        if let Some(cache) = budgets.optional("cache")? {
            self.inner.cache_budget.set(Some(bytes(cache)));
        }
        if let Some(gpu) = budgets.optional("gpu")? {
            self.inner.gpu_budget.set(bytes(gpu));
            if let Ok(painter) = &mut *self.inner.painter.borrow_mut() {
                painter.set_budget(bytes(gpu));
            }
        }
        let loader = self.inner.viewer.borrow().loader();
        if let Some((loader, cache)) = loader.zip(self.inner.cache_budget.get()) {
            loader.set_budget(cache);
            self.inner.with(|viewer| viewer.tell(Event::Buffered));
        }
        Ok(())
    }

    /// What is under a point in CSS pixels.
    pub fn probe(&self, point: JsValue) -> Result<JsValue, JsValue> {
        let point = Arguments(point);
        let (x, y) = (point.number("x")?, point.number("y")?);
        Ok(to_js(&self.inner.viewer.borrow().probe(x, y)))
    }

    /// The bin at a place in environment units, or null.
    pub fn bin_at(&self, place: JsValue) -> Result<JsValue, JsValue> {
        let place = Arguments(place);
        let (x, y) = (place.number("x")?, place.number("y")?);
        Ok(to_js(&self.inner.viewer.borrow().bin_at(x, y)))
    }

    /// Corners of a bin in environment units.
    pub fn polygon(&self, bin: f64) -> JsValue {
        let viewer = self.inner.viewer.borrow();
        to_js(&whole(bin).map_or_else(Vec::new, |bin| viewer.polygon(bin)))
    }

    /// A bin's centre and value, or null.
    pub fn bin(&self, bin: f64) -> JsValue {
        let viewer = self.inner.viewer.borrow();
        to_js(&whole(bin).and_then(|bin| viewer.bin(bin)))
    }

    /// The pixel of a place in environment units, in what `pixels()` draws.
    pub fn project(&self, place: JsValue) -> Result<JsValue, JsValue> {
        let place = Arguments(place);
        let (x, y) = (place.number("x")?, place.number("y")?);
        let [x, y] = self.inner.viewer.borrow().project([x, y], pixel_size(&place)?);
        Ok(object(&[("x", x.into()), ("y", y.into())]))
    }

    /// Zooms about a point.
    pub fn zoom(&self, zoom: JsValue) -> Result<(), JsValue> {
        let zoom = Arguments(zoom);
        let (factor, x, y) = (zoom.number("factor")?, zoom.number("x")?, zoom.number("y")?);
        self.inner.with(|viewer| viewer.zoom(factor, x, y));
        Ok(())
    }

    /// Moves the picture.
    pub fn pan(&self, pan: JsValue) -> Result<(), JsValue> {
        let pan = Arguments(pan);
        let (dx, dy) = (pan.number("dx")?, pan.number("dy")?);
        self.inner.with(|viewer| viewer.pan(dx, dy));
        Ok(())
    }

    /// Shows the whole environment.
    pub fn reset_view(&self) {
        self.inner.with(Viewer::reset_view);
    }

    /// The canvas has another size: CSS pixels, and how many device pixels it has in one.
    pub fn resize(&self, size: JsValue) -> Result<(), JsValue> {
        let size = Arguments(size);
        let (width, height) = (size.number("width")?, size.number("height")?);
        let dpr = size.optional("dpr")?.filter(|dpr| *dpr > 0.0 && dpr.is_finite()).unwrap_or(1.0);
        let css = [width, height].map(|side| if side.is_finite() { side.max(0.0) } else { 0.0 });
        self.inner.with(|viewer| viewer.resize(Layout { css, dpr }));
        Ok(())
    }

    /// The limits in force of `{field}` and where they come from; null without a session.
    pub fn range(&self, of: JsValue) -> JsValue {
        to_js(&self.inner.viewer.borrow().range(Arguments(of).text("field").as_deref()))
    }

    /// The range of `{field}` by `{method, …}`.
    pub fn estimate_range(&self, request: JsValue) -> js_sys::Promise {
        let inner = self.inner.clone();
        future_to_promise(async move {
            let others = later::others().await.map_err(|error| js_error(&error.into()))?;
            let range = others.range(&inner.viewer.borrow(), &Json::from_js(&request));
            let range = range.map_err(|wrong| js_sys::RangeError::new(&wrong))?.await;
            Ok(to_js(&range.map_err(|error| js_error(&error))?))
        })
    }

    /// The colours that values of `{field}` are drawn in, RGBA, four bytes a value.
    pub fn colors(&self, of: JsValue, values: &js_sys::Float32Array) -> js_sys::Uint8Array {
        let viewer = self.inner.viewer.borrow();
        let palette =
            viewer.field(Arguments(of).text("field").as_deref()).and_then(|field| viewer.palette(field));
        let colors =
            |palette: Palette| values.to_vec().into_iter().flat_map(|value| palette.color(value)).collect();
        let colors: Vec<u8> = palette.map_or_else(Vec::new, colors);
        js_sys::Uint8Array::from(colors.as_slice())
    }

    /// How many values of `{field}` are between `{edges}`, which ascend, in the sample and on screen; null without a session.
    pub fn histogram(&self, of: JsValue, edges: &js_sys::Float64Array) -> JsValue {
        to_js(&self.inner.viewer.borrow().histogram(Arguments(of).text("field").as_deref(), &edges.to_vec()))
    }

    /// Asks again for what failed and, if `waits`, for what a server asked to wait for.
    pub fn retry(&self, waits: bool) {
        if waits {
            self.inner.waits.cut();
        }
        self.inner.awaits_colormaps.set(false);
        self.inner.again.ring();
        self.inner.with(Viewer::retry);
    }

    /// Whether nobody sees the page.
    pub fn set_hidden(&self, hidden: bool) {
        self.inner.with(|viewer| viewer.set_hidden(now(), hidden));
    }

    /// Frames in memory, as half-open intervals.
    pub fn buffered(&self) -> JsValue {
        to_js(&self.inner.viewer.borrow().buffered())
    }

    /// All colormaps, `[{name, kind, lut}]`; a lut that is not there yet is null.
    pub fn colormaps() -> js_sys::Array {
        let entry = |(name, kind): (&'static str, &'static str)| {
            let lut = colormap::lut(name).map(|lut| js_sys::Uint8Array::from(lut.as_flattened()));
            let lut = lut.map_or(JsValue::NULL, Into::into);
            object(&[("name", name.into()), ("kind", kind.into()), ("lut", lut)])
        };
        colormap::all().map(entry).collect()
    }

    /// Brings the colormaps that are not there yet.
    pub fn more_colormaps() -> js_sys::Promise {
        future_to_promise(async {
            more_colormaps().await.map(|()| JsValue::UNDEFINED).map_err(|error| js_error(&error))
        })
    }

    /// Stops everything and gives everything back; the handle is not used after this.
    pub fn destroy(&self) {
        let inner = &self.inner;
        inner.closed.set(true);
        inner.opening.take();
        if let Some(afterwards) = inner.afterwards.take() {
            afterwards.abort();
        }
        inner.viewer.borrow_mut().close();
        // Whoever looks for another device finds the end.
        inner.waits.cut();
        let gone = RenderError::DeviceLost { reason: "destroyed".to_owned() };
        if let Ok(painter) = inner.painter.replace(Err(gone.into())) {
            painter.destroy();
        }
    }
}

impl Inner {
    /// The only way to change the viewer: acts, delivers what happened, and asks for an animation frame if one is needed.
    fn with<R>(self: &Rc<Self>, act: impl FnOnce(&mut Viewer) -> R) -> R {
        let result = act(&mut self.viewer.borrow_mut());
        self.follow();
        result
    }

    /// Tells something to whoever listens.
    fn tell(self: &Rc<Self>, event: Event) {
        self.with(|viewer| viewer.tell(event));
    }

    /// What whoever has changed the viewer leaves to be done.
    fn follow(self: &Rc<Self>) {
        if self.closed.get() {
            return;
        }
        self.bring_colormaps();
        self.deliver();
        self.schedule();
    }

    /// A colormap that is known by name alone is drawn as the default until it is there.
    fn bring_colormaps(self: &Rc<Self>) {
        if self.awaits_colormaps.get() || !self.viewer.borrow().state().lacks_colormap() {
            return;
        }
        self.awaits_colormaps.set(true);
        let inner = self.clone();
        spawn_local(async move {
            let brought = more_colormaps().await;
            // What did not come is asked for again by `retry`.
            inner.awaits_colormaps.set(brought.is_err());
            inner.with(|viewer| match brought {
                Ok(()) => viewer.brought_colormaps(),
                Err(error) => viewer.tell(Event::error(&error, true)),
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
            // A listener's own error is the listener's; the viewer goes on.
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

    /// Tells the painter what bins look like, where it does not know.
    fn shape(&self, painter: &mut Painter, viewer: &Viewer) {
        let linearised = viewer.state().scene.linearised;
        if let Some(session) = viewer.session()
            && self.shaped.replace(Some(linearised)) != Some(linearised)
        {
            let mesh = session.environment.mesh(linearised);
            painter.set_mesh(&mesh, &self.insides.borrow());
        }
    }

    /// Puts on the canvas what is out of date there; without anything that draws it stays so, and whoever waits for it waits.
    fn draw(self: &Rc<Self>, viewer: &mut Viewer) {
        let mut painter = self.painter.borrow_mut();
        let Ok(painter) = &mut *painter else { return };
        self.shape(painter, viewer);
        let Some(drawing) = viewer.next_drawing() else { return };
        match painter.present(viewer.layout().device(), &drawing) {
            Ok(true) => {
                if let Some(picture) = viewer.presented(drawing.shot) {
                    let (inner, accepted) = (self.clone(), painter.accepted());
                    spawn_local(async move {
                        accepted.await;
                        inner.with(|viewer| viewer.accepted(picture));
                    });
                }
            }
            // Still out of date: the next animation frame tries again.
            Ok(false) => {}
            Err(error) => viewer.not_presented(&error.into()),
        }
    }

    /// The session on screen stays until this one is read, and if it cannot be. It takes the place of one that is being opened at
    /// once, not when the promise is first polled: what is called next in the same task may end it.
    fn open(
        self: Rc<Self>,
        url: String,
        rate: Option<f64>,
        files: Option<Vec<(String, web_sys::File)>>,
    ) -> impl Future<Output = Result<JsValue, JsValue>> {
        let (keep, superseded) = oneshot::channel();
        self.opening.replace(Some(keep));
        self.opened(url, rate, files, superseded)
    }

    async fn opened(
        self: Rc<Self>,
        url: String,
        rate: Option<f64>,
        files: Option<Vec<(String, web_sys::File)>>,
        superseded: oneshot::Receiver<()>,
    ) -> Result<JsValue, JsValue> {
        let local = files.is_some();
        let read = Box::pin(self.read_session(&url, rate, files));
        // In this order: nothing is asked for where it is superseded already.
        let Either::Right((opened, _)) = select(superseded, read).await else { return Err(aborted()) };
        let session = match opened {
            Ok(session) => session,
            Err(error) => {
                self.tell(Event::error(&error, false));
                return Err(js_error(&error));
            }
        };
        let weak = Rc::downgrade(&self);
        let arrived = move |arrival: Arrival| {
            if let Some(inner) = weak.upgrade() {
                inner.with(|viewer| {
                    viewer.arrived(&arrival);
                    if viewer.is_waited_for() {
                        inner.draw(viewer);
                    }
                });
            }
        };
        let platform = Platform { spawn: Rc::new(spawn_local), now, decode: decode_by(self.decode.clone()) };
        let budget = self.cache_budget.get().unwrap_or_else(|| session.config().cache_bytes);
        let loader = Loader::new(session.arrays(), budget, platform, Rc::new(arrived));
        if let Ok(painter) = &mut *self.painter.borrow_mut() {
            painter.clear();
        }
        self.insides.borrow_mut().clear();
        self.shaped.set(None);
        let unchecked = session.unchecked_time.clone();
        let (info, answer) = self.with(|viewer| {
            viewer.tell(Event::Progress { text: "reading the first frame".to_owned(), fraction: 0.6 });
            let url = if local { session.name.clone() } else { url };
            viewer.install(session, Address { url, local }, loader)
        });
        let (task, abort) = abortable(Box::pin(self.clone().after_first_frame(answer, unchecked)));
        if let Some(before) = self.afterwards.replace(Some(abort)) {
            before.abort();
        }
        spawn_local(task);
        Ok(to_js(&info))
    }

    async fn read_session(
        self: &Rc<Self>,
        url: &str,
        rate: Option<f64>,
        files: Option<Vec<(String, web_sys::File)>>,
    ) -> Result<Session, Error> {
        self.tell(Event::Progress { text: "reading what the session holds".to_owned(), fraction: 0.1 });
        let opening = Opening { at: self.viewer.borrow().opens_at(), rate };
        let session = match files {
            Some(files) => self.open_local(files, opening).await?,
            None => self.open_url(url, opening).await?,
        };
        if self.viewer.borrow().will_lack_colormap(&session)
            && let Err(error) = more_colormaps().await
        {
            self.tell(Event::error(&error, false));
        }
        Ok(session)
    }

    /// What can wait until something is on screen: the insides of regions, and the rest of a long time array.
    async fn after_first_frame(self: Rc<Self>, answer: SeekAnswer, time: Option<Rc<crate::array::Array>>) {
        // A seek before the first picture cancels the answer; that is as good a moment.
        let _ = answer.await;
        loop {
            let filled = self.fill_regions().await;
            let Err(error) = filled.and(self.check_times(time.as_deref()).await) else { return };
            self.tell(Event::error(&error, true));
            let _ = self.again.heard().await;
        }
    }

    async fn check_times(self: &Rc<Self>, time: Option<&crate::array::Array>) -> Result<(), Error> {
        let Some(time) = time else { return Ok(()) };
        let time = session::check_times(time).await?;
        self.with(|viewer| viewer.replace_time(time));
        Ok(())
    }

    async fn fill_regions(self: &Rc<Self>) -> Result<(), Error> {
        // Held across no await: times are replaced in a session that nobody else holds.
        let session = || self.viewer.borrow().session().cloned();
        let has_inside = |region: &Region| matches!(region.place, Place::Polygon(_));
        if session().is_none_or(|session| !session.environment.regions.iter().any(has_inside)) {
            return Ok(());
        }
        let others = later::others().await?;
        if let Some(session) = session() {
            *self.insides.borrow_mut() = others.fill(&session.environment.regions);
        }
        self.shaped.set(None);
        self.with(Viewer::redraw);
        Ok(())
    }

    async fn open_url(self: &Rc<Self>, url: &str, opening: Opening) -> Result<Session, Error> {
        let Some(kind) = FileKind::of(url) else {
            let whole = self.retrying(HttpSource::new(url, &page(), self.traffic.clone())?);
            let opened = session::open(whole, opening).await;
            // An address without a known ending may be a file all the same.
            return match opened {
                Err(error) if error.code() == "not-found" => {
                    let (folder, name) = HttpSource::beside(url, &page(), self.traffic.clone())?;
                    later::others()
                        .await?
                        .open_unnamed(self.retrying(folder), name, opening)
                        .await?
                        .ok_or(error)
                }
                opened => opened,
            };
        };
        let (folder, name) = HttpSource::beside(url, &page(), self.traffic.clone())?;
        later::others().await?.open(self.retrying(folder), name, kind, opening).await
    }

    async fn open_local(
        self: &Rc<Self>,
        files: Vec<(String, web_sys::File)>,
        opening: Opening,
    ) -> Result<Session, Error> {
        let web = self.retrying(HttpSource::new("./", &page(), self.traffic.clone())?);
        later::others().await?.open_files(files, web, opening).await
    }

    /// A server may fail for a moment.
    fn retrying(self: &Rc<Self>, source: HttpSource) -> Rc<dyn ByteSource> {
        let waits = self.waits.clone();
        let wait = move |wait, error: &_| waits.wait(sleep(wait), Told::of(error));
        let random = Rc::new(js_sys::Math::random);
        let source = RetryingSource::new(Rc::new(source), Backoff::default(), Rc::new(wait), random);
        Format2::over(Rc::new(source), later::format2_node)
    }

    /// Tells what goes wrong on the device; a lost one is made anew, and everything on it can be uploaded again.
    fn watch_device(self: &Rc<Self>, mut failures: DeviceErrors) {
        let weak = Rc::downgrade(self);
        spawn_local(async move {
            // One that is lost as soon as it is there is no reason to ask in a loop.
            let mut tried = 0;
            let mut since = now();
            while let Some(failure) = failures.next().await {
                let Some(inner) = weak.upgrade().filter(|inner| !inner.closed.get()) else { return };
                let is_lost = matches!(failure, RenderError::DeviceLost { .. });
                let failure = failure.into();
                if !is_lost {
                    inner.tell(Event::error(&failure, false));
                    continue;
                }
                if now() - since > STEADY {
                    tried = 0;
                }
                let Some(new) = inner.replace_device(failure, &mut tried).await else { return };
                (failures, since) = (new, now());
            }
        });
    }

    /// Asks for a device until there is one; `None` where that is no longer wanted.
    async fn replace_device(self: &Rc<Self>, lost: Error, tried: &mut u32) -> Option<DeviceErrors> {
        let text = lost.to_string();
        *self.painter.borrow_mut() = Err(lost);
        self.with(|viewer| viewer.set_drawable(now(), false));
        let mut told = false;
        loop {
            if *tried > 0 {
                if !std::mem::replace(&mut told, true) {
                    self.tell(Event::device_wait(text.clone()));
                }
                let wait = DEVICE_WAIT * (1 << (*tried - 1).min(DEVICE_DOUBLINGS));
                self.waits.wait(sleep(wait), None).await;
            }
            *tried += 1;
            if self.closed.get() {
                return None;
            }
            // A search may never end.
            let limit =
                self.waits.wait(sleep(DEVICE_ANSWER * (1 << (*tried - 1).min(DEVICE_DOUBLINGS))), None);
            let search = Box::pin(Painter::new(self.canvas.clone()));
            let Either::Left((Ok((mut painter, failures)), _)) = select(search, limit).await else {
                continue;
            };
            if self.closed.get() {
                painter.destroy();
                return None;
            }
            painter.set_budget(self.gpu_budget.get());
            *self.painter.borrow_mut() = Ok(painter);
            self.shaped.set(None);
            if told {
                self.tell(Event::device_wait(String::new()));
            }
            self.with(|viewer| viewer.set_drawable(now(), true));
            return Some(failures);
        }
    }
}

/// Tells of waits, as long as there is a viewer; in a task of its own, as one may be dropped while the viewer is borrowed.
async fn tell_waits(waits: Rc<Waits>, inner: Weak<Inner>) {
    let mut waiting = false;
    loop {
        let _ = waits.changed().await;
        let Some(inner) = inner.upgrade().filter(|inner| !inner.closed.get()) else { return };
        let told = waits.told();
        if std::mem::replace(&mut waiting, told.is_some()) || told.is_some() {
            inner.tell(Event::server_wait(told));
        }
    }
}

async fn more_colormaps() -> Result<(), Error> {
    colormap::add_more(later::others().await?.colormaps());
    Ok(())
}

/// `{width, height}` in pixels, where both are given; of what can be drawn, as the canvas is.
fn pixel_size(size: &Arguments) -> Result<Option<[u32; 2]>, JsValue> {
    let pixels = |key| Ok::<_, JsValue>(size.optional(key)?.filter(|pixels| *pixels >= 0.0));
    let given = pixels("width")?.zip(pixels("height")?);
    Ok(given.map(|(width, height)| Layout { css: [width.floor(), height.floor()], dpr: 1.0 }.device()))
}

fn whole(number: f64) -> Option<usize> {
    (number >= 0.0 && number.fract() == 0.0).then_some(number as usize)
}

/// What relative addresses are relative to.
fn page() -> String {
    web_sys::window().and_then(|window| window.document()?.base_uri().ok()?).unwrap_or_default()
}

async fn answered(answer: SeekAnswer) -> Result<Shown, JsValue> {
    match answer.await {
        Ok(shown) => shown.map_err(|error| js_error(&error)),
        Err(_) => Err(aborted()),
    }
}

fn aborted() -> JsValue {
    let message = "superseded by a later request";
    DomException::new_with_message_and_name(message, "AbortError").map_or_else(|error| error, Into::into)
}

fn js_error(error: &Error) -> JsValue {
    if matches!(error.kind(), ErrorKind::Closed) {
        return aborted();
    }
    let js = js_sys::Error::new(&error.to_string());
    // Setting a property of a fresh object cannot fail.
    let _ = js_sys::Reflect::set(&js, &"code".into(), &error.code().into());
    js.into()
}

fn to_js(value: &impl Serialize) -> JsValue {
    let plain = serde_wasm_bindgen::Serializer::json_compatible();
    value.serialize(&plain).unwrap_or(JsValue::NULL)
}

/// Wall time in seconds. The argument of an animation frame is synthetic in some browsers.
fn now() -> f64 {
    web_sys::window().and_then(|window| window.performance()).map_or(0.0, |clock| clock.now() / 1e3)
}
