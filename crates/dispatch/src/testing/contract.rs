//! What every store of runs and series must do, whatever it is made of.

#![expect(clippy::unwrap_used, reason = "a contract is a test: it fails by panicking")]

use std::ops::Deref;

use chrono::Days;
use depot::Depot;
use kernel::{
    Begin, Clock, IdSource, Limit, OrganisationId, PageRequest, PriorityLevel, Soc, StoreError, Timestamp,
    Version, Wh,
    testing::{CountingIds, FakeClock},
};
use vehicle::{Vehicle, testing::bus};

use super::{Yard, hours, run, series};
use crate::{
    model::{Run, RunState},
    port::{DispatchTx, Fleet, RosterReader, RunFilter, RunReader, SeriesFilter},
    readiness::{Cause, Readiness, ReadinessState},
    series::{Length, RunSeries},
};

/// The whole of a store this contract talks to.
pub trait Store: Begin<dyn DispatchTx> + RunReader + RosterReader + Fleet {}
impl<T: Begin<dyn DispatchTx> + RunReader + RosterReader + Fleet> Store for T {}

/// The store, and where its depots and vehicles come from.
struct Furnished<'a> {
    store: &'a dyn Store,
    yard: &'a dyn Yard,
}

impl<'a> Deref for Furnished<'a> {
    type Target = dyn Store + 'a;

    fn deref(&self) -> &Self::Target {
        self.store
    }
}

/// Runs every clause on one empty store.
pub async fn holds(store: &dyn Store, yard: &dyn Yard) {
    let ids = CountingIds::default();
    let store = &Furnished { store, yard };
    runs_round_trip(store, &ids).await;
    blocks_are_unique(store, &ids).await;
    lists(store, &ids).await;
    runs_of_a_vehicle(store, &ids).await;
    readiness_is_kept_beside(store, &ids).await;
    series_round_trip(store, &ids).await;
    series_are_due(store, &ids).await;
    the_fleet(store, &ids).await;
}

async fn place(store: &Furnished<'_>, ids: &CountingIds) -> (OrganisationId, Depot) {
    let organisation = OrganisationId::from(ids.uuid());
    let depot = depot::testing::depot(ids, organisation, "A");
    store.yard.add_depot(&depot).await;
    (organisation, depot)
}

async fn vehicle(store: &Furnished<'_>, ids: &CountingIds, depot: &Depot, fleet_number: &str) -> Vehicle {
    let vehicle = Vehicle { depot: Some(depot.id), ..bus(ids, depot.organisation, fleet_number) };
    store.yard.add_vehicle(&vehicle).await;
    vehicle
}

async fn put(store: &Furnished<'_>, runs: &[Run]) {
    let mut tx = store.begin().await.unwrap();
    tx.roster().runs_put(runs).await.unwrap();
    tx.commit().await.unwrap();
}

/// A run with everything.
fn full(ids: &CountingIds, depot: &Depot, vehicle: &Vehicle) -> Run {
    let mut run = run(ids, depot.organisation, depot.id, "17-03", 4);
    run.distance_m = Some(123_400);
    run.energy_required = Some(Wh(150_500));
    run.required_soc = Soc::from_percent(80.5);
    run.minimum_soc = Soc::from_percent(10.0).unwrap();
    run.vehicle = Some(vehicle.id);
    run.vehicle_class = Some("articulated".into());
    run.priority_level = PriorityLevel::new(2);
    run.readiness = Readiness {
        state: ReadinessState::WillMiss,
        predicted_soc: Soc::from_percent(61.25),
        predicted_ready_at: Some(hours(5)),
        shortfall: Wh(4_711),
        cause: Some(Cause::CircuitLimit),
        assessed_at: Some(hours(0)),
    };
    run
}

async fn runs_round_trip(store: &Furnished<'_>, ids: &CountingIds) {
    let (org, depot) = place(store, ids).await;
    let other = OrganisationId::from(ids.uuid());
    let bus = vehicle(store, ids, &depot, "1").await;
    let mut run = full(ids, &depot, &bus);
    put(store, std::slice::from_ref(&run)).await;
    assert_eq!(store.run_get(org, run.id).await.unwrap(), Some(run.clone()));
    assert_eq!(store.run_get(other, run.id).await.unwrap(), None);

    run.state = RunState::Departed;
    run.departed_at = Some(hours(4));
    run.energy_required = None;
    run.version = Version(2);
    let second = super::run(ids, org, depot.id, "17-04", 5);
    let mut tx = store.begin().await.unwrap();
    assert_eq!(tx.runs().run_find(other, run.id).await.unwrap(), None);
    assert!(tx.runs().run_find(org, run.id).await.unwrap().is_some());
    tx.roster().runs_put(&[second.clone(), run.clone()]).await.unwrap();
    tx.roster().runs_put(&[]).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(store.run_get(org, run.id).await.unwrap(), Some(run.clone()));

    let mut tx = store.begin().await.unwrap();
    let (strange, asked) = (ids.uuid().into(), [second.id, run.id, second.id]);
    let found = tx.runs().runs_find(org, &asked).await.unwrap();
    assert_eq!(found, [run.clone(), second.clone()], "by their ids, each once");
    assert!(tx.runs().runs_find(org, &[strange]).await.unwrap().is_empty());
    assert!(tx.runs().runs_find(other, &asked).await.unwrap().is_empty());
    let keys = [run.key(), (depot.id, run.service_date, "none".into()), second.key()];
    assert_eq!(tx.roster().runs_by_key(org, &keys).await.unwrap(), [run.clone(), second.clone()]);
    assert!(tx.roster().runs_by_key(other, &keys).await.unwrap().is_empty());
    assert!(tx.roster().runs_by_key(org, &[]).await.unwrap().is_empty());
    tx.roster().runs_delete(other, &[run.id]).await.unwrap();
    tx.roster().runs_delete(org, &[second.id]).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(store.run_get(org, second.id).await.unwrap(), None);
    assert!(store.run_get(org, run.id).await.unwrap().is_some(), "others delete nothing of ours");

    let mut tx = store.begin().await.unwrap();
    tx.roster().runs_delete(org, &[run.id]).await.unwrap();
    drop(tx);
    assert!(store.run_get(org, run.id).await.unwrap().is_some(), "dropped work leaves nothing");
}

async fn blocks_are_unique(store: &Furnished<'_>, ids: &CountingIds) {
    let (org, depot) = place(store, ids).await;
    let first = run(ids, org, depot.id, "1", 1);
    put(store, std::slice::from_ref(&first)).await;
    let same = run(ids, org, depot.id, "1", 2);
    let mut tx = store.begin().await.unwrap();
    match tx.roster().runs_put(&[same]).await {
        Err(StoreError::Duplicate { rule }) => assert_eq!(rule, "block"),
        other => panic!("a duplicate block gave {other:?}"),
    }
    drop(tx);
    let mut next_day = run(ids, org, depot.id, "1", 2);
    next_day.service_date = first.service_date + Days::new(1);
    put(store, &[next_day]).await;
}

async fn lists(store: &Furnished<'_>, ids: &CountingIds) {
    let (org, depot) = place(store, ids).await;
    let (_, elsewhere) = place(store, ids).await;
    let elsewhere = Depot { organisation: org, ..elsewhere };
    let bus = vehicle(store, ids, &depot, "1").await;
    let mut runs: Vec<_> = (0..5).map(|hour| run(ids, org, depot.id, &hour.to_string(), 5 - hour)).collect();
    runs[0].vehicle = Some(bus.id);
    runs[1].state = RunState::Cancelled;
    runs[2].readiness.state = ReadinessState::Ready;
    runs[3].state = RunState::Departed;
    // At the same instant as another: the id tells them apart.
    runs.push(run(ids, org, elsewhere.id, "5", 3));
    put(store, &runs).await;
    put(store, &[run(ids, depot.organisation, depot.id, "far", 900)]).await;
    runs.sort_by_key(|run| (run.departure_at, run.id));

    let list = |filter: RunFilter| async move {
        let page = store.run_list(&org.into(), &filter, PageRequest::default()).await.unwrap();
        page.items.iter().map(|run| run.block.clone()).collect::<Vec<_>>()
    };
    let near = || RunFilter { to: Some(hours(100)), ..RunFilter::default() };
    assert_eq!(list(near()).await, ["4", "3", "2", "5", "1", "0"]);
    assert_eq!(list(RunFilter { depot: Some(elsewhere.id), ..near() }).await, ["5"]);
    assert_eq!(list(RunFilter { vehicle: Some(bus.id), ..near() }).await, ["0"]);
    assert_eq!(list(RunFilter { unassigned: Some(false), ..near() }).await, ["0"]);
    assert_eq!(list(RunFilter { unassigned: Some(true), ..near() }).await.len(), 5);
    assert_eq!(list(RunFilter { from: Some(hours(3)), to: Some(hours(5)), ..near() }).await, ["2", "5", "1"]);
    assert_eq!(list(RunFilter { readiness: Some(ReadinessState::Ready), ..near() }).await, ["2"]);
    assert_eq!(list(RunFilter { state: Some(RunState::Cancelled), ..near() }).await, ["1"]);
    assert_eq!(list(RunFilter { block: Some("3".into()), ..near() }).await, ["3"]);
    let day = runs[0].service_date;
    assert_eq!(list(RunFilter { service_date: Some(day), ..near() }).await.len(), 6);
    assert!(list(RunFilter { service_date: Some(day - Days::new(1)), ..near() }).await.is_empty());
    assert!(list(RunFilter { series: Some(ids.uuid().into()), ..near() }).await.is_empty());

    let (mut seen, mut after) = (Vec::new(), None);
    loop {
        let page = PageRequest { limit: Limit::new(2).unwrap(), after };
        let page = store.run_list(&org.into(), &near(), page).await.unwrap();
        seen.extend(page.items);
        after = page.next;
        if after.is_none() {
            break;
        }
    }
    assert_eq!(seen, runs, "pages neither repeat nor leave out");

    let departing = store.runs_departing(org, depot.id, hours(1), hours(5)).await.unwrap();
    let blocks: Vec<_> = departing.iter().map(|run| run.block.as_str()).collect();
    assert_eq!(blocks, ["4", "3", "2"], "not cancelled ones, departed ones included");
    let strange = store.runs_departing(ids.uuid().into(), depot.id, hours(0), hours(9)).await.unwrap();
    assert!(strange.is_empty());
}

async fn runs_of_a_vehicle(store: &Furnished<'_>, ids: &CountingIds) {
    let (org, depot) = place(store, ids).await;
    let (one, two) = (vehicle(store, ids, &depot, "1").await, vehicle(store, ids, &depot, "2").await);
    let of = |vehicle: &Vehicle, block: &str, hour| Run {
        vehicle: Some(vehicle.id),
        ..run(ids, org, depot.id, block, hour)
    };
    // Each takes two hours.
    let runs = [
        of(&one, "a", 0),
        of(&one, "b", 2),
        Run { state: RunState::Cancelled, ..of(&one, "c", 2) },
        Run { state: RunState::Departed, ..of(&one, "d", 4) },
        of(&two, "e", 3),
    ];
    put(store, &runs).await;
    let vehicles = [one.id, two.id];
    let check = |from: Timestamp, to: Timestamp, expected: &'static [&'static str]| async move {
        let blocks = |runs: Vec<Run>| runs.into_iter().map(|run| run.block).collect::<Vec<_>>();
        let mut tx = store.begin().await.unwrap();
        let within = tx.roster().runs_of_vehicles(org, &vehicles, from, to).await.unwrap();
        assert_eq!(blocks(within), expected);
        drop(tx);
        let outside = store.runs_on_road(org, &vehicles, from, to).await.unwrap();
        assert_eq!(blocks(outside), expected);
    };
    check(hours(2), hours(4), &["b", "e"]).await;
    check(hours(0), hours(9), &["a", "b", "e", "d"]).await;
    check(hours(6), hours(9), &[]).await;
    let mut tx = store.begin().await.unwrap();
    let held = tx.roster().vehicles_hold(org, &[two.id, ids.uuid().into(), one.id]).await.unwrap();
    assert_eq!(held.iter().map(|vehicle| vehicle.id).collect::<Vec<_>>(), vehicles);
    assert!(tx.roster().vehicles_hold(ids.uuid().into(), &vehicles).await.unwrap().is_empty());
    let strange = tx.roster().runs_of_vehicles(ids.uuid().into(), &vehicles, hours(0), hours(9)).await;
    assert!(strange.unwrap().is_empty());
}

async fn readiness_is_kept_beside(store: &Furnished<'_>, ids: &CountingIds) {
    let (org, depot) = place(store, ids).await;
    let bus = vehicle(store, ids, &depot, "1").await;
    let run = full(ids, &depot, &bus);
    put(store, std::slice::from_ref(&run)).await;
    let found = Readiness {
        state: ReadinessState::Ready,
        predicted_soc: Some(Soc::FULL),
        assessed_at: Some(hours(1)),
        ..Readiness::default()
    };
    let both = [(run.id, found.clone()), (ids.uuid().into(), found.clone())];
    let mut tx = store.begin().await.unwrap();
    tx.runs().readiness_save(ids.uuid().into(), &both).await.unwrap();
    tx.runs().readiness_save(org, &[]).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(store.run_get(org, run.id).await.unwrap(), Some(run.clone()), "others change nothing");
    let mut tx = store.begin().await.unwrap();
    tx.runs().readiness_save(org, &both).await.unwrap();
    tx.commit().await.unwrap();
    let now = Run { readiness: found, ..run };
    assert_eq!(store.run_get(org, now.id).await.unwrap(), Some(now));
}

async fn series_round_trip(store: &Furnished<'_>, ids: &CountingIds) {
    let (org, depot) = place(store, ids).await;
    let bus = vehicle(store, ids, &depot, "1").await;
    let mut daily = series(ids, org, depot.id, "1");
    daily.duty = full(ids, &depot, &bus).duty();
    daily.recurrence.length = Length::Until("04:00".parse().unwrap());
    daily.recurrence.until = Some(hours(999).date_naive());
    daily.recurrence.except.insert(hours(48).date_naive());
    let other = series(ids, org, depot.id, "2");
    let mut tx = store.begin().await.unwrap();
    tx.series().series_insert(&daily).await.unwrap();
    tx.series().series_insert(&other).await.unwrap();
    assert_eq!(tx.series().series_find(ids.uuid().into(), daily.id).await.unwrap(), None);
    tx.commit().await.unwrap();
    assert_eq!(store.series_get(org, daily.id).await.unwrap(), Some(daily.clone()));
    assert_eq!(store.series_get(ids.uuid().into(), daily.id).await.unwrap(), None);
    let list = |filter| async move {
        store.series_list(&org.into(), &filter, PageRequest::default()).await.unwrap().items
    };
    assert_eq!(list(SeriesFilter::default()).await, [daily.clone(), other.clone()]);
    let of_bus = SeriesFilter { vehicle: Some(bus.id), ..SeriesFilter::default() };
    assert_eq!(list(of_bus).await, std::slice::from_ref(&daily));
    let strange = SeriesFilter { depot: Some(ids.uuid().into()), ..SeriesFilter::default() };
    assert!(list(strange).await.is_empty());

    let made = hours(72).date_naive();
    let mut tx = store.begin().await.unwrap();
    tx.series().series_made(org, daily.id, made).await.unwrap();
    daily.block = "3".into();
    daily.duty.vehicle = None;
    daily.version = Version(2);
    tx.series().series_update(&daily, Version(1)).await.unwrap();
    let again = tx.series().series_update(&daily, Version(1)).await;
    assert!(matches!(again, Err(StoreError::Stale)));
    daily.made_until = Some(made);
    assert_eq!(tx.series().series_find(org, daily.id).await.unwrap(), Some(daily.clone()));
    tx.commit().await.unwrap();

    let mut run = run(ids, org, depot.id, "3", 1);
    (run.series, run.series_date) = (Some(daily.id), Some(run.service_date));
    put(store, std::slice::from_ref(&run)).await;
    let mut tx = store.begin().await.unwrap();
    let date = run.service_date;
    let made = tx.roster().runs_of_series(org, daily.id, date).await.unwrap();
    assert_eq!(made, std::slice::from_ref(&run));
    assert!(tx.roster().runs_of_series(org, daily.id, date + Days::new(1)).await.unwrap().is_empty());
    assert!(tx.roster().runs_of_series(ids.uuid().into(), daily.id, date).await.unwrap().is_empty());
    tx.series().series_delete(&daily).await.unwrap();
    assert!(matches!(tx.series().series_delete(&daily).await, Err(StoreError::Stale)));
    tx.commit().await.unwrap();
    let orphan = store.run_get(org, run.id).await.unwrap().unwrap();
    assert_eq!((orphan.series, orphan.series_date), (None, run.series_date), "runs stay");
}

async fn series_are_due(store: &Furnished<'_>, ids: &CountingIds) {
    let (org, depot) = place(store, ids).await;
    let today = FakeClock::default().now().date_naive();
    let in_days = |days| today + Days::new(days);
    let named = |block: &str| series(ids, org, depot.id, block);
    let ending = |block: &str, days| {
        let mut series = named(block);
        series.recurrence.until = Some(in_days(days));
        series
    };
    let mut over = ending("over", 0);
    over.recurrence.until = Some(today - Days::new(1));
    let all = [named("new"), named("behind"), named("made"), ending("last", 0), over];
    let mut tx = store.begin().await.unwrap();
    for series in &all {
        tx.series().series_insert(series).await.unwrap();
    }
    tx.series().series_made(org, all[1].id, in_days(13)).await.unwrap();
    tx.series().series_made(org, all[2].id, in_days(14)).await.unwrap();
    tx.series().series_made(ids.uuid().into(), all[0].id, in_days(14)).await.unwrap();
    tx.commit().await.unwrap();
    let behind = |limit| async move {
        let found = store.series_behind(today, in_days(14), limit).await.unwrap();
        found.into_iter().filter(|(owner, _)| *owner == org).map(|(_, id)| id).collect::<Vec<_>>()
    };
    let id = |series: &RunSeries| series.id;
    assert_eq!(behind(500).await, [&all[0], &all[3], &all[1]].map(id));
    assert_eq!(store.series_behind(today, in_days(14), 1).await.unwrap().len(), 1);
}

async fn the_fleet(store: &Furnished<'_>, ids: &CountingIds) {
    let (org, depot) = place(store, ids).await;
    let home = vehicle(store, ids, &depot, "home").await;
    let away = bus(ids, org, "away");
    store.yard.add_vehicle(&away).await;
    let second = Depot { code: "B".into(), ..depot::testing::depot(ids, org, "B") };
    store.yard.add_depot(&second).await;
    let stranger = OrganisationId::from(ids.uuid()).into();
    assert_eq!(store.depots(&org.into(), Some(depot.id)).await.unwrap(), std::slice::from_ref(&depot));
    assert_eq!(store.depots(&org.into(), None).await.unwrap(), [depot.clone(), second]);
    assert!(store.depots(&stranger, Some(depot.id)).await.unwrap().is_empty());
    assert_eq!(store.vehicles_at_home(org, depot.id).await.unwrap(), std::slice::from_ref(&home));
    let named = store.vehicles_named(&org.into(), &[home.id], &["away".into(), "none".into()]).await.unwrap();
    assert_eq!(named.len(), 2);
    assert!(store.vehicles_named(&org.into(), &[], &[]).await.unwrap().is_empty());
    let strange = store.vehicles_named(&stranger, &[home.id], &["away".into()]).await.unwrap();
    assert!(strange.is_empty());
}
