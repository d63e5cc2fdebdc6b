//! The graphics device: reports its failures, and replaces a lost one.

use std::rc::Rc;
use std::time::Duration;

use futures_util::StreamExt;
use futures_util::future::{Either, select};

use super::app::App;
use crate::painter::Painter;
use crate::source::sleep;
use crate::web::host::{now, spawn};
use replayscope_render::{DeviceErrors, Error as RenderError};
use replayscope_viewer::Error;
use replayscope_viewer::Event;

/// Time between a failed search for a device and the next one. It doubles with each search, [`DEVICE_DOUBLINGS`] times at most.
const DEVICE_WAIT: Duration = Duration::from_millis(250);
const DEVICE_DOUBLINGS: u32 = 5;
/// Time that a search for a device may take before the next one begins. It doubles in the same way.
const DEVICE_ANSWER: Duration = Duration::from_secs(2);
/// After a device that lasted for so many seconds, the next search begins at once.
const STEADY: f64 = 10.0;

impl App {
    /// Reports failures of the device by events, and replaces a lost device: everything on it can be uploaded again.
    pub(super) fn watch_device(self: &Rc<Self>, mut failures: DeviceErrors) {
        let weak = Rc::downgrade(self);
        spawn(async move {
            // Devices that are lost as soon as they are made must not lead to a busy loop.
            let mut tried = 0;
            let mut since = now();
            while let Some(failure) = failures.next().await {
                let Some(app) = weak.upgrade().filter(|app| !app.closed.get()) else { return };
                let is_lost = matches!(failure, RenderError::DeviceLost { .. });
                let failure = failure.into();
                if !is_lost {
                    app.emit(Event::error(&failure, false));
                    continue;
                }
                if now() - since > STEADY {
                    tried = 0;
                }
                let Some(new) = app.replace_device(failure, &mut tried).await else { return };
                (failures, since) = (new, now());
            }
        });
    }

    /// Searches until there is a device; `None` where the app is closed meanwhile.
    async fn replace_device(self: &Rc<Self>, lost: Error, tried: &mut u32) -> Option<DeviceErrors> {
        let text = lost.to_string();
        *self.painter.borrow_mut() = Err(lost);
        self.with(|viewer| viewer.set_drawable(now(), false));
        let mut reported = false;
        loop {
            if *tried > 0 {
                if !std::mem::replace(&mut reported, true) {
                    self.emit(Event::device_wait(text.clone()));
                }
                let wait = DEVICE_WAIT * (1 << (*tried - 1).min(DEVICE_DOUBLINGS));
                self.waits.wait(sleep(wait), None).await;
            }
            *tried += 1;
            if self.closed.get() {
                return None;
            }
            // The browser may never answer.
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
            if reported {
                self.emit(Event::device_wait(String::new()));
            }
            self.with(|viewer| viewer.set_drawable(now(), true));
            return Some(failures);
        }
    }
}
