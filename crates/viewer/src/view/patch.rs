//! Merging a patch into a state.

use replayscope_json::Json;
use replayscope_json::number::clamp;
use replayscope_session::projection::Projection;

use crate::view::coloring::set_color;
use crate::view::notices::{Notices, quoted};
use crate::view::state::{
    Camera, Gaps, Layer, Look, LoopMode, MOST_PINNED, OPACITIES, Pace, SPEEDS, Scene, ViewState, ZOOMS,
};
use crate::view::values::{non_null, set_finite, set_within, text};

impl ViewState {
    /// Merges part of a state, an object as docs/handle.md describes it, into this one.
    ///
    /// A value out of range is clamped and a wrong one ignored; the returned sentences name each. Layers are matched by name. `null` means
    /// "not given", except that it resets limits to estimated ones, and removes a selection, a centre, a floor, steps and the colours
    /// beyond the limits.
    pub fn patch(&mut self, patch: &Json) -> Vec<String> {
        let mut notices = Notices::default();
        match patch {
            Json::Object(patch) => self.merge(patch, &mut notices),
            Json::Null => {}
            other => notices.ignored("state", &text(other), "an object"),
        }
        notices.into_sentences()
    }

    fn merge(&mut self, patch: &[(String, Json)], notices: &mut Notices) {
        if patch.iter().any(|(key, value)| key == "selection" && value.is_null()) {
            self.selection = None;
        }
        // Before the camera, which depends on whether the view is linearised.
        for (_, scene) in non_null(patch).filter(|(key, _)| *key == "scene") {
            self.merge_scene(scene, notices);
        }
        for (key, value) in non_null(patch) {
            match key {
                "scene" => {}
                "pinned" => self.merge_pinned(value, notices),
                "time" => set_finite(&mut self.time, "time", value, notices),
                "camera" => self.merge_camera(value, notices),
                "speed" => set_within(&mut self.speed, "speed", value, &SPEEDS, notices),
                "loop" => match value.as_str().and_then(LoopMode::by_name) {
                    Some(mode) => self.loop_mode = mode,
                    None => notices.ignored("loop", &text(value), "off, all, bounce or selection"),
                },
                "projection" => match value.as_str().and_then(Projection::by_name) {
                    Some(projection) => self.projection = projection,
                    None => notices.ignored("projection", &text(value), "max, mean, last or min"),
                },
                "pace" => match value.as_str().and_then(Pace::by_name) {
                    Some(pace) => self.pace = pace,
                    None => notices.ignored("pace", &text(value), "time or frames"),
                },
                "gaps" => match value.as_str().and_then(Gaps::by_name) {
                    Some(gaps) => self.gaps = gaps,
                    None => notices.ignored("gaps", &text(value), "wait or skip"),
                },
                "selection" => match read_ends(value) {
                    Some(ends) => self.selection = Some(ends),
                    None => notices.ignored("selection", &text(value), "two seconds, first before last"),
                },
                "layers" => match value.as_array() {
                    Some(layers) => layers.iter().for_each(|layer| self.merge_layer(layer, notices)),
                    None => notices.ignored("layers", &text(value), "a list"),
                },
                other => unknown(other, notices),
            }
        }
    }

    fn merge_scene(&mut self, value: &Json, notices: &mut Notices) {
        let Some(patch) = value.as_object() else {
            return notices.ignored("scene", &text(value), "an object");
        };
        let linearised = self.scene.linearised;
        for (key, value) in non_null(patch) {
            if key == "background" {
                set_color(value, key, notices, |color| self.scene.background = color);
                continue;
            }
            let mut switches = Scene::NAMES.iter().zip(self.scene.switches());
            match (switches.find(|((name, _), _)| *name == key), value.as_bool()) {
                (Some((_, switch)), Some(on)) => *switch = on,
                (Some(_), None) => notices.ignored(key, &text(value), "true or false"),
                (None, _) => unknown(key, notices),
            }
        }
        if self.scene.linearised && self.space.linearised.is_none() {
            self.scene.linearised = false;
            notices.add("Ignored linearised: this session's environment is not a track.".to_owned());
        }
        if self.scene.linearised != linearised {
            self.camera = Camera::whole(self.bounds());
        }
    }

    fn merge_pinned(&mut self, value: &Json, notices: &mut Notices) {
        let Some(bins) = value.as_array() else {
            return notices.ignored("pinned", &text(value), "a list of bins");
        };
        let mut pinned = Vec::new();
        for bin in bins {
            match bin.as_u64().filter(|bin| *bin < self.space.bins as u64) {
                Some(bin) if pinned.contains(&(bin as u32)) => {}
                Some(bin) => pinned.push(bin as u32),
                None => {
                    let expected = format!("below {}, one of the session's bins", self.space.bins);
                    notices.ignored("pinned bin", &text(bin), &expected);
                }
            }
        }
        if pinned.len() > MOST_PINNED {
            notices.add(format!("Pinned only the first {MOST_PINNED} of {} bins.", pinned.len()));
            pinned.truncate(MOST_PINNED);
        }
        self.pinned = pinned;
    }

    fn merge_camera(&mut self, value: &Json, notices: &mut Notices) {
        let Some(patch) = value.as_object() else {
            return notices.ignored("camera", &text(value), "an object with x, y, zoom and rotation");
        };
        for (key, value) in non_null(patch) {
            match key {
                "x" => set_finite(&mut self.camera.x, "camera x", value, notices),
                "y" => set_finite(&mut self.camera.y, "camera y", value, notices),
                "zoom" => set_within(&mut self.camera.zoom, "zoom", value, &ZOOMS, notices),
                "rotation" => match value.as_u64().filter(|degrees| matches!(degrees, 0 | 90 | 180 | 270)) {
                    Some(degrees) => self.camera.rotation = degrees as u16,
                    None => notices.ignored("rotation", &text(value), "0, 90, 180 or 270"),
                },
                other => unknown(other, notices),
            }
        }
        let Camera { x, y, .. } = self.camera;
        let [within_x, within_y] = self.camera.reach(self.bounds()).map(|[low, high]| low..=high);
        set_within(&mut self.camera.x, "camera x", &x.into(), &within_x, notices);
        set_within(&mut self.camera.y, "camera y", &y.into(), &within_y, notices);
    }

    /// Moves the camera; centre and zoom are clamped as those of a link. NaN is ignored.
    pub fn move_camera(&mut self, [x, y]: [f64; 2], zoom: f64) {
        let camera = &mut self.camera;
        for (target, value) in [(&mut camera.x, x), (&mut camera.y, y)] {
            if value.is_finite() {
                *target = value;
            }
        }
        if !zoom.is_nan() {
            camera.zoom = clamp(zoom, *ZOOMS.start(), *ZOOMS.end());
        }
        self.keep_camera_within();
    }

    /// Moves the camera's centre to the nearest allowed position.
    fn keep_camera_within(&mut self) {
        let [x, y] = self.camera.reach(self.bounds());
        self.camera.x = clamp(self.camera.x, x[0], x[1]);
        self.camera.y = clamp(self.camera.y, y[0], y[1]);
    }

    fn merge_layer(&mut self, value: &Json, notices: &mut Notices) {
        let Some(patch) = value.as_object() else {
            return notices.ignored("layer", &text(value), "an object with a name");
        };
        let Some(name) = value.get("name").and_then(Json::as_str) else {
            return notices.add("Ignored a layer without a name.".to_owned());
        };
        let Some(layer) = self.layers.iter_mut().find(|layer| layer.name == name) else {
            return notices
                .add(format!("Ignored layer {}: this session has no layer of that name.", quoted(name)));
        };
        layer.merge(patch, notices);
    }
}

impl Layer {
    fn merge(&mut self, patch: &[(String, Json)], notices: &mut Notices) {
        for (key, value) in patch {
            // Null resets some of a coloring's settings.
            if let Look::Field(coloring) = &mut self.look
                && coloring.set(key, value, notices)
            {
                continue;
            }
            match key.as_str() {
                _ if value.is_null() => {}
                "name" | "kind" => {}
                "visible" => match value.as_bool() {
                    Some(visible) => self.visible = visible,
                    None => notices.ignored("visible", &text(value), "true or false"),
                },
                "opacity" => set_within(&mut self.opacity, "opacity", value, &OPACITIES, notices),
                other => unknown(other, notices),
            }
        }
    }
}

/// Two times, the first before the last.
fn read_ends(value: &Json) -> Option<[f64; 2]> {
    let [first, last] = value.as_array()? else { return None };
    let (first, last) = (first.as_f64()?, last.as_f64()?);
    (first.is_finite() && last.is_finite() && first < last).then_some([first, last])
}

fn unknown(key: &str, notices: &mut Notices) {
    notices.add(format!("Ignored {}: there is no such setting.", quoted(key)));
}
