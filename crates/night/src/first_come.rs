//! Whoever came first gets what it can take: what a depot has that only watches its fuses.

use crate::{scene::Scene, yard::Yard};

/// Shares out the connection and the panels in the order of arrival.
pub(crate) fn share(scene: &Scene, yard: &Yard, order: &[usize]) {
    let mut site = scene.usable_kw() - scene.unmanaged_kw;
    let mut panels = vec![scene.panel_kw; scene.panels()];
    let mut places = yard.places();
    places.iter_mut().for_each(|place| place.limit_kw = 0.0);
    for index in order {
        let (place, panel) = (&mut places[*index], scene.chargers[*index].panel);
        place.limit_kw = place.charger_kw;
        let given = place.draws_kw().min(site).min(panels[panel]);
        place.limit_kw = if given < place.min_kw { 0.0 } else { given };
        site -= place.draws_kw();
        panels[panel] -= place.draws_kw();
    }
}
