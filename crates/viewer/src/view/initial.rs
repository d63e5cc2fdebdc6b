//! The view that a session opens with.

use replayscope_session::{Session, colormap};

use crate::view::coloring::{Coloring, Limits};
use crate::view::state::{Layer, Look, Space, ViewState};

/// The state a session opens with.
pub fn initial_state(session: &Session) -> ViewState {
    let fields = session.fields.iter().enumerate().map(|(i, field)| {
        let known = field.colormap.clone().filter(|name| colormap::all().any(|(known, _)| known == name));
        let limits = field.limits.filter(|[low, high]| low.is_finite() && high.is_finite() && low < high);
        let usual = Coloring::default();
        let coloring = Coloring {
            colormap: known.unwrap_or(usual.colormap),
            limits: limits.map_or(usual.limits, |limits| Limits::Given(limits.map(Some))),
            ..usual
        };
        // Fields cover each other, so only the first is visible.
        let look = Look::Field(coloring);
        Layer { look, visible: i == 0, ..Layer::field(&field.name) }
    });
    let regions = session.environment.regions.iter().map(|region| Layer::region(&region.name));
    let overlays = session.overlays.iter().map(|overlay| Layer::position(&overlay.name));
    let environment = &session.environment;
    let space = Space {
        bins: environment.bins(),
        bounds: environment.bounds(),
        linearised: environment.linearised.as_ref().map(|strip| strip.bounds()),
    };
    ViewState::new(session.time.start(), space, fields.chain(regions).chain(overlays).collect())
}
