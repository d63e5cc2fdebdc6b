//! The view state, which a link carries: time, camera, playback, and how each layer looks.
//!
//! JavaScript, a link and the page's controls change it by [`ViewState::patch`].

use std::ops::RangeInclusive;

use replayscope_session::colormap;
use replayscope_session::environment::Bounds;
use replayscope_session::projection::Projection;
use serde::ser::SerializeStruct;
use serde::{Serialize, Serializer};

use crate::view::coloring::{Coloring, NAMES};

/// Allowed speeds: session seconds per second of wall time.
pub const SPEEDS: RangeInclusive<f64> = 1.0 / 64.0..=64.0;

/// Allowed zooms; zoom 1 shows the whole environment.
pub const ZOOMS: RangeInclusive<f64> = 1.0..=1e6;

/// Allowed opacities; 0 is invisible.
pub const OPACITIES: RangeInclusive<f64> = 0.0..=1.0;

/// Most pinned bins; more are left out.
pub const MOST_PINNED: usize = 64;

/// The requested view. As JSON, it is the object that docs/handle.md describes.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ViewState {
    /// Time of the requested frame in seconds.
    pub time: f64,
    /// The part of the environment that is shown.
    pub camera: Camera,
    /// What is drawn around and over the bins.
    pub scene: Scene,
    /// Bins with an outline, in the order they were pinned; each once, at most [`MOST_PINNED`].
    pub pinned: Vec<u32>,
    /// Playback speed: session seconds per second of wall time, within [`SPEEDS`].
    pub speed: f64,
    /// What playback does at the end.
    #[serde(rename = "loop")]
    pub loop_mode: LoopMode,
    /// How a picture combines several data frames.
    pub projection: Projection,
    /// Whether playback advances by time or by frames.
    pub pace: Pace,
    /// What playback does in intervals without frames.
    pub gaps: Gaps,
    /// The selected interval in seconds, first before last; [`LoopMode::Selection`] plays it.
    pub selection: Option<[f64; 2]>,
    /// The layers, bottom to top, with unique names.
    pub layers: Vec<Layer>,
    /// The session's bins, against which values are checked; not part of a link.
    #[serde(skip)]
    pub space: Space,
}

/// Number and extent of a session's bins.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Space {
    /// The number of bins.
    pub bins: usize,
    /// The bounding box of the bins in space, environment units.
    pub bounds: Bounds,
    /// The bounding box of a track's linearised bins; `None` without a track.
    pub linearised: Option<Bounds>,
}

/// What is drawn around and over the bins.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[allow(clippy::struct_excessive_bools, reason = "five switches, each its own")]
pub struct Scene {
    /// Background colour, also where there is no bin; sRGB.
    #[serde(serialize_with = "as_hex")]
    pub background: [u8; 3],
    /// Whether a thin line surrounds each bin, where bins are large enough.
    pub borders: bool,
    /// Whether axes with ticks are shown.
    pub axes: bool,
    /// Whether a scale bar is shown.
    pub scale_bar: bool,
    /// Whether a track's bins are shown side by side.
    pub linearised: bool,
    /// Whether each axis is scaled to fit the picture; otherwise a unit is as long in x as in y.
    pub fit_axes: bool,
}

/// Default background: dark, as most colormaps begin.
pub const BACKGROUND: [u8; 3] = [0x14, 0x16, 0x1a];

impl Default for Scene {
    fn default() -> Self {
        let (borders, axes, linearised, fit_axes) = (false, false, false, false);
        Self { background: BACKGROUND, borders, axes, scale_bar: true, linearised, fit_axes }
    }
}

impl Scene {
    /// Names of the switches in a state and in a link, in the order of [`Scene::switches`].
    pub const NAMES: [(&str, &str); 5] =
        [("borders", "bb"), ("axes", "ax"), ("scaleBar", "sb"), ("linearised", "ln"), ("fitAxes", "fx")];

    /// The switches, in the order of [`Scene::NAMES`].
    pub fn switches(&mut self) -> [&mut bool; 5] {
        let Self { borders, axes, scale_bar, linearised, fit_axes, .. } = self;
        [borders, axes, scale_bar, linearised, fit_axes]
    }
}

/// The part of the environment that is shown.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Camera {
    /// Centre of the view in environment units, within [`Camera::reach`].
    pub x: f64,
    /// Centre of the view in environment units, within [`Camera::reach`].
    pub y: f64,
    /// Magnification, within [`ZOOMS`]; 1 shows the whole environment.
    pub zoom: f64,
    /// Rotation of the picture in degrees, counter-clockwise: 0, 90, 180 or 270.
    pub rotation: u16,
}

/// What playback does at the end.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum LoopMode {
    /// Playback stops.
    #[default]
    Off,
    /// Playback starts again.
    All,
    /// Playback reverses its direction.
    Bounce,
    /// Playback repeats the selected interval; without one, playback stops at the end.
    Selection,
}

/// Whether playback advances by time or by frames.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Pace {
    /// By wall time: a picture covers all frames since the last one.
    #[default]
    Time,
    /// By frames: a picture is the next frame alone, however long its load takes.
    Frames,
}

/// What playback does in an interval without frames.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Gaps {
    /// Playback runs through the interval; the last frame before it stays on screen.
    #[default]
    Wait,
    /// Playback continues with the next frame at once.
    Skip,
}

/// One layer of the picture.
#[derive(Debug, Clone, PartialEq)]
pub struct Layer {
    /// Name of the field or overlay.
    pub name: String,
    /// Whether the layer is drawn.
    pub visible: bool,
    /// Opacity, within [`OPACITIES`].
    pub opacity: f64,
    /// The kind of the layer, with the settings of that kind.
    pub look: Look,
}

/// The kind of a layer, with the settings of that kind.
#[derive(Debug, Clone, PartialEq)]
pub enum Look {
    /// A field: values of bins as colours.
    Field(Coloring),
    /// A position overlay: a dot with its trail.
    Position,
    /// A region of the environment.
    Region,
}

impl ViewState {
    /// The state that shows the whole environment at `time` seconds, at speed 1.
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

    /// The bounding box of the bins as they are shown, environment units.
    pub fn bounds(&self) -> Bounds {
        self.space.linearised.filter(|_| self.scene.linearised).unwrap_or(self.space.bounds)
    }

    /// The colour settings of the field of that index; fields are the first layers.
    pub fn coloring(&self, field: usize) -> Option<&Coloring> {
        match &self.layers.get(field)?.look {
            Look::Field(coloring) => Some(coloring),
            Look::Position | Look::Region => None,
        }
    }

    /// Sets the estimated limits of a visible field for a link; those of an earlier link stay.
    pub fn link_limits(&mut self, field: usize, estimated: Option<[f64; 2]>) {
        if let Some(Layer { visible: true, look: Look::Field(coloring), .. }) = self.layers.get_mut(field) {
            coloring.linked = coloring.linked.or(estimated);
        }
    }

    /// Whether a layer's colormap is one that is loaded on demand and not loaded yet.
    pub fn lacks_colormap(&self) -> bool {
        let mut colorings = (0..self.layers.len()).filter_map(|layer| self.coloring(layer));
        colorings.any(|coloring| colormap::lut(&coloring.colormap).is_none())
    }

    /// The layer of that name.
    pub fn layer(&self, name: &str) -> Option<&Layer> {
        self.layers.iter().find(|layer| layer.name == name)
    }
}

impl Camera {
    /// The camera that shows the whole environment.
    pub fn whole(Bounds { x, y }: Bounds) -> Self {
        Self { x: f64::midpoint(x[0], x[1]), y: f64::midpoint(y[0], y[1]), zoom: 1.0, rotation: 0 }
    }

    /// The allowed range of the centre in x and in y. The view spans 1 / zoom of each axis: up to half of that outside the environment
    /// its edge is still in view.
    pub fn reach(&self, Bounds { x, y }: Bounds) -> [[f64; 2]; 2] {
        [x, y].map(|[low, high]| {
            let beyond = (high - low) / self.zoom / 2.0;
            [low - beyond, high + beyond]
        })
    }

    /// The rotation in quarter turns, counter-clockwise.
    pub fn turns(&self) -> u8 {
        (self.rotation / 90) as u8
    }
}

impl LoopMode {
    /// All modes with their names in a state and in a link.
    pub const NAMES: [(&str, Self); 4] =
        [("off", Self::Off), ("all", Self::All), ("bounce", Self::Bounce), ("selection", Self::Selection)];

    /// The name in a state and in a link.
    pub fn name(self) -> &'static str {
        match self {
            Self::Off => "off",
            Self::All => "all",
            Self::Bounce => "bounce",
            Self::Selection => "selection",
        }
    }

    /// The mode of that name.
    pub fn by_name(name: &str) -> Option<Self> {
        Self::NAMES.into_iter().find(|(known, _)| *known == name).map(|(_, mode)| mode)
    }
}

impl Pace {
    /// Both variants with their names in a state and in a link.
    pub const NAMES: [(&str, Self); 2] = [("time", Self::Time), ("frames", Self::Frames)];

    /// The name in a state and in a link.
    pub fn name(self) -> &'static str {
        Self::NAMES[self as usize].0
    }

    /// The pace of that name.
    pub fn by_name(name: &str) -> Option<Self> {
        Self::NAMES.into_iter().find(|(known, _)| *known == name).map(|(_, pace)| pace)
    }
}

impl Gaps {
    /// Both variants with their names in a state and in a link.
    pub const NAMES: [(&str, Self); 2] = [("wait", Self::Wait), ("skip", Self::Skip)];

    /// The name in a state and in a link.
    pub fn name(self) -> &'static str {
        Self::NAMES[self as usize].0
    }

    /// The variant of that name.
    pub fn by_name(name: &str) -> Option<Self> {
        Self::NAMES.into_iter().find(|(known, _)| *known == name).map(|(_, gaps)| gaps)
    }
}

impl Layer {
    /// The layer of a field, visible, with estimated limits.
    pub fn field(name: &str) -> Self {
        Self { name: name.to_owned(), visible: true, opacity: 1.0, look: Look::Field(Coloring::default()) }
    }

    /// The layer of a position overlay, visible.
    pub fn position(name: &str) -> Self {
        Self { name: name.to_owned(), visible: true, opacity: 1.0, look: Look::Position }
    }

    /// The layer of a region, visible and translucent.
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
