//! What cannot be drawn is refused, field by field.

use chart::{ChartError, ChartRequest, Kind, Resolution};
use chrono::TimeDelta;
use kernel::{Actor, IdSource, OrganisationId, Scope};

use crate::world::{World, hours};

fn refused(world: &World, kind: Kind, request: &ChartRequest) -> Vec<(String, &'static str)> {
    match world.try_chart(kind, request) {
        Err(ChartError::Invalid(invalid)) => {
            invalid.errors.into_iter().map(|error| (error.pointer, error.code)).collect()
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn fields_that_cannot_be_used_are_named() {
    let world = World::new();
    let depot = world.of_depot();
    let request = |from, to, resolution| ChartRequest {
        from: Some(hours(from)),
        to: Some(hours(to)),
        resolution,
        ..depot.clone()
    };
    let day = 24;
    let year = 365 * day;
    let charger = ChartRequest { charge_point: Some(world.chargers[0]), ..depot.clone() };
    let vehicle = ChartRequest { vehicle: Some(world.vehicle), ..depot.clone() };
    let circuit = ChartRequest { circuit: Some(world.panel.id), ..depot.clone() };
    for (kind, request, pointer, code) in [
        (Kind::DepotPower, ChartRequest::default(), "/depot_id", "required"),
        (Kind::Soc, depot.clone(), "/vehicle_id", "required"),
        (Kind::Energy, vehicle, "/vehicle_id", "unexpected"),
        (Kind::Readiness, charger, "/charge_point_id", "unexpected"),
        (Kind::Energy, circuit, "/circuit_id", "unexpected"),
        (Kind::DepotPower, request(0, 0, None), "/from", "not_before_to"),
        (Kind::DepotPower, request(0, 6 * year, None), "/from", "range_too_long"),
        (Kind::DepotPower, request(0, 25, Some(Resolution::Minute)), "/resolution", "range_too_long"),
        (Kind::Energy, request(0, 1, Some(Resolution::Minute)), "/resolution", "unknown_value"),
        (Kind::Energy, request(0, year, Some(Resolution::Quarter)), "/resolution", "too_many"),
        (Kind::Energy, ChartRequest { max_points: Some(1), ..depot.clone() }, "/max_points", "out_of_range"),
        (
            Kind::Energy,
            ChartRequest { to: "9999-01-01T00:00:00Z".parse().ok(), ..depot.clone() },
            "/to",
            "out_of_range",
        ),
    ] {
        assert_eq!(refused(&world, kind, &request), [(pointer.to_owned(), code)], "{kind:?} {request:?}");
    }
    let all = ChartRequest { from: Some(hours(1)), to: Some(hours(0)), ..ChartRequest::default() };
    assert_eq!(refused(&world, Kind::DepotPower, &all).len(), 2);
}

#[test]
fn what_is_not_there_is_told_so() {
    let world = World::new();
    let depot = world.of_depot();
    let nobody = world.ids.uuid();
    let charger = ChartRequest { charge_point: Some(nobody.into()), ..ChartRequest::default() };
    let vehicle = ChartRequest { vehicle: Some(nobody.into()), ..ChartRequest::default() };
    let elsewhere =
        ChartRequest { charge_point: Some(world.chargers[0]), depot: Some(nobody.into()), ..charger.clone() };
    let away = ChartRequest { vehicle: Some(world.vehicle), depot: Some(nobody.into()), ..vehicle.clone() };
    let circuit = ChartRequest { circuit: Some(nobody.into()), ..depot };
    let unknown = ChartRequest { depot: Some(nobody.into()), ..ChartRequest::default() };
    for (kind, request, expected) in [
        (Kind::DepotPower, unknown, "no such depot"),
        (Kind::CircuitPower, circuit, "no such circuit"),
        (Kind::Energy, charger, "no such charge point"),
        (Kind::Energy, elsewhere, "no such charge point"),
        (Kind::Soc, vehicle, "no such vehicle"),
        (Kind::Soc, away, "no such vehicle"),
    ] {
        assert_eq!(world.try_chart(kind, &request).unwrap_err().to_string(), expected, "{request:?}");
    }
    let stranger: OrganisationId = world.ids.uuid().into();
    let asked = |scope: Scope| {
        futures::executor::block_on(world.service.chart(&scope, Kind::Energy, &world.of_depot()))
    };
    assert!(matches!(asked(Scope::system(stranger)), Err(ChartError::NoSuchDepot)));
    let powerless = Scope::new(world.scope.organisation(), Actor::System, [].into());
    assert!(matches!(asked(powerless), Err(ChartError::Denied(_))));
}

#[test]
fn the_resolution_is_the_finest_that_can_be_seen() {
    let world = World::new();
    let chosen = |kind, span: TimeDelta| {
        let request = ChartRequest { from: Some(hours(0) - span), to: Some(hours(0)), ..world.of_depot() };
        world.chart(kind, &request).resolution
    };
    for (kind, span, expected) in [
        (Kind::DepotPower, TimeDelta::hours(2), Resolution::Minute),
        (Kind::DepotPower, TimeDelta::hours(7), Resolution::Quarter),
        (Kind::DepotPower, TimeDelta::days(15), Resolution::Quarter),
        (Kind::DepotPower, TimeDelta::days(16), Resolution::Hour),
        (Kind::DepotPower, TimeDelta::days(365), Resolution::Day),
        (Kind::Energy, TimeDelta::days(1), Resolution::Quarter),
        (Kind::Energy, TimeDelta::days(7), Resolution::Hour),
        (Kind::Energy, TimeDelta::days(30), Resolution::Day),
        (Kind::Readiness, TimeDelta::hours(1), Resolution::Day),
    ] {
        assert_eq!(chosen(kind, span), expected, "{kind:?} of {span}");
    }
    let year = ChartRequest {
        from: Some(hours(-365 * 24)),
        to: Some(hours(0)),
        resolution: Some(Resolution::Quarter),
        ..world.of_depot()
    };
    for point in 0..365 * 96 {
        if point % 5 == 0 {
            world.quarter(0, hours(-365 * 24) + TimeDelta::minutes(15 * point), point % 7_000);
        }
    }
    let charging = &world.chart(Kind::DepotPower, &year).series[0];
    assert_eq!(charging.whole, 365 * 96);
    assert!(charging.points.len() <= 1_500 && charging.points.len() > 1_000, "{}", charging.points.len());
}
