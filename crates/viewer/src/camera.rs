//! The camera: which part of the environment the canvas shows, and how a user moves it.

use replayscope_render::Camera;

use crate::canvas::CanvasSize;
use crate::event::Event;
use crate::view::Camera as ViewCamera;
use crate::viewer::Viewer;

/// At zoom 1 the canvas shows the environment enlarged by this factor.
const MARGIN: f64 = 1.06;

impl Viewer {
    /// Sets the canvas's size; a size of zero is allowed and draws nothing.
    pub fn resize(&mut self, size: CanvasSize) {
        self.dirty |= self.canvas != size;
        self.canvas = size;
    }

    /// The canvas's size.
    pub fn canvas_size(&self) -> CanvasSize {
        self.canvas
    }

    pub(crate) fn camera(&self, size: [u32; 2]) -> Camera {
        if self.open.is_none() {
            return Camera { center: [0.0; 2], units_per_pixel: [1.0; 2], turns: 0 };
        }
        let turns = self.state.camera.turns();
        let [across, up] = if turns.is_multiple_of(2) { size } else { [size[1], size[0]] };
        let bounds = self.state.bounds();
        let fit = |range: [f64; 2], pixels: u32| (range[1] - range[0]) / f64::from(pixels.max(1));
        let fits = [fit(bounds.x, across), fit(bounds.y, up)];
        let units = fits[0].max(fits[1]);
        // One bin, or bins on one point, have no extent; any scale shows them.
        let units = if units > 0.0 { units } else { 1.0 / f64::from(size[0].max(1)) };
        let own = |fit: f64| if self.state.scene.fit_axes && fit > 0.0 { fit } else { units };
        let ViewCamera { x, y, zoom, .. } = self.state.camera;
        Camera { center: [x, y], units_per_pixel: fits.map(|fit| own(fit) * MARGIN / zoom), turns }
    }

    pub(crate) fn camera_in_css(&self) -> Camera {
        let device = self.camera(self.canvas.device());
        Camera { units_per_pixel: device.units_per_pixel.map(|units| units * self.canvas.scale()), ..device }
    }

    /// Zooms by `factor` about the point (x, y) of the canvas, CSS pixels, which stays in place.
    pub fn zoom(&mut self, factor: f64, x: f64, y: f64) {
        let fixed = self.unproject(x, y);
        self.move_camera([self.state.camera.x, self.state.camera.y], self.state.camera.zoom * factor);
        let moved = self.unproject(x, y);
        let ViewCamera { x, y, zoom, .. } = self.state.camera;
        self.move_camera([x + fixed[0] - moved[0], y + fixed[1] - moved[1]], zoom);
    }

    /// Moves the picture by (dx, dy) CSS pixels.
    pub fn pan(&mut self, dx: f64, dy: f64) {
        let [from, to] = [self.unproject(dx, dy), self.unproject(0.0, 0.0)];
        let ViewCamera { x, y, zoom, .. } = self.state.camera;
        self.move_camera([x + to[0] - from[0], y + to[1] - from[1]], zoom);
    }

    /// Shows the whole environment; the rotation stays.
    pub fn reset_view(&mut self) {
        if self.open.is_some() {
            let ViewCamera { x, y, zoom, .. } = ViewCamera::whole(self.state.bounds());
            self.move_camera([x, y], zoom);
        }
    }

    fn move_camera(&mut self, center: [f64; 2], zoom: f64) {
        self.state.move_camera(center, zoom);
        self.dirty = true;
        self.emit(Event::State(self.state.clone()));
    }
}
