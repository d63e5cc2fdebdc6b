//! From a pixel to a bin, and from a position to a pixel.

use serde::Serialize;

use crate::frame_request::{Rows, needed_fields};
use crate::viewer::Viewer;

/// The bin, value and regions at a point of the canvas.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Probe {
    /// Position in environment units, as shown.
    pub x: f64,
    /// Position in environment units, as shown.
    pub y: f64,
    /// The bin at the point.
    pub bin: Option<usize>,
    /// The bin's centre in environment units.
    pub center: Option<[f64; 2]>,
    /// The bin's value in the top visible field of the frame on screen; `None` where its chunk is not in the cache.
    pub value: Option<f32>,
    /// Names of the visible regions at the point, the top one first.
    pub regions: Vec<String>,
}

/// One bin of the frame on screen.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct BinInfo {
    /// The bin's index.
    pub bin: usize,
    /// The bin's centre as shown, environment units; NaN where it has none.
    pub center: [f64; 2],
    /// The bin's value, as in [`Probe::value`].
    pub value: Option<f32>,
}

/// Largest distance to a region's point that counts as on it, CSS pixels.
const ON_POINT: f64 = 8.0;

impl Viewer {
    /// Environment coordinates of a point in CSS pixels from the canvas's top left corner.
    pub(crate) fn unproject(&self, x: f64, y: f64) -> [f64; 2] {
        self.camera_in_css().to_position(self.canvas.css, [x, y])
    }

    /// Probes a point in CSS pixels from the canvas's top left corner; `None` without a session.
    pub fn probe(&self, x: f64, y: f64) -> Option<Probe> {
        let [x, y] = self.unproject(x, y);
        let bin = self.bin_at(x, y);
        let found = bin.and_then(|bin| self.bin(bin));
        Some(Probe {
            x,
            y,
            bin,
            center: found.map(|found| found.center),
            value: found.and_then(|found| found.value),
            regions: self.regions_at([x, y])?,
        })
    }

    /// The bin at a position in environment units, as shown.
    pub fn bin_at(&self, x: f64, y: f64) -> Option<usize> {
        self.session()?.environment.view(self.state.scene.linearised).bin_at(x, y)
    }

    /// Corners of a bin as shown, counter-clockwise, environment units; empty where the bin has no polygon.
    pub fn polygon(&self, bin: usize) -> Vec<[f64; 2]> {
        let cells = self.session().map(|session| session.environment.view(self.state.scene.linearised));
        cells.map_or_else(Vec::new, |cells| cells.polygon(bin))
    }

    /// The pixel of a position as shown, in a picture of `size` pixels; without `size`, in the last one that was drawn offscreen, else on
    /// the canvas. Pixel (i, j) covers i..i+1 and j..j+1.
    pub fn project(&self, place: [f64; 2], size: Option<[u32; 2]>) -> [f64; 2] {
        let size = size.or(self.offscreen).unwrap_or_else(|| self.canvas.device());
        self.camera(size).to_pixel(size, place)
    }

    /// Centre and value of a bin; `None` where there is no such bin.
    pub fn bin(&self, bin: usize) -> Option<BinInfo> {
        let open = self.open.as_ref().filter(|open| bin < open.session.environment.bins())?;
        let center = if self.state.scene.linearised {
            // A linearised bin is a rectangle: its centre is between opposite corners.
            match self.polygon(bin).as_slice() {
                [a, _, b, _] => [0, 1].map(|axis| f64::midpoint(a[axis], b[axis])),
                _ => [f64::NAN; 2],
            }
        } else {
            open.session.environment.center(bin)
        };
        let value = needed_fields(&open.session, &self.state).next_back().and_then(|field| {
            let rows = open.displayed.as_ref()?.rows(&open.session, field, self.state.projection);
            let values = rows.into_iter().flat_map(|Rows { chunk, rows }| {
                let chunk = open.loader.get(chunk);
                rows.map(move |row| chunk.as_ref()?.values.get(row as usize, bin))
            });
            // The projection needs all frames: there is none if one is no longer in the cache.
            let values: Option<Vec<f32>> = values.collect();
            Some(self.state.projection.of(values?.into_iter()))
        });
        Some(BinInfo { bin, center, value })
    }

    fn regions_at(&self, [x, y]: [f64; 2]) -> Option<Vec<String>> {
        let session = self.session()?;
        let units = self.camera_in_css().units_per_pixel;
        let layers = self.state.layers[session.fields.len()..].iter();
        let shown = session.environment.regions.iter().zip(layers).filter(|(_, layer)| layer.visible);
        let under = shown.filter(|(region, _)| match self.shown_point(region) {
            Some(point) => ((point[0] - x) / units[0]).hypot((point[1] - y) / units[1]) <= ON_POINT,
            None => !self.state.scene.linearised && region.holds([x, y]),
        });
        Some(under.map(|(region, _)| region.name.clone()).rev().collect())
    }
}
