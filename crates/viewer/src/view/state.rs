//! Everything a link carries: time, camera, playback, and how each layer looks.
//!
//! A state changes in one way, by [`ViewState::patch`]: from JavaScript, from a link, from the page's controls.

use std::ops::RangeInclusive;

use replayscope_session::colormap;
use replayscope_session::environment::Bounds;
use replayscope_session::projection::Projection;
use serde::ser::SerializeStruct;
use serde::{Serialize, Serializer};

use crate::view::coloring::{Coloring, NAMES};

/// Session seconds a wall second.
pub const SPEEDS: RangeInclusive<f64> = 1.0 / 64.0..=64.0;

/// Zoom 1 shows the whole environment: there is nothing more to see from farther away.
pub const ZOOMS: RangeInclusive<f64> = 1.0..=1e6;

/// 0 is invisible.
pub const OPACITIES: RangeInclusive<f64> = 0.0..=1.0;

/// More pinned bins than this are left out.
pub const MOST_PINNED: usize = 64;

/// What is asked for. As JSON, the object that docs/handle.md describes.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ViewState {
    /// Seconds, of the requested frame.
    pub time: f64,
    /// What part of the environment is shown.
    pub camera: Camera,
    /// What is shown with it.
    pub scene: Scene,
    /// Bins with an outline, in the order they were pinned; each once, at most [`MOST_PINNED`].
    pub pinned: Vec<u32>,
    /// Session seconds a wall second, within [`SPEEDS`].
    pub speed: f64,
    /// What happens at the end.
    #[serde(rename = "loop")]
    pub loop_mode: LoopMode,
    /// What a picture of several data frames shows.
    pub projection: Projection,
    /// By what playback goes on.
    pub pace: Pace,
    /// What playback does with stretches without frames.
    pub gaps: Gaps,
    /// A range of time, in seconds, first before last; [`LoopMode::Selection`] plays it.
    pub selection: Option<[f64; 2]>,
    /// Bottom to top; names are unique.
    pub layers: Vec<Layer>,
    /// Of the session: how many bins there are, and the box around them in space and, where there is one, side by side.
    #[serde(skip)]
    pub space: Space,
}

/// What a session's bins are to a view of it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Space {
    /// How many there are.
    pub bins: usize,
    /// The box around them.
    pub bounds: Bounds,
    /// The box around the bins of a track side by side.
    pub linearised: Option<Bounds>,
}

/// What is shown around and on the bins.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[allow(clippy::struct_excessive_bools, reason = "five switches, each its own")]
pub struct Scene {
    /// Behind everything and where there is no bin, sRGB.
    #[serde(serialize_with = "as_hex")]
    pub background: [u8; 3],
    /// A thin line around each bin, where bins are large enough.
    pub borders: bool,
    /// Axes with ticks.
    pub axes: bool,
    /// A scale bar.
    pub scale_bar: bool,
    /// A track's bins side by side.
    pub linearised: bool,
    /// Each axis fits the picture by itself; else a unit is as long in x as in y.
    pub fit_axes: bool,
}

/// Behind everything, unless it is told: dark, as most colormaps begin.
pub const BACKGROUND: [u8; 3] = [0x14, 0x16, 0x1a];

impl Default for Scene {
    fn default() -> Self {
        let (borders, axes, linearised, fit_axes) = (false, false, false, false);
        Self { background: BACKGROUND, borders, axes, scale_bar: true, linearised, fit_axes }
    }
}

impl Scene {
    /// Names in a state and in a link, and the switches, in the same order.
    pub const NAMES: [(&str, &str); 5] =
        [("borders", "bb"), ("axes", "ax"), ("scaleBar", "sb"), ("linearised", "ln"), ("fitAxes", "fx")];

    /// The switches.
    pub fn switches(&mut self) -> [&mut bool; 5] {
        let Self { borders, axes, scale_bar, linearised, fit_axes, .. } = self;
        [borders, axes, scale_bar, linearised, fit_axes]
    }
}

/// What part of the environment is shown.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Camera {
    /// Centre of the view, in the environment's units; never so far outside that nothing of the environment is in view.
    pub x: f64,
    /// As `x`.
    pub y: f64,
    /// 1 shows the whole environment; within [`ZOOMS`].
    pub zoom: f64,
    /// Degrees by which the picture is turned counter-clockwise: 0, 90, 180 or 270.
    pub rotation: u16,
}

/// What playback does at the end of the session.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum LoopMode {
    /// It stops.
    #[default]
    Off,
    /// It starts again.
    All,
    /// It turns back.
    Bounce,
    /// It plays the selected range over and over; without one it stops at the end.
    Selection,
}

/// By what playback goes on.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Pace {
    /// By the time on the wall: a picture covers all frames since the last one.
    #[default]
    Time,
    /// By frames: a picture is the next frame alone, however long it takes to come.
    Frames,
}

/// What playback does with a stretch without frames.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Gaps {
    /// It takes its time; the last frame before it stays.
    #[default]
    Wait,
    /// It goes on with the next frame at once.
    Skip,
}

/// One layer of the picture.
#[derive(Debug, Clone, PartialEq)]
pub struct Layer {
    /// Name of the field or overlay.
    pub name: String,
    /// Whether it is drawn.
    pub visible: bool,
    /// Within [`OPACITIES`].
    pub opacity: f64,
    /// What only its kind has.
    pub look: Look,
}

/// What only one kind of layer has.
#[derive(Debug, Clone, PartialEq)]
pub enum Look {
    /// Values of bins as colours.
    Field(Coloring),
    /// A dot with its trail.
    Position,
    /// A named place of the environment.
    Region,
}

impl ViewState {
    /// The whole environment at a time, at speed 1.
    pub fn new(time: f64, space: Space, layers: Vec<Layer>) -> Self {
        Self {
            time,
            camera: Camera::whole(space.bounds),
            scene: Scene::default(),
            pinned: Vec::new(),
            space,
            speed: 1.0,
            loop_mode: LoopMode::Off,
            projection: Projection::default(),
            pace: Pace::default(),
            gaps: Gaps::default(),
            selection: None,
            layers,
        }
    }

    /// The box around the bins as they are shown.
    pub fn bounds(&self) -> Bounds {
        self.space.linearised.filter(|_| self.scene.linearised).unwrap_or(self.space.bounds)
    }

    /// How the field of that number is coloured; fields are the first layers.
    pub fn coloring(&self, field: usize) -> Option<&Coloring> {
        match &self.layers.get(field)?.look {
            Look::Field(coloring) => Some(coloring),
            Look::Position | Look::Region => None,
        }
    }

    /// Gives a visible field the limits that were estimated for it, as a link carries them; those of an earlier link stay.
    pub fn link_limits(&mut self, field: usize, estimated: Option<[f64; 2]>) {
        if let Some(Layer { visible: true, look: Look::Field(coloring), .. }) = self.layers.get_mut(field) {
            coloring.linked = coloring.linked.or(estimated);
        }
    }

    /// Whether a layer has a colormap that is known by name alone.
    pub fn lacks_colormap(&self) -> bool {
        let mut colorings = (0..self.layers.len()).filter_map(|layer| self.coloring(layer));
        colorings.any(|coloring| colormap::lut(&coloring.colormap).is_none())
    }

    /// The layer of a name.
    pub fn layer(&self, name: &str) -> Option<&Layer> {
        self.layers.iter().find(|layer| layer.name == name)
    }
}

impl Camera {
    /// Shows the whole environment.
    pub fn whole(Bounds { x, y }: Bounds) -> Self {
        Self { x: f64::midpoint(x[0], x[1]), y: f64::midpoint(y[0], y[1]), zoom: 1.0, rotation: 0 }
    }

    /// From where to where its centre may be, in x and in y. At least 1 / zoom of each axis is in view: from up to half of that
    /// outside the environment its edge can still be seen.
    pub fn reach(&self, Bounds { x, y }: Bounds) -> [[f64; 2]; 2] {
        [x, y].map(|[low, high]| {
            let beyond = (high - low) / self.zoom / 2.0;
            [low - beyond, high + beyond]
        })
    }

    /// Quarter turns of the picture, counter-clockwise.
    pub fn turns(&self) -> u8 {
        (self.rotation / 90) as u8
    }
}

impl LoopMode {
    /// All modes, by their names in a state and in a link.
    pub const NAMES: [(&str, Self); 4] =
        [("off", Self::Off), ("all", Self::All), ("bounce", Self::Bounce), ("selection", Self::Selection)];

    /// Its name in a state and in a link.
    pub fn name(self) -> &'static str {
        match self {
            Self::Off => "off",
            Self::All => "all",
            Self::Bounce => "bounce",
            Self::Selection => "selection",
        }
    }

    /// The mode of a name.
    pub fn by_name(name: &str) -> Option<Self> {
        Self::NAMES.into_iter().find(|(known, _)| *known == name).map(|(_, mode)| mode)
    }
}

impl Pace {
    /// Both, by their names in a state and in a link.
    pub const NAMES: [(&str, Self); 2] = [("time", Self::Time), ("frames", Self::Frames)];

    /// Its name in a state and in a link.
    pub fn name(self) -> &'static str {
        Self::NAMES[self as usize].0
    }

    /// The pace of a name.
    pub fn by_name(name: &str) -> Option<Self> {
        Self::NAMES.into_iter().find(|(known, _)| *known == name).map(|(_, pace)| pace)
    }
}

impl Gaps {
    /// Both, by their names in a state and in a link.
    pub const NAMES: [(&str, Self); 2] = [("wait", Self::Wait), ("skip", Self::Skip)];

    /// Its name in a state and in a link.
    pub fn name(self) -> &'static str {
        Self::NAMES[self as usize].0
    }

    /// What a name means.
    pub fn by_name(name: &str) -> Option<Self> {
        Self::NAMES.into_iter().find(|(known, _)| *known == name).map(|(_, gaps)| gaps)
    }
}

impl Layer {
    /// A field with estimated limits.
    pub fn field(name: &str) -> Self {
        Self { name: name.to_owned(), visible: true, opacity: 1.0, look: Look::Field(Coloring::default()) }
    }

    /// A position overlay.
    pub fn position(name: &str) -> Self {
        Self { name: name.to_owned(), visible: true, opacity: 1.0, look: Look::Position }
    }

    /// A region of the environment, translucent.
    pub fn region(name: &str) -> Self {
        Self { name: name.to_owned(), visible: true, opacity: 0.3, look: Look::Region }
    }
}

impl Serialize for Layer {
    // By hand: a flattened enum would become a map, which is no plain object in JavaScript.
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let fields = if let Look::Field(_) = self.look { 4 + NAMES.len() } else { 4 };
        let mut layer = serializer.serialize_struct("Layer", fields)?;
        layer.serialize_field("name", &self.name)?;
        let kind = match self.look {
            Look::Field(_) => "field",
            Look::Position => "position",
            Look::Region => "region",
        };
        layer.serialize_field("kind", kind)?;
        layer.serialize_field("visible", &self.visible)?;
        layer.serialize_field("opacity", &self.opacity)?;
        if let Look::Field(coloring) = &self.look {
            for ((name, _), value) in NAMES.iter().zip(coloring.values()) {
                layer.serialize_field(name, &value)?;
            }
        }
        layer.end()
    }
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde's signature")]
fn as_hex<S: Serializer>(color: &[u8; 3], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&colormap::hex(*color))
}
