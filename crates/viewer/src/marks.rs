//! Marks that are drawn over the values: borders, pinned bins, regions.

use replayscope_render::{Picture, PositionPass, RegionFill, TrailPoint};
use replayscope_session::environment::{Region, RegionShape};

use crate::viewer::{Open, Viewer};

/// Least width of bins whose borders are drawn, CSS pixels.
const BORDERED: f64 = 6.0;
/// Colour of borders: that of the background, so that bins look separate.
const BORDER: [u8; 4] = [0x14, 0x16, 0x1a, 0xff];
/// Colours and widths of a pinned bin's outline: a light line on a dark one, visible on any colour.
const PIN: [([u8; 3], f64); 2] = [([0x14, 0x16, 0x1a], 4.0), ([0xff, 0xff, 0xff], 2.0)];
/// Widths of a region's outline and of its point, CSS pixels.
const OUTLINE: f64 = 1.5;
const POINT: f64 = 12.0;

impl Viewer {
    /// Adds all marks to a picture; `scale` is pixels per CSS pixel.
    pub(crate) fn add_marks(&self, open: &Open, scale: f64, picture: &mut Picture) {
        if self.state.scene.borders {
            let [x, y] = picture.camera.units_per_pixel;
            let wide = self.size_of_bins(open) / (x * y).sqrt() > BORDERED * scale;
            picture.borders = wide.then_some(BORDER);
        }

        let layers = self.state.layers[open.session.fields.len()..].iter();
        let regions = open.session.environment.regions.iter().zip(layers).enumerate();
        for (i, (region, layer)) in regions.filter(|(_, (_, layer))| layer.visible) {
            // The outline has to be visible where the fill is only a tint.
            let opacity = f64::midpoint(layer.opacity, 1.0) as f32;
            let [r, g, b] = region.color;
            if let Some(point) = self.shown_point(region) {
                let dot = PositionPass {
                    dot: Some(point),
                    opacity,
                    ..line(region.color, POINT * scale, Vec::new())
                };
                picture.overlays.push(dot);
            } else if let RegionShape::Polygon(rings) = &region.shape
                && !self.state.scene.linearised
            {
                picture
                    .fills
                    .push(RegionFill { region: i, color: [r, g, b, (layer.opacity * 255.0).round() as u8] });
                let trail = rings.iter().flat_map(|ring| closed(ring)).collect();
                picture.overlays.push(PositionPass { opacity, ..line(region.color, OUTLINE * scale, trail) });
            }
        }
        for bin in &self.state.pinned {
            let outline = self.polygon(*bin as usize);
            let passes = PIN.map(|(color, width)| line(color, width * scale, closed(&outline)));
            picture.overlays.extend(passes);
        }
    }

    /// Width of the bins as they are shown, in environment units; `None` without a session. See `Environment::bin_size`.
    pub fn bin_size(&self) -> Option<f64> {
        self.open.as_ref().map(|open| self.size_of_bins(open))
    }

    fn size_of_bins(&self, open: &Open) -> f64 {
        let environment = &open.session.environment;
        let sizes = open.bin_sizes.get_or_init(|| [false, true].map(|view| environment.bin_size(view)));
        sizes[usize::from(self.state.scene.linearised)]
    }

    /// The position at which a region's point is shown; `None` for a polygon.
    pub(crate) fn shown_point(&self, region: &Region) -> Option<[f64; 2]> {
        let RegionShape::Point(point) = region.shape else { return None };
        Some(self.session()?.environment.view(self.state.scene.linearised).place(point))
    }

    /// Moves a position and its trail to the linearised track. The trail breaks where it jumps to an edge that is not adjacent.
    pub(crate) fn place(open: &Open, pass: &mut PositionPass) {
        let cells = open.session.environment.view(true);
        let mut before: Option<([f64; 2], [f64; 2])> = None;
        for point in &mut pass.trail {
            let (space, placed) = (point.position, cells.place(point.position));
            if let Some((from_space, from)) = before {
                let moved = ((space[0] - from_space[0]).powi(2) + (space[1] - from_space[1]).powi(2)).sqrt();
                point.breaks |= (placed[0] - from[0]).abs() > 2.0 * moved;
            }
            point.position = placed;
            before = Some((space, placed));
        }
        pass.dot = pass.dot.map(|dot| cells.place(dot));
    }
}

/// A closed ring as the points of a line.
fn closed(ring: &[[f64; 2]]) -> Vec<TrailPoint> {
    let corners = ring.iter().chain(ring.first()).enumerate();
    corners.map(|(i, position)| TrailPoint { position: *position, alpha: 1.0, breaks: i == 0 }).collect()
}

fn line(color: [u8; 3], width: f64, trail: Vec<TrailPoint>) -> PositionPass {
    let width = width as f32;
    PositionPass { color, opacity: 1.0, diameter: width, trail_width: width, trail, dot: None }
}
