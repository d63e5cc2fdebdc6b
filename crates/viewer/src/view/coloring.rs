//! How a field's values become colours: its settings in a state and in a link.

use std::ops::RangeInclusive;

use replayscope_json::{Json, number};
use replayscope_session::colormap::{self, Ends, Palette, Scale, Transform};

use crate::view::notices::Notices;
use crate::view::values::{set_finite, set_within, text};

/// Allowed exponents of the contrast curve.
pub const GAMMAS: RangeInclusive<f64> = 0.2..=2.0;

/// Allowed numbers of colours of a stepped colormap.
pub const STEPS: RangeInclusive<f64> = 2.0..=256.0;

/// Default floor of a logarithmic scale, as a part of the upper limit: four decades, below which a posterior is negligible.
pub const FLOOR: f64 = 1e-4;

/// The default colormap, which is always available.
pub const DEFAULT_COLORMAP: &str = "viridis";
/// Default colour of NaN: a hue that no default colormap has, so that it never reads as a value.
const NO_DATA: [u8; 3] = [0x6b, 0x5b, 0x5b];

/// The colour settings of a field.
#[derive(Debug, Clone, PartialEq)]
pub struct Coloring {
    /// Name of a colormap, one of [`colormap::all`].
    pub colormap: String,
    /// Where the values of the first and the last colour come from.
    pub limits: Limits,
    /// Estimated limits of a link: they replace the viewer's own estimate, so that both sides see the same colours.
    pub linked: Option<[f64; 2]>,
    /// Exponent of the contrast curve, within [`GAMMAS`].
    pub gamma: f64,
    /// Whether the colormap is reversed.
    pub reversed: bool,
    /// Whether the scale is logarithmic, where the upper limit is above zero.
    pub log: bool,
    /// The least value of a logarithmic scale, above zero; `None`: [`FLOOR`] of the upper limit.
    pub floor: Option<f64>,
    /// The value around which the limits are symmetric.
    pub center: Option<f64>,
    /// The number of colours, within [`STEPS`]; `None`: all of the colormap's.
    pub steps: Option<u16>,
    /// Whether opacity rises from 0 at the lower limit to 1 at the upper one.
    pub fade: bool,
    /// Colour of NaN, sRGB.
    pub no_data: [u8; 3],
    /// Colour below the lower limit; `None`: as the first.
    pub under: Option<[u8; 3]>,
    /// Colour above the upper limit; `None`: as the last.
    pub over: Option<[u8; 3]>,
}

/// Where the limits come from.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Limits {
    /// The user's limits, low before high; `None` is estimated.
    Given([Option<f64>; 2]),
    /// The lowest and the highest value of the displayed frame.
    Frame,
}

impl Default for Coloring {
    fn default() -> Self {
        Self {
            colormap: DEFAULT_COLORMAP.to_owned(),
            limits: Limits::Given([None; 2]),
            linked: None,
            gamma: 1.0,
            reversed: false,
            log: false,
            floor: None,
            center: None,
            steps: None,
            fade: false,
            no_data: NO_DATA,
            under: None,
            over: None,
        }
    }
}

/// Names of the settings in a state and in a link, in the order of [`Coloring::values`].
pub(super) const NAMES: [(&str, &str); 12] = [
    ("colormap", "c"),
    ("limits", "r"),
    ("gamma", "g"),
    ("reversed", "rv"),
    ("log", "lg"),
    ("floor", "fl"),
    ("center", "ce"),
    ("steps", "n"),
    ("fade", "fa"),
    ("noData", "nd"),
    ("under", "un"),
    ("over", "ov"),
];

impl Coloring {
    /// The values of all settings, in the order of [`NAMES`].
    pub(super) fn values(&self) -> [Json; NAMES.len()] {
        let number = |number: Option<f64>| number.map_or(Json::Null, Json::Number);
        let color =
            |color: Option<[u8; 3]>| color.map_or(Json::Null, |color| Json::String(colormap::hex(color)));
        let limits = match self.limits {
            Limits::Given([None, None]) => Json::Null,
            Limits::Given(given) => Json::Array(given.map(number).to_vec()),
            Limits::Frame => "frame".into(),
        };
        [
            Json::String(self.colormap.clone()),
            limits,
            self.gamma.into(),
            self.reversed.into(),
            self.log.into(),
            number(self.floor),
            number(self.center),
            number(self.steps.map(f64::from)),
            self.fade.into(),
            color(Some(self.no_data)),
            color(self.under),
            color(self.over),
        ]
    }

    /// Sets the setting of that name; `false` where there is none. Null resets an optional setting and is ignored otherwise.
    pub(super) fn set(&mut self, name: &str, value: &Json, notices: &mut Notices) -> bool {
        let null = value.is_null();
        match name {
            "limits" if null => (self.limits, self.linked) = (Limits::Given([None; 2]), None),
            "floor" if null => self.floor = None,
            "center" if null => self.center = None,
            "steps" if null => self.steps = None,
            "under" if null => self.under = None,
            "over" if null => self.over = None,
            _ if null => return NAMES.iter().any(|(known, _)| *known == name),
            "colormap" => match value.as_str().filter(|name| colormap::all().any(|(known, _)| known == *name)) {
                Some(name) => name.clone_into(&mut self.colormap),
                None => notices.ignored(name, &text(value), "a colormap's name, as viridis, RdBu, cmo.phase or CET_L3"),
            },
            "limits" => match read_limits(value) {
                Some(read) => (self.limits, self.linked) = read,
                None => notices.ignored(
                    name,
                    &text(value),
                    "two finite numbers, low before high, either of them null where it is estimated; both and “auto”, as a link has them; or “frame”",
                ),
            },
            "gamma" => set_within(&mut self.gamma, name, value, &GAMMAS, notices),
            "reversed" => set_flag(&mut self.reversed, name, value, notices),
            "log" => set_flag(&mut self.log, name, value, notices),
            "fade" => set_flag(&mut self.fade, name, value, notices),
            "floor" => match value.as_f64().filter(|floor| (*floor as f32) > 0.0 && floor.is_finite()) {
                Some(floor) => self.floor = Some(floor),
                None => notices.ignored(name, &text(value), "a number above 0"),
            },
            "center" => {
                let mut center = self.center.unwrap_or_default();
                set_finite(&mut center, name, value, notices);
                if value.as_f64().is_some_and(|given| given.to_bits() == center.to_bits()) {
                    self.center = Some(center);
                }
            }
            "steps" => {
                let mut steps = self.steps.map_or(*STEPS.end(), f64::from);
                set_within(&mut steps, name, value, &STEPS, notices);
                if value.as_f64().is_some() {
                    self.steps = Some(steps.round() as u16);
                }
            }
            "noData" => set_color(value, name, notices, |color| self.no_data = color),
            "under" => set_color(value, name, notices, |color| self.under = Some(color)),
            "over" => set_color(value, name, notices, |color| self.over = Some(color)),
            _ => return false,
        }
        true
    }

    /// The colour scale between `limits`, which are finite, low before high.
    pub fn palette(&self, limits: [f32; 2]) -> Palette {
        let opaque = |[red, green, blue]: [u8; 3]| [red, green, blue, 255];
        let ends = Ends {
            under: self.under.map(opaque),
            over: self.over.map(opaque),
            no_data: opaque(self.no_data),
        };
        let scale = Scale::new(limits, self.gamma as f32, self.transform(limits), self.steps.unwrap_or(256));
        let scale = scale.unwrap_or(Scale::UNIT);
        // The default stands in for a colormap that is still being loaded.
        let lut = colormap::lut(&self.colormap)
            .or_else(|| colormap::lut(DEFAULT_COLORMAP))
            .unwrap_or(&[[0; 3]; 256]);
        Palette::new(scale, lut, self.reversed, self.fade, ends)
    }

    /// The scale's transform; linear where the upper limit is not above zero.
    fn transform(&self, [low, high]: [f32; 2]) -> Transform {
        let from = self.floor.unwrap_or(f64::from(high) * FLOOR).max(low.into());
        if self.log && high > 0.0 && from > 0.0 { Transform::Log { from } } else { Transform::Linear }
    }

    /// The limits in force: the user's where they are given, else `estimated` or those of the `frame`; made symmetric around the centre.
    pub fn in_force(&self, estimated: [f64; 2], frame: impl FnOnce() -> Option<[f64; 2]>) -> [f64; 2] {
        let estimated = self.linked.unwrap_or(estimated);
        let limits = match self.limits {
            Limits::Given(given) => replayscope_session::range::with_user_limits(estimated, given),
            Limits::Frame => frame().unwrap_or(estimated),
        };
        match self.center {
            Some(center) => {
                let reach = (limits[1] - center).max(center - limits[0]);
                [center - reach, center + reach]
            }
            None => limits,
        }
    }
}

/// Which of two limits are estimated, as a link and a state mark it: the lower, the upper, both.
const ESTIMATED: [(&str, [bool; 2]); 3] =
    [("auto", [true, true]), ("auto-low", [true, false]), ("auto-high", [false, true])];

impl Coloring {
    /// Both limits as a link carries them, with a mark for the estimated ones; `None` where none is estimated.
    pub(super) fn linked_limits(&self) -> Option<String> {
        let (Limits::Given(given), Some(estimated)) = (self.limits, self.linked) else { return None };
        let (mark, _) = ESTIMATED.iter().find(|(_, which)| given.map(|end| end.is_none()) == *which)?;
        let [low, high] = [0, 1].map(|end| number::text(given[end].unwrap_or(estimated[end])));
        Some(format!("{low},{high},{mark}"))
    }
}

/// A setting's value as text of a link.
pub(super) fn to_link(name: &str, value: &Json) -> String {
    let end = |value: &Json| value.as_f64().map_or_else(|| "auto".to_owned(), number::text);
    match value {
        Json::Null if name == "limits" => "auto".to_owned(),
        Json::Bool(on) => u8::from(*on).to_string(),
        Json::Number(number) => number::text(*number),
        Json::String(text) => text.trim_start_matches('#').to_owned(),
        Json::Array(ends) => ends.iter().map(end).collect::<Vec<_>>().join(","),
        Json::Null | Json::Object(_) => "none".to_owned(),
    }
}

/// The value of a link's text; a text that is no value stays text, which [`Coloring::set`] reports.
pub(super) fn from_link(name: &str, text: &str) -> Json {
    let number = |text: &str| number::parse(text.trim()).map(Json::Number);
    let end = |text: &str| if text == "auto" { Some(Json::Null) } else { number(text) };
    let mark =
        |text: &str| ESTIMATED.iter().find(|(mark, _)| *mark == text).map(|(mark, _)| Json::from(*mark));
    let read = match (name, text) {
        ("limits", "auto") | (_, "none") => Some(Json::Null),
        ("limits", "frame") | ("colormap", _) => None,
        ("limits", _) => match text.splitn(3, ',').collect::<Vec<_>>()[..] {
            [low, high, last] => (|| Some(Json::Array(vec![number(low)?, number(high)?, mark(last)?])))(),
            ref ends => ends.iter().map(|text| end(text)).collect::<Option<_>>().map(Json::Array),
        },
        ("reversed" | "log" | "fade", _) => Some((text != "0").into()),
        ("noData" | "under" | "over", _) => Some(Json::String(format!("#{text}"))),
        _ => number(text),
    };
    read.unwrap_or_else(|| text.into())
}

fn set_flag(flag: &mut bool, what: &str, value: &Json, notices: &mut Notices) {
    match value.as_bool() {
        Some(on) => *flag = on,
        None => notices.ignored(what, &text(value), "true or false"),
    }
}

pub(super) fn set_color(value: &Json, what: &str, notices: &mut Notices, set: impl FnOnce([u8; 3])) {
    match value.as_str().and_then(colormap::rgb) {
        Some(color) => set(color),
        None => notices.ignored(what, &text(value), "a colour as #0072b2"),
    }
}

/// Reads limits, which must differ as float32 (as the GPU gets them), and a link's estimates. `None` where they are wrong.
fn read_limits(value: &Json) -> Option<(Limits, Option<[f64; 2]>)> {
    if value.as_str() == Some("frame") {
        return Some((Limits::Frame, None));
    }
    if let [low, high, mark] = value.as_array()? {
        let (_, which) = ESTIMATED.iter().find(|(name, _)| mark.as_str() == Some(*name))?;
        let ends = [low.as_f64()?, high.as_f64()?];
        let finite = ends.iter().all(|end| (*end as f32).is_finite());
        let given = [0, 1].map(|end| (!which[end]).then_some(ends[end]));
        return (finite && (ends[0] as f32) < (ends[1] as f32)).then_some((Limits::Given(given), Some(ends)));
    }
    let [low, high] = value.as_array()? else { return None };
    let end = |end: &Json| match end {
        Json::Null => Some(None),
        Json::Number(number) if (*number as f32).is_finite() => Some(Some(*number)),
        _ => None,
    };
    let (low, high) = (end(low)?, end(high)?);
    let ordered = low.zip(high).is_none_or(|(low, high)| (low as f32) < (high as f32));
    ordered.then_some((Limits::Given([low, high]), None))
}
