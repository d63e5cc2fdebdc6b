//! Seeking, playing, and times of frames.

use js_sys::TypeError;
use wasm_bindgen::prelude::*;

use super::Handle;
use crate::web::arguments::Arguments;
use crate::web::convert::{aborted, frame_time, js_error};
use crate::web::host::{now, promise};
use replayscope_json::Json;
use replayscope_viewer::{SeekAnswer, Shown, Target, Viewer};

#[wasm_bindgen]
impl Handle {
    /// Seeks to `{frame}` or `{time}`; resolves to `{frame, time}` once the device has accepted that exact frame.
    #[wasm_bindgen(unchecked_return_type = "Promise<FrameTime>")]
    pub fn seek(
        &self,
        #[wasm_bindgen(unchecked_param_type = "{ frame: number } | { time: number }")] target: JsValue,
    ) -> Result<js_sys::Promise, JsValue> {
        let target = Arguments(target);
        let given = |key| Ok::<_, JsValue>(target.optional(key)?.filter(|value| !value.is_nan()));
        let target = match (given("frame")?, given("time")?) {
            (Some(frame), _) => Target::Frame(frame),
            (None, Some(time)) => Target::Time(time),
            (None, None) => {
                return Err(TypeError::new("seek needs {frame} or {time}, a number").into());
            }
        };
        // The viewer seeks at once, not when the promise is first polled: two seeks in one task must keep their order.
        let answer = self.app.with(|viewer| viewer.seek(target));
        Ok(promise(async move {
            let shown = answered(answer).await?;
            Ok(frame_time(shown.frame, shown.time))
        }))
    }

    /// Starts playback; options that are left out are as in the state.
    pub fn play(
        &self,
        #[wasm_bindgen(unchecked_param_type = "PlayOptions")] options: JsValue,
    ) -> Result<(), JsValue> {
        let options = Arguments(options);
        let text = |key| options.text(key).map_or(Json::Null, |text| text.as_str().into());
        let patch = Json::object([
            ("speed", options.optional("speed")?.map_or(Json::Null, Json::from)),
            ("loop", text("loop")),
            ("projection", text("projection")),
            ("pace", text("pace")),
        ]);
        let backward = options.optional("direction")?.is_some_and(|direction| direction < 0.0);
        self.app.with(|viewer| {
            viewer.set_state(&patch);
            viewer.play(now(), backward);
        });
        Ok(())
    }

    /// Stops playback.
    pub fn pause(&self) {
        self.app.with(Viewer::pause);
    }

    /// Whether playback runs, or waits for data.
    pub fn playing(&self) -> bool {
        self.app.viewer.borrow().is_playing()
    }

    /// 1 where playback runs forward, or ran forward last; else −1.
    #[wasm_bindgen(unchecked_return_type = "1 | -1")]
    pub fn direction(&self) -> i32 {
        if self.app.viewer.borrow().runs_forward() { 1 } else { -1 }
    }

    /// Time of a frame in seconds; NaN without a session.
    pub fn time_of(&self, frame: f64) -> f64 {
        self.app.viewer.borrow().session().map_or(f64::NAN, |session| session.time.time_of(frame as u64))
    }

    /// That time rounded to few digits, such that `frame_at` gives the frame; see `TimeAxis::written`.
    pub fn written_time(&self, frame: f64) -> f64 {
        self.app.viewer.borrow().session().map_or(f64::NAN, |session| session.time.written(frame as u64))
    }

    /// Decimals of such times.
    pub fn time_decimals(&self) -> u32 {
        self.app.viewer.borrow().session().map_or(3, |session| session.time.decimals())
    }

    /// The frame that is shown at a time in seconds; 0 without a session.
    pub fn frame_at(&self, time: f64) -> f64 {
        self.app.viewer.borrow().session().map_or(0.0, |session| session.time.frame_at(time) as f64)
    }
}

async fn answered(answer: SeekAnswer) -> Result<Shown, JsValue> {
    match answer.await {
        Ok(shown) => shown.map_err(|error| js_error(&error)),
        Err(_) => Err(aborted()),
    }
}
