//! The drawing, whole: one snapshot of each shape, and what must hold of every one.

use chart::{Chart, ChartRequest, Kind, RunOutcome, svg::svg};
use kernel::W;

use crate::world::{World, hours};

fn furnished() -> World {
    let world = World::new();
    world.night();
    world.store.keep_demand_at(W(45_000));
    let outcomes = [
        RunOutcome::Departed,
        RunOutcome::Departed,
        RunOutcome::Ready,
        RunOutcome::OnTrack,
        RunOutcome::AtRisk,
        RunOutcome::WillMiss,
        RunOutcome::Missed,
        RunOutcome::Unassigned,
    ];
    for days_ago in 0..14 {
        for outcome in outcomes.iter().skip(usize::try_from(days_ago % 3).unwrap()) {
            world.run(days_ago, *outcome);
        }
    }
    world
}

fn charts(world: &World) -> Vec<Chart> {
    let chart = |kind: Kind| {
        let vehicle = (kind == Kind::Soc).then_some(world.vehicle);
        let from = match kind {
            Kind::Readiness => Some(hours(-13 * 24)),
            Kind::Soc => Some(hours(-24)),
            _ => None,
        };
        world.chart(kind, &ChartRequest { vehicle, from, ..world.of_depot() })
    };
    Kind::ALL.into_iter().map(chart).collect()
}

#[test]
fn every_kind_is_drawn() {
    let world = furnished();
    for chart in charts(&world) {
        let drawn = svg(&chart);
        let name = chart.kind.name();
        insta::assert_snapshot!(name, drawn);
    }
}

#[test]
fn a_drawing_needs_nothing_from_elsewhere_and_follows_the_reader() {
    let world = furnished();
    for chart in charts(&world) {
        let drawn = svg(&chart);
        assert!(drawn.starts_with(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"chart\" viewBox=\"0 0 960 400\""
        ));
        assert!(drawn.contains("role=\"img\">\n<title>") && drawn.contains("<desc>"));
        assert!(drawn.contains("@media (prefers-color-scheme:dark)"));
        for foreign in ["<script", "href", "url(", "@import", "<image", "NaN", "inf"] {
            assert!(!drawn.contains(foreign), "{}: {foreign}", chart.kind.name());
        }
        // Colours are in the style sheet and nowhere else.
        let (_, body) = drawn.split_once("</style>").unwrap();
        assert!(!body.contains('#') && !body.contains("style="), "{}", chart.kind.name());
    }
}

#[test]
fn a_gap_lifts_the_pen() {
    let world = furnished();
    let drawn = svg(&world.chart(Kind::PlanVsActual, &world.of_depot()));
    let line = drawn.lines().find(|line| line.starts_with("<path class=\"first line\"")).unwrap();
    assert_eq!(line.matches('M').count(), 2, "{line}");
}

#[test]
fn names_stay_names() {
    let world = World::new();
    let chart = Chart { of: "<script>&\"\u{7}".to_owned(), ..world.chart(Kind::Energy, &world.of_depot()) };
    let drawn = svg(&chart);
    assert!(drawn.contains("&lt;script&gt;&amp;&quot; ") && !drawn.contains("<script"));
}

#[test]
fn nothing_is_said_to_be_nothing() {
    let world = World::new();
    let before =
        ChartRequest { from: Some(hours(-24 * 500)), to: Some(hours(-24 * 499)), ..world.of_depot() };
    for kind in [Kind::DepotPower, Kind::Energy, Kind::DemandPeaks, Kind::Readiness, Kind::Utilisation] {
        let drawn = svg(&world.chart(kind, &before));
        assert!(drawn.contains("Nothing was measured"), "{kind:?}");
    }
}
