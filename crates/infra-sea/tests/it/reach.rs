//! What runs, series, overrides of charging, alerts and planned work are seen through the groups that
//! hold depots, charge points and vehicles.

use std::collections::BTreeSet;

use access::{AuditFilter, AuditReader};
use charge_point::{
    ChargePoint, ChargePointTx, MaintenanceFilter, MaintenanceTarget, MaintenanceTx, MaintenanceWindow, Span,
    UptimeReader, testing::charger_at,
};
use charging::overrides::{
    KnownTargets, OverrideAction, OverrideFilter, OverrideReader, OverrideTarget, OverrideTx,
    testing::overridden,
};
use chrono::TimeDelta;
use connect_router::{DeadLetter, DeadLetterReader, DeadLetterTx};
use depot::Depot;
use dispatch::{
    DispatchTx, Fleet, RosterReader, Run, RunFilter, RunSeries, SeriesFilter,
    testing::{Yard, run, series},
};
use kernel::{
    Actor, AuditEntry, AuditVerb, Begin, Clock, GroupSet, IdSource, OrganisationId, PageRequest, Reach,
    ResourceGroupId, Scope, Thing, Timestamp, Version, testing::CountingIds,
};
use notification::{AlertFilter, AlertKind, AlertReader, AlertTx, testing::alert};
use resource_group::{GroupTx, Member, testing::group};
use uuid::Uuid;
use vehicle::{Vehicle, testing::bus};

use crate::{Fixture, on_both_engines};

on_both_engines!(what_hangs_on_things_is_seen_with_them);

/// A depot with one charger, and a vehicle that is at home nowhere.
struct Place {
    depot: Depot,
    charger: ChargePoint,
    vehicle: Vehicle,
}

async fn place(fixture: &Fixture, ids: &CountingIds, organisation: OrganisationId, code: &str) -> Place {
    let depot = depot::testing::depot(ids, organisation, code);
    fixture.add_depot(&depot).await;
    let vehicle = bus(ids, organisation, code);
    fixture.add_vehicle(&vehicle).await;
    let charger = charger_at(ids, organisation, depot.id, &format!("CP-{organisation}-{code}"));
    let mut tx = Begin::<dyn ChargePointTx>::begin(&*fixture.sea).await.unwrap();
    tx.charge_points().charge_point_insert(&charger).await.unwrap();
    tx.commit().await.unwrap();
    Place { depot, charger, vehicle }
}

fn maintenance(
    ids: &CountingIds,
    organisation: OrganisationId,
    target: MaintenanceTarget,
    from: Timestamp,
) -> MaintenanceWindow {
    MaintenanceWindow {
        id: ids.uuid().into(),
        organisation,
        version: Version::FIRST,
        target,
        span: Span { from, to: from + TimeDelta::hours(1) },
        reason: "work".into(),
        created_by: Actor::System,
        created_at: from,
    }
}

async fn grouped(
    fixture: &Fixture,
    ids: &CountingIds,
    of: OrganisationId,
    member: Member,
) -> ResourceGroupId {
    let mut made = group(ids, of, None, &format!("{member:?}"));
    made.members = [member].into();
    let mut tx = Begin::<dyn GroupTx>::begin(&*fixture.sea).await.unwrap();
    tx.groups().group_insert(&made).await.unwrap();
    tx.commit().await.unwrap();
    made.id
}

async fn listed(fixture: &Fixture, reach: &Reach) -> BTreeSet<Thing> {
    let (sea, page) = (&fixture.sea, PageRequest::default());
    let runs = sea.run_list(reach, &RunFilter::default(), page).await.unwrap().items;
    let series = sea.series_list(reach, &SeriesFilter::default(), page).await.unwrap().items;
    let overrides = sea.charging_override_list(reach, &OverrideFilter::default(), page).await.unwrap().items;
    let alerts = sea.alert_list(reach, &AlertFilter::default(), page).await.unwrap().items;
    let windows = sea.maintenance_list(reach, &MaintenanceFilter::default(), page).await.unwrap().items;
    let letters = sea.dead_letter_list(reach, None, page).await.unwrap().items;
    let trail = sea.audit_list(reach, Actor::System, &AuditFilter::default(), page).await.unwrap().items;
    (runs.iter().map(|row| row.id.into()))
        .chain(series.iter().map(|row| row.id.into()))
        .chain(overrides.iter().map(|row| row.id.into()))
        .chain(alerts.iter().map(|row| row.id.into()))
        .chain(windows.iter().map(|row| row.id.into()))
        .chain(letters.iter().map(|row| row.id.into()))
        .chain(trail.iter().map(|row| row.id.into()))
        .collect()
}

async fn what_hangs_on_things_is_seen_with_them(fixture: &Fixture) {
    let ids = CountingIds::default();
    let organisation: OrganisationId = ids.uuid().into();
    let here = place(fixture, &ids, organisation, "A").await;
    let there = place(fixture, &ids, organisation, "B").await;
    // By the depot, by the vehicle, and neither.
    let by_depot = run(&ids, organisation, here.depot.id, "1", 1);
    let by_vehicle =
        Run { vehicle: Some(here.vehicle.id), ..run(&ids, organisation, there.depot.id, "1", 1) };
    let of_others = run(&ids, organisation, there.depot.id, "2", 1);
    let daily = series(&ids, organisation, here.depot.id, "17");
    let mut lent: RunSeries = series(&ids, organisation, there.depot.id, "17");
    lent.duty.vehicle = Some(here.vehicle.id);
    let targets = |place: &Place| {
        [
            OverrideTarget::ChargePoint(place.charger.id),
            OverrideTarget::Evse(place.charger.evses[0].id),
            OverrideTarget::Vehicle(place.vehicle.id),
        ]
    };
    let until = fixture.clock.now();
    let set = |target| overridden(&ids, organisation, (target, OverrideAction::Pause), until);
    let ([charger, evse, vehicle], others) = (targets(&here).map(set), targets(&there).map(set));
    let mut tx = Begin::<dyn DispatchTx>::begin(&*fixture.sea).await.unwrap();
    tx.roster().runs_put(&[by_depot.clone(), by_vehicle.clone(), of_others.clone()]).await.unwrap();
    tx.series().series_insert(&daily).await.unwrap();
    tx.series().series_insert(&lent).await.unwrap();
    tx.commit().await.unwrap();
    let mut tx = Begin::<dyn OverrideTx>::begin(&*fixture.sea).await.unwrap();
    for over in [&charger, &evse, &vehicle].into_iter().chain(&others) {
        tx.charging_overrides().charging_override_insert(over).await.unwrap();
    }
    tx.commit().await.unwrap();
    let mut alerts =
        ["fault", "risk", "key"].map(|subject| alert(&ids, organisation, AlertKind::Fault, subject));
    alerts[0].about.charge_point = Some(here.charger.id);
    alerts[1].about.vehicle = Some(here.vehicle.id);
    let [fault, risk, key] = alerts;
    let mut tx = Begin::<dyn AlertTx>::begin(&*fixture.sea).await.unwrap();
    for alert in [&fault, &risk, &key] {
        tx.alerts().alert_insert(alert).await.unwrap();
    }
    tx.commit().await.unwrap();
    let targets_of_work =
        [MaintenanceTarget::ChargePoint(here.charger.id), MaintenanceTarget::Depot(here.depot.id)];
    let [work, rebuilding] = targets_of_work.map(|target| maintenance(&ids, organisation, target, until));
    let mut tx = Begin::<dyn MaintenanceTx>::begin(&*fixture.sea).await.unwrap();
    tx.maintenance().maintenance_insert(&work).await.unwrap();
    tx.maintenance().maintenance_insert(&rebuilding).await.unwrap();
    tx.commit().await.unwrap();
    let letter = |place: &Place| DeadLetter {
        id: ids.uuid().into(),
        organisation,
        charge_point: place.charger.id,
        identity: "CP-1".into(),
        protocol: "ocpp1.6".into(),
        message_id: "1".into(),
        action: "MeterValues".into(),
        payload: "[]".into(),
        reason: "no object".into(),
        received_at: until,
    };
    let (dead, theirs) = (letter(&here), letter(&there));
    let mut tx = Begin::<dyn DeadLetterTx>::begin(&*fixture.sea).await.unwrap();
    tx.dead_letters().dead_letter_insert(&dead).await.unwrap();
    tx.dead_letters().dead_letter_insert(&theirs).await.unwrap();
    let scope = Scope::system(organisation);
    let entry =
        |resource, id: Uuid| AuditEntry::new(&scope, &*fixture.clock, &ids, AuditVerb::Update, resource, id);
    let entries = [
        entry("depot", here.depot.id.into()),
        entry("charge_point", here.charger.id.into()),
        entry("vehicle", here.vehicle.id.into()),
        entry("maintenance_window", rebuilding.id.into()),
        // Of others, of the organisation, of what is no more, and a word with an id that is another's.
        entry("depot", there.depot.id.into()),
        entry("user", ids.uuid()),
        entry("vehicle", ids.uuid()),
        entry("vehicle", here.depot.id.into()),
    ];
    tx.audit().record_all(entries.to_vec()).await.unwrap();
    tx.commit().await.unwrap();
    let [of_depot, of_charger, of_bus, of_window, ..] = entries.map(|entry| Thing::from(entry.id));
    let all = listed(fixture, &organisation.into()).await;
    assert_eq!(all.len(), 3 + 2 + 6 + 3 + 2 + 2 + 8);

    let in_depot = [
        by_depot.id.into(),
        daily.id.into(),
        charger.id.into(),
        evse.id.into(),
        fault.id.into(),
        work.id.into(),
        rebuilding.id.into(),
        dead.id.into(),
        of_depot,
        of_charger,
        of_window,
    ];
    let at_charger =
        [charger.id.into(), evse.id.into(), fault.id.into(), work.id.into(), dead.id.into(), of_charger];
    let of_vehicle = [by_vehicle.id.into(), lent.id.into(), vehicle.id.into(), risk.id.into(), of_bus];
    for (member, expected) in [
        (Member::Depot(here.depot.id), &in_depot[..]),
        (Member::ChargePoint(here.charger.id), &at_charger),
        (Member::Vehicle(here.vehicle.id), &of_vehicle),
    ] {
        let group = grouped(fixture, &ids, organisation, member).await;
        let reach = Reach::groups(organisation, GroupSet::from([group]), fixture.sea.clone());
        assert_eq!(listed(fixture, &reach).await, expected.iter().copied().collect(), "{member:?}");
        for thing in &all {
            let alone = reach.sees(*thing).await.unwrap().is_some();
            assert_eq!(alone, expected.contains(thing), "{member:?}: {thing:?}");
        }
        // What may be named is what is seen.
        let depots = fixture.sea.depots(&reach, None).await.unwrap();
        assert_eq!(!depots.is_empty(), matches!(member, Member::Depot(_)));
        let both = [here.vehicle.id, there.vehicle.id];
        let vehicles = fixture.sea.vehicles_named(&reach, &both, &["B".into()]).await.unwrap();
        assert_eq!(!vehicles.is_empty(), matches!(member, Member::Vehicle(_)));
        for target in targets(&here) {
            let known = fixture.sea.override_target_known(&reach, target).await.unwrap();
            let is_vehicle = matches!(target, OverrideTarget::Vehicle(_));
            assert_eq!(known, is_vehicle == matches!(member, Member::Vehicle(_)), "{member:?}: {target:?}");
        }
        for target in targets(&there) {
            assert!(!fixture.sea.override_target_known(&reach, target).await.unwrap(), "{target:?}");
        }
    }
}
