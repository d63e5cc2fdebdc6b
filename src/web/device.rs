//! The graphics device, and what takes the place of one that is lost.

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

/// How long after a failed search for a device the next one begins: twice as long each time, up to so many times.
const DEVICE_WAIT: Duration = Duration::from_millis(250);
const DEVICE_DOUBLINGS: u32 = 5;
/// How long a search for a device may take before another one begins; it, too, is twice as long each time.
const DEVICE_ANSWER: Duration = Duration::from_secs(2);
/// A device that has lasted for so many seconds was a good one.
const STEADY: f64 = 10.0;

impl App {
    /// Tells what goes wrong on the device; a lost one is made anew, and everything on it can be uploaded again.
    pub(super) fn watch_device(self: &Rc<Self>, mut failures: DeviceErrors) {
        let weak = Rc::downgrade(self);
        spawn(async move {
            // One that is lost as soon as it is there is no reason to ask in a loop.
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

    /// Asks for a device until there is one; `None` where that is no longer wanted.
    async fn replace_device(self: &Rc<Self>, lost: Error, tried: &mut u32) -> Option<DeviceErrors> {
        let text = lost.to_string();
        *self.painter.borrow_mut() = Err(lost);
        self.with(|viewer| viewer.set_drawable(now(), false));
        let mut told = false;
        loop {
            if *tried > 0 {
                if !std::mem::replace(&mut told, true) {
                    self.emit(Event::device_wait(text.clone()));
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
                self.emit(Event::device_wait(String::new()));
            }
            self.with(|viewer| viewer.set_drawable(now(), true));
            return Some(failures);
        }
    }
}
