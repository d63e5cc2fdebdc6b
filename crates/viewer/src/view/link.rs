//! A state as the fragment of a link: `t=12.5&v=1&c=50,50,2&l=posterior;c:magma;r:0,0.5`.
//!
//! | key | value |
//! |---|---|
//! | `t` | time in seconds, always present, so that a link survives re-chunking |
//! | `v` | version of the link |
//! | `c` | camera: x, y, zoom |
//! | `ro` | rotation of the camera in degrees |
//! | `bb` `ax` `sb` `ln` `fx` | borders, axes, scale bar, linearised, each axis fits by itself: 1 or 0 |
//! | `bg` | background, rrggbb |
//! | `pin` | pinned bins |
//! | `s` | speed |
//! | `lp` | loop |
//! | `pj` | projection |
//! | `pc` | pace |
//! | `gp` | gaps |
//! | `sel` | selection: first and last second, or `none` |
//! | `l` | one layer: its name, then `o:` opacity, `h` hidden or `h:0` not, and of a field: |
//! | `c:` | colormap |
//! | `r:` | limits; estimated ones too, and then `auto`, `auto-low` or `auto-high` as the third; or `frame` |
//! | `g:` | gamma |
//! | `rv:` `lg:` `fa:` | reversed, logarithmic, opacity from value: 1 or 0 |
//! | `fl:` `ce:` `n:` | floor of a logarithmic scale, centre, steps, or `none` |
//! | `nd:` `un:` `ov:` | colours of NaN, below and above the limits: rrggbb; the last two may be `none` |
//!
//! The colormap and the limits of a visible field are always present: their defaults depend on where the link is opened. Any other
//! key that is missing keeps the value that the session opens with. A limit may also be `auto`: it is estimated.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use replayscope_json::{Json, number};
use replayscope_session::colormap;

use crate::view::coloring::{self, NAMES};
use crate::view::notices::{Notices, quoted};
use crate::view::state::{Camera, Layer, Look, Scene, ViewState};

/// The version of links that this program writes, and the newest that it reads.
pub const LINK_VERSION: u32 = 1;

/// Most bytes of a fragment, more than any state needs; longer ones are cut.
const MOST_BYTES: usize = 64 << 10;

/// Characters of a name that are percent-encoded; `;`, `:`, `,` and `&` are separators here.
const NAME: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');

impl ViewState {
    /// The fragment of a link to this state, without `#`. `defaults` is the state that the session starts with:
    /// only what differs from it is written, and the time.
    ///
    /// `defaults.patch(&from_fragment(..).0)` is this state again, to the last bit of each number.
    pub fn to_fragment(&self, defaults: &Self) -> String {
        let mut parts = vec![format!("t={}", number::text(self.time)), format!("v={LINK_VERSION}")];
        // The linearised view has a camera of its own.
        let same_view = self.scene.linearised == defaults.scene.linearised;
        let usual = if same_view { defaults.camera } else { Camera::whole(self.bounds()) };
        if self.camera != (Camera { rotation: self.camera.rotation, ..usual }) {
            let camera = [self.camera.x, self.camera.y, self.camera.zoom].map(number::text);
            parts.push(format!("c={}", camera.join(",")));
        }
        if self.camera.rotation != usual.rotation {
            parts.push(format!("ro={}", self.camera.rotation));
        }
        let (mut scene, mut usual) = (self.scene, defaults.scene);
        for ((_, key), (on, usual)) in
            Scene::NAMES.iter().zip(scene.switches().into_iter().zip(usual.switches()))
        {
            if on != usual {
                parts.push(format!("{key}={}", u8::from(*on)));
            }
        }
        if self.scene.background != defaults.scene.background {
            parts.push(format!("bg={}", colormap::hex(self.scene.background).trim_start_matches('#')));
        }
        if self.pinned != defaults.pinned {
            let pinned: Vec<String> = self.pinned.iter().map(u32::to_string).collect();
            parts.push(format!("pin={}", pinned.join(",")));
        }
        if differ(self.speed, defaults.speed) {
            parts.push(format!("s={}", number::text(self.speed)));
        }
        if self.loop_mode != defaults.loop_mode {
            parts.push(format!("lp={}", self.loop_mode.name()));
        }
        if self.projection != defaults.projection {
            parts.push(format!("pj={}", self.projection.name()));
        }
        if self.pace != defaults.pace {
            parts.push(format!("pc={}", self.pace.name()));
        }
        if self.gaps != defaults.gaps {
            parts.push(format!("gp={}", self.gaps.name()));
        }
        if self.selection != defaults.selection {
            let selection = self.selection.map(|ends| ends.map(number::text).join(","));
            parts.push(format!("sel={}", selection.as_deref().unwrap_or("none")));
        }
        let layers = self.layers.iter().filter_map(|layer| layer.to_link(defaults.layer(&layer.name)));
        parts.extend(layers.map(|layer| format!("l={layer}")));
        parts.join("&")
    }
}

impl Layer {
    /// The settings that differ from `default`; `None` when none does.
    fn to_link(&self, default: Option<&Self>) -> Option<String> {
        let mut parts = vec![utf8_percent_encode(&self.name, NAME).to_string()];
        if let Look::Field(coloring) = &self.look {
            let usual = match default.map(|layer| &layer.look) {
                Some(Look::Field(usual)) => Some(usual.values()),
                _ => None,
            };
            let linked = coloring.linked_limits();
            for (place, ((name, key), value)) in NAMES.iter().zip(coloring.values()).enumerate() {
                let shared = self.visible && (*name == "colormap" || *name == "limits" && !value.is_null());
                match &linked {
                    Some(limits) if *name == "limits" => parts.push(format!("{key}:{limits}")),
                    _ if shared || usual.as_ref().is_none_or(|usual| usual[place] != value) => {
                        parts.push(format!("{key}:{}", coloring::to_link(name, &value)));
                    }
                    _ => {}
                }
            }
        }
        if default.is_none_or(|usual| differ(self.opacity, usual.opacity)) {
            parts.push(format!("o:{}", number::text(self.opacity)));
        }
        if default.is_none_or(|usual| self.visible != usual.visible) {
            parts.push(if self.visible { "h:0" } else { "h" }.to_owned());
        }
        (parts.len() > 1).then(|| parts.join(";"))
    }
}

/// Reads the fragment of a link, with or without `#`, into a patch for [`ViewState::patch`].
///
/// Returns the patch and a sentence for each part that was ignored; any text is accepted.
pub fn from_fragment(fragment: &str) -> (Json, Vec<String>) {
    let mut notices = Notices::default();
    let mut fragment = fragment.trim().trim_start_matches(['#', '?']);
    if fragment.len() > MOST_BYTES {
        notices.add("The link is too long: its end was ignored.".to_owned());
        fragment = &fragment[..fragment.floor_char_boundary(MOST_BYTES)];
    }
    let (mut patch, mut layers) = (Vec::new(), Vec::new());
    let (mut camera, mut scene) = (Vec::new(), Vec::new());
    for part in fragment.split('&').filter(|part| !part.is_empty()) {
        let (key, value) = part.split_once('=').unwrap_or((part, ""));
        if key == "l" {
            layers.push(read_layer(value, &mut notices));
            continue;
        }
        // Mail programs and chats may have escaped commas.
        let value = &*decode(value);
        match key {
            "t" => {
                put(&mut patch, "time", number(value), (value, "a number of seconds"), &mut notices);
            }
            "v" => read_version(value, &mut notices),
            "c" => match numbers(value) {
                Some([x, y, zoom]) => {
                    camera.extend(
                        [("x", x), ("y", y), ("zoom", zoom)].map(|(key, at)| (key.to_owned(), at.into())),
                    );
                }
                None => notices.ignored("camera", value, "x,y,zoom"),
            },
            "ro" => put(&mut camera, "rotation", number(value), (value, "degrees"), &mut notices),
            "pin" => {
                let bins: Option<Vec<Json>> =
                    value.split(',').filter(|bin| !bin.is_empty()).map(number).collect();
                put(&mut patch, "pinned", bins.map(Json::Array), (value, "bins"), &mut notices);
            }
            "s" => put(&mut patch, "speed", number(value), (value, "a number"), &mut notices),
            "lp" => patch.push(("loop".to_owned(), value.into())),
            "pj" => patch.push(("projection".to_owned(), value.into())),
            "pc" => patch.push(("pace".to_owned(), value.into())),
            "gp" => patch.push(("gaps".to_owned(), value.into())),
            "sel" if value == "none" => patch.push(("selection".to_owned(), Json::Null)),
            "sel" => {
                let ends = numbers(value).map(|ends: [f64; 2]| Json::from(&ends[..]));
                put(&mut patch, "selection", ends, (value, "first,last second or none"), &mut notices);
            }
            "bg" => scene.push(("background".to_owned(), Json::String(format!("#{value}")))),
            other => match Scene::NAMES.iter().find(|(_, key)| *key == other) {
                Some((name, _)) => scene.push(((*name).to_owned(), (value != "0").into())),
                None => {
                    notices.add(format!("Ignored {} in the link: there is no such setting.", quoted(other)));
                }
            },
        }
    }
    for (key, part) in [("camera", camera), ("scene", scene)] {
        if !part.is_empty() {
            patch.push((key.to_owned(), Json::Object(part)));
        }
    }
    if !layers.is_empty() {
        patch.push(("layers".to_owned(), Json::Array(layers)));
    }
    (Json::Object(patch), notices.into_sentences())
}

fn read_version(value: &str, notices: &mut Notices) {
    match value.parse::<u32>() {
        Ok(version) if version > LINK_VERSION => notices.add(format!(
            "The link is of version {version} and this viewer reads {LINK_VERSION}: parts of it may be missing."
        )),
        Ok(_) => {}
        Err(_) => notices.ignored("link version", value, "a whole number"),
    }
}

fn read_layer(value: &str, notices: &mut Notices) -> Json {
    let mut parts = value.split(';');
    let name = decode(parts.next().unwrap_or_default());
    let mut layer = Vec::new();
    layer.push(("name".to_owned(), Json::String(name)));
    for part in parts.filter(|part| !part.is_empty()) {
        let (key, value) = part.split_once(':').unwrap_or((part, ""));
        let value = &*decode(value);
        match key {
            "o" => put(&mut layer, "opacity", number(value), (value, "a number"), notices),
            "h" => layer.push(("visible".to_owned(), (value == "0").into())),
            other => match NAMES.iter().find(|(_, key)| *key == other) {
                Some((name, _)) => layer.push(((*name).to_owned(), coloring::from_link(name, value))),
                None => notices.add(format!(
                    "Ignored {} of a layer in the link: there is no such setting.",
                    quoted(other)
                )),
            },
        }
    }
    Json::Object(layer)
}

/// Adds a value to the patch; a notice says what was given and what is expected where it could not be read.
fn put(
    patch: &mut Vec<(String, Json)>,
    key: &str,
    value: Option<Json>,
    (given, expected): (&str, &str),
    notices: &mut Notices,
) {
    match value {
        Some(value) => patch.push((key.to_owned(), value)),
        None => notices.ignored(key, given, expected),
    }
}

fn number(text: &str) -> Option<Json> {
    let [number] = numbers(text)?;
    Some(Json::Number(number))
}

/// Exactly `N` finite numbers between commas.
fn numbers<const N: usize>(text: &str) -> Option<[f64; N]> {
    let number = |part: &str| number::parse(part.trim()).filter(|number| number.is_finite());
    let numbers: Option<Vec<f64>> = text.split(',').map(number).collect();
    numbers?.try_into().ok()
}

fn decode(text: &str) -> String {
    percent_decode_str(text).decode_utf8_lossy().into_owned()
}

/// Whether two numbers differ, even only in their last bit.
fn differ(a: f64, b: f64) -> bool {
    a.to_bits() != b.to_bits()
}
