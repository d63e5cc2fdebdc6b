//! Changes of the view state: by a patch, by a link's fragment.

use replayscope_json::number::clamp;
use replayscope_json::{Json, number};

use crate::event::Event;
use crate::view::{ViewState, from_fragment, initial_state};
use crate::viewer::{Target, Viewer};

impl Viewer {
    /// The view state: exactly what a link carries.
    pub fn state(&self) -> &ViewState {
        &self.state
    }

    /// Changes parts of the state. A wrong value is clamped or ignored, and a notice says so.
    pub fn set_state(&mut self, patch: &Json) {
        let before = self.state.clone();
        let notices = self.state.patch(patch);
        self.after_patch(&before, notices);
    }

    /// Applies a link's fragment; before a session is open, the fragment is kept for the next one.
    pub fn apply_fragment(&mut self, fragment: &str) {
        let Some(open) = &self.open else {
            self.fragment = Some(fragment.to_owned());
            return;
        };
        let before = self.state.clone();
        let (patch, mut notices) = from_fragment(fragment);
        // A link carries only what differs from the initial state.
        self.state = initial_state(&open.session);
        notices.extend(self.state.patch(&patch));
        self.after_patch(&before, notices);
    }

    /// The time in seconds at which the next session will open, where a link sets one.
    pub fn opens_at(&self) -> Option<f64> {
        from_fragment(self.fragment.as_deref()?).0.get("time")?.as_f64()
    }

    /// The fragment of a link to this state, without `#`.
    pub fn fragment(&self) -> String {
        let defaults = self.open.as_ref().map(|open| initial_state(&open.session));
        self.linked_state().to_fragment(defaults.as_ref().unwrap_or(&self.state))
    }

    fn after_patch(&mut self, before: &ViewState, notices: Vec<String>) {
        for text in notices {
            self.emit(Event::Notice { text });
        }
        self.clamp_selection();
        self.clock.set_speed(self.now, self.state.speed);
        let playback = |state: &ViewState| (state.loop_mode, state.pace, state.selection);
        if playback(&self.state) != playback(before) {
            self.restart_playback();
        }
        if let Some(open) = &self.open {
            let wanted = self.state.time;
            let axis = &open.session.time;
            let shown = clamp(wanted, axis.start(), axis.stop());
            // Unchanged bits mean that the patch has no time.
            if wanted.to_bits() == before.time.to_bits() {
                self.refresh();
            } else {
                if shown.to_bits() != wanted.to_bits() {
                    let [wanted, start, stop] = [wanted, axis.start(), axis.stop()].map(number::text);
                    let text =
                        format!("The session has no frame at {wanted} s; it runs from {start} to {stop} s.");
                    self.emit(Event::Notice { text });
                }
                drop(self.seek(Target::Time(shown)));
            }
        }
        self.dirty = true;
        self.emit(Event::State(self.state.clone()));
    }
}
