//! Opening a session: from an address or files to what the viewer shows.

use std::rc::Rc;

use futures_channel::oneshot;
use futures_util::future::{Either, select};
use wasm_bindgen::JsValue;

use super::app::App;
use super::colormaps::more_colormaps;
use super::convert::{abort_error, aborted, js_error};
use super::link::LinkTarget;
use super::workers::decode_by;
use crate::extras::{self, OnDemand};
use crate::source::{Backoff, ByteSource, HttpSource, RetryingSource, Told, sleep};
use crate::web::host::{absolute, now, page, spawn};
use replayscope_files::FileKind;
use replayscope_session::environment::{Region, RegionShape};
use replayscope_session::{self as session, Opening, Session};
use replayscope_viewer::Error;
use replayscope_viewer::chunk::{Arrival, Loader, Platform};
use replayscope_viewer::{Address, Event, SeekAnswer, Viewer};
use replayscope_zarr::array::Format2;
use replayscope_zarr::futures::abortable;

impl App {
    /// The session on screen stays until this one is read, and if it cannot be. It takes the place of one that is being opened at
    /// once, not when the promise is first polled: what is called next in the same task may end it.
    pub(super) fn open(
        self: Rc<Self>,
        url: String,
        rate: Option<f64>,
        files: Option<Vec<(String, web_sys::File)>>,
    ) -> impl Future<Output = Result<JsValue, JsValue>> {
        let (keep, superseded) = oneshot::channel();
        self.opening.replace(Some(keep));
        let ready = self.ready.borrow_mut().begin(&abort_error("Another session was opened."));
        let session = self.show_session(url, rate, files, superseded);
        async move { session.await.inspect_err(|reason| ready.reject(reason)) }
    }

    async fn show_session(
        self: Rc<Self>,
        url: String,
        rate: Option<f64>,
        files: Option<Vec<(String, web_sys::File)>>,
        superseded: oneshot::Receiver<()>,
    ) -> Result<JsValue, JsValue> {
        let local = files.is_some();
        let url = if local { url } else { absolute(&url) };
        let read = Box::pin(self.read_session(&url, rate, files));
        // In this order: nothing is asked for where it is superseded already.
        let Either::Right((opened, _)) = select(superseded, read).await else { return Err(aborted()) };
        let session = match opened {
            Ok(session) => session,
            Err(error) => {
                self.emit(Event::error(&error, false));
                return Err(js_error(&error));
            }
        };
        let weak = Rc::downgrade(&self);
        let arrived = move |arrival: Arrival| {
            if let Some(app) = weak.upgrade() {
                app.with(|viewer| {
                    viewer.arrived(&arrival);
                    if viewer.is_waited_for() {
                        app.draw(viewer);
                    }
                });
            }
        };
        let platform = Platform { spawn: Rc::new(spawn), now, decode: decode_by(self.decode.clone()) };
        let budget = self.cache_budget.get().unwrap_or_else(|| session.config().cache_bytes);
        let loader = Loader::new(session.arrays(), budget, platform, Rc::new(arrived));
        if let Ok(painter) = &mut *self.painter.borrow_mut() {
            painter.clear();
        }
        self.insides.borrow_mut().clear();
        self.shaped.set(None);
        let unchecked = session.unchecked_time.clone();
        self.link_target.replace(Rc::new(LinkTarget::new((!local).then_some(&url), rate)));
        self.ready.borrow_mut().installed();
        let address = Address { url: if local { session.name.clone() } else { url.clone() }, local };
        let answer = self.with(|viewer| {
            viewer.emit(Event::Progress { text: "reading the first frame".to_owned(), fraction: 0.6 });
            viewer.install(session, address, loader)
        });
        let (task, abort) = abortable(Box::pin(self.clone().after_first_frame(answer, unchecked)));
        if let Some(before) = self.afterwards.replace(Some(abort)) {
            before.abort();
        }
        spawn(task);
        let shown = self.latest_events.borrow().session();
        if !local {
            self.remove_credentials(&url).await.map_err(|error| js_error(&error))?;
        }
        Ok(shown)
    }

    async fn read_session(
        self: &Rc<Self>,
        url: &str,
        rate: Option<f64>,
        files: Option<Vec<(String, web_sys::File)>>,
    ) -> Result<Session, Error> {
        self.emit(Event::Progress { text: "reading the metadata of the session".to_owned(), fraction: 0.1 });
        let opening = Opening { at: self.viewer.borrow().opens_at(), rate, openers: &OnDemand };
        let session = match files {
            Some(files) => self.open_local(files, opening).await?,
            None => self.open_url(url, opening).await?,
        };
        if self.viewer.borrow().will_lack_colormap(&session)
            && let Err(error) = more_colormaps().await
        {
            self.emit(Event::error(&error, false));
        }
        Ok(session)
    }

    /// What can wait until something is on screen: the insides of regions, and the rest of a long time array.
    async fn after_first_frame(
        self: Rc<Self>,
        answer: SeekAnswer,
        time: Option<Rc<replayscope_zarr::array::Array>>,
    ) {
        // A seek before the first picture cancels the answer; that is as good a moment.
        let _ = answer.await;
        loop {
            let filled = self.fill_regions().await;
            let Err(error) = filled.and(self.check_times(time.as_deref()).await) else { return };
            self.emit(Event::error(&error, true));
            let _ = self.again.heard().await;
        }
    }

    async fn check_times(
        self: &Rc<Self>,
        time: Option<&replayscope_zarr::array::Array>,
    ) -> Result<(), Error> {
        let Some(time) = time else { return Ok(()) };
        let time = session::check_times(time).await?;
        self.with(|viewer| viewer.replace_time(time));
        Ok(())
    }

    async fn fill_regions(self: &Rc<Self>) -> Result<(), Error> {
        let has_inside = |region: &Region| matches!(region.shape, RegionShape::Polygon(_));
        let regions = self.viewer.borrow().session().map(|session| session.environment.regions.clone());
        let Some(regions) = regions.filter(|regions| regions.iter().any(has_inside)) else { return Ok(()) };
        *self.insides.borrow_mut() = extras::fill(regions).await?;
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
                    let opened = extras::open_unnamed(self.retrying(folder), name, opening).await?.await?;
                    Ok(opened.ok_or(error)?)
                }
                opened => Ok(opened?),
            };
        };
        let (folder, name) = HttpSource::beside(url, &page(), self.traffic.clone())?;
        Ok(extras::open_kind(self.retrying(folder), name, kind, opening).await?.await?)
    }

    async fn open_local(
        self: &Rc<Self>,
        files: Vec<(String, web_sys::File)>,
        opening: Opening,
    ) -> Result<Session, Error> {
        let web = self.retrying(HttpSource::new("./", &page(), self.traffic.clone())?);
        Ok(extras::open_dropped(files, web, opening).await?.await?)
    }

    /// A server may fail for a moment.
    fn retrying(self: &Rc<Self>, source: HttpSource) -> Rc<dyn ByteSource> {
        let waits = self.waits.clone();
        let wait = move |wait, error: &_| waits.wait(sleep(wait), Told::of(error));
        let random = Rc::new(js_sys::Math::random);
        let source = RetryingSource::new(Rc::new(source), Backoff::default(), Rc::new(wait), random);
        Format2::over(Rc::new(source), extras::format2_node)
    }
}
