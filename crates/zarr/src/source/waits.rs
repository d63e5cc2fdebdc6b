//! Waits before a request is repeated. A wait that a server asked for is reported; each can be ended early.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use futures_channel::oneshot;
use futures_util::FutureExt;
use futures_util::future::{LocalBoxFuture, select};

use crate::error::SourceError;
use crate::futures::Notify;

/// Seconds. A shorter wait is over before a report of it is read.
const SHORTEST_REPORTED: u32 = 2;

/// A wait that a server asked for, as it is reported.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WaitNotice {
    /// What, why, and what to do.
    pub text: String,
    /// How long the server asked to wait.
    pub seconds: u32,
}

impl WaitNotice {
    /// The notice of the wait after a failure; `None` where the server asked for no wait, or for less than [`SHORTEST_REPORTED`].
    pub fn of(error: &SourceError) -> Option<Self> {
        let SourceError::Status { status, retry_after: Some(seconds), location } = error else { return None };
        let (seconds, wait) = (*seconds, duration(*seconds));
        let text = format!(
            "The server asked to wait {wait} before it is asked again (it answered {status}). \
             It is asked again by itself then, or at once by Retry: {location}"
        );
        (seconds >= SHORTEST_REPORTED).then_some(Self { text, seconds })
    }
}

/// All waits that are under way.
#[derive(Default)]
pub struct Waits {
    cut: Notify,
    changed: Notify,
    /// Number of calls of [`Waits::cut`]. A wait that began before the last one is over, even if its future was not polled since.
    cuts: Cell<u32>,
    /// Number of waits that are reported, and the notice of the longest.
    long: Cell<usize>,
    longest: RefCell<Option<WaitNotice>>,
}

impl Waits {
    /// Waits for the timer, or until [`Waits::cut`].
    pub fn wait(
        self: &Rc<Self>,
        timer: LocalBoxFuture<'static, ()>,
        notice: Option<WaitNotice>,
    ) -> LocalBoxFuture<'static, ()> {
        let long = notice.map(|notice| Long::new(self.clone(), notice));
        let cut = self.cut.notified();
        async move {
            select(timer, cut).await;
            drop(long);
        }
        .boxed_local()
    }

    /// Ends every wait now.
    pub fn cut(&self) {
        self.cuts.set(self.cuts.get() + 1);
        self.set(0, None);
        self.cut.notify();
    }

    /// The notice to show: that of the longest wait.
    pub fn longest(&self) -> Option<WaitNotice> {
        self.longest.borrow().clone()
    }

    /// Ends when [`Waits::longest`] may have changed.
    pub fn changed(&self) -> oneshot::Receiver<()> {
        self.changed.notified()
    }

    fn set(&self, long: usize, notice: Option<WaitNotice>) {
        self.long.set(long);
        *self.longest.borrow_mut() = notice;
        self.changed.notify();
    }
}

/// A wait that is reported, until it is over or dropped.
struct Long {
    waits: Rc<Waits>,
    began: u32,
}

impl Long {
    fn new(waits: Rc<Waits>, notice: WaitNotice) -> Self {
        let long = waits.long.get() + 1;
        waits.long.set(long);
        if waits.longest().is_none_or(|longest| notice.seconds > longest.seconds) {
            waits.set(long, Some(notice));
        }
        Self { began: waits.cuts.get(), waits }
    }
}

impl Drop for Long {
    fn drop(&mut self) {
        if self.began != self.waits.cuts.get() {
            return;
        }
        match self.waits.long.get() - 1 {
            0 => self.waits.set(0, None),
            left => self.waits.long.set(left),
        }
    }
}

/// Seconds that a `Retry-After` asks for, which holds them or a date; `date` reads one as milliseconds, as `now` is. `None`
/// where it makes no sense.
pub fn asked_seconds(retry_after: &str, now: f64, date: impl FnOnce(&str) -> f64) -> Option<u32> {
    let text = retry_after.trim();
    // A proxy may have joined two headers by a comma, which a date has too. More seconds than fit are for ever.
    let first = text.split(',').next().unwrap_or(text).trim();
    if first.starts_with(|letter: char| letter.is_ascii_digit())
        && let Some(seconds) = crate::number::parse(first)
    {
        return Some(seconds.ceil() as u32);
    }
    let seconds = ((date(text) - now) / 1e3).ceil();
    (!seconds.is_nan()).then_some(seconds as u32)
}

/// Seconds, and how long that is.
fn duration(seconds: u32) -> String {
    let (minutes, hours) = (seconds.div_ceil(60), seconds.div_ceil(3600));
    match seconds {
        0..=60 => format!("{seconds} s"),
        61..=7200 => format!("{seconds} s ({minutes} min)"),
        7201..=172_800 => format!("{hours} hours"),
        _ => format!("{} days", hours.div_ceil(24)),
    }
}

#[cfg(test)]
mod tests {
    use futures_util::future::{pending, ready};

    use super::*;

    fn notice(seconds: u32) -> Option<WaitNotice> {
        let location = format!("there/{seconds}");
        WaitNotice::of(&SourceError::Status { status: 429, retry_after: Some(seconds), location })
    }

    /// The seconds of the notice, and whether it changed since the last call.
    struct Ear(Rc<Waits>, oneshot::Receiver<()>);

    impl Ear {
        fn hears(&mut self) -> (u32, bool) {
            let news = (&mut self.1).now_or_never().is_some();
            if news {
                self.1 = self.0.changed();
            }
            (self.0.longest().map_or(0, |notice| notice.seconds), news)
        }
    }

    fn waits() -> (Rc<Waits>, Ear) {
        let waits = Rc::new(Waits::default());
        let ear = Ear(waits.clone(), waits.changed());
        (waits, ear)
    }

    #[test]
    fn a_wait_says_how_long_the_server_asked_for_and_what_to_do() {
        let text = notice(4000).unwrap().text;
        for part in ["4000 s (67 min)", "429", "Retry", ": there/4000"] {
            assert!(text.contains(part), "{part:?} is not in {text:?}");
        }
        assert_eq!(notice(1), None);
        assert_eq!(WaitNotice::of(&SourceError::NotFound { location: String::new() }), None);
        let waits = [59, 150, 10_000, 172_800, 172_801, u32::MAX].map(duration);
        assert_eq!(waits, ["59 s", "150 s (3 min)", "3 hours", "48 hours", "3 days", "49711 days"]);
    }

    #[test]
    fn waits_end_with_their_timer_or_when_they_are_cut_short() {
        let (waits, mut ear) = waits();
        assert_eq!(waits.wait(ready(()).boxed_local(), None).now_or_never(), Some(()));
        let mut long = waits.wait(pending().boxed_local(), notice(4000));
        let mut plain = waits.wait(pending().boxed_local(), None);
        assert_eq!(((&mut long).now_or_never(), (&mut plain).now_or_never()), (None, None));
        assert_eq!(ear.hears(), (4000, true), "at once");
        waits.cut();
        assert_eq!(ear.hears(), (0, true), "though nobody has looked yet");
        let again = waits.wait(pending().boxed_local(), notice(7));
        assert_eq!((long.now_or_never(), plain.now_or_never()), (Some(()), Some(())));
        assert_eq!(ear.hears(), (7, true), "another one waits on");
        drop(again);
        assert_eq!(ear.hears(), (0, true));
        // What begins to wait later waits.
        assert_eq!(waits.wait(pending().boxed_local(), None).now_or_never(), None);
        assert_eq!(ear.hears(), (0, false));
    }

    #[test]
    fn many_waits_are_told_as_one_and_a_dropped_one_is_over() {
        let (waits, mut ear) = waits();
        let six: Vec<_> = (0..6).map(|_| waits.wait(pending().boxed_local(), notice(30))).collect();
        assert_eq!(ear.hears(), (30, true));
        let longer = waits.wait(pending().boxed_local(), notice(4000));
        assert_eq!(ear.hears(), (4000, true), "a longer one is news");
        drop(waits.wait(pending().boxed_local(), notice(30)));
        drop(longer);
        assert_eq!(ear.hears(), (4000, false));
        drop(six);
        assert_eq!(ear.hears(), (0, true));
    }

    #[test]
    fn a_retry_after_is_seconds_or_a_date() {
        let none = |_: &str| -> f64 { panic!("no date was given") };
        assert_eq!(asked_seconds("4000", 0.0, none), Some(4000));
        assert_eq!(asked_seconds(" 7 ", 0.0, none), Some(7));
        assert_eq!(asked_seconds("99999999999999999999", 0.0, none), Some(u32::MAX));
        assert_eq!(["2.5", "60, 60"].map(|text| asked_seconds(text, 0.0, none)), [Some(3), Some(60)]);
        let date = |text: &str| match text {
            "Fri, 31 Dec 1999 23:59:59 GMT" => 946_684_799_000.0,
            _ => f64::NAN,
        };
        let asked = |now| asked_seconds("Fri, 31 Dec 1999 23:59:59 GMT", now, date);
        assert_eq!(asked(946_684_740_500.0), Some(59), "never too early");
        assert_eq!(asked(946_684_800_000.0), Some(0), "it is over");
        assert_eq!(asked_seconds("soon", 0.0, date), None);
        assert_eq!(asked_seconds("", 0.0, date), None);
    }
}
