//! What every store of depots must do, whatever it is made of.
#![expect(clippy::unwrap_used, reason = "a contract is a test: it fails by panicking")]

use chrono::{TimeDelta, Weekday};
use kernel::{
    Begin, Clock, IdSource, MilliAmps, OrganisationId, PageRequest, StoreError, Version, W,
    testing::{CountingIds, FakeClock},
};

use super::{circuit, depot};
use crate::{
    model::{
        Bay, Circuit, CircuitLimit, Depot, ElectricityTariff, ExternalLimit, ExternalLimits, LimitWindow,
        LoadReading, Precedence, Price, PriceBand, Schedule, WeekBand, Weekdays, Zone,
    },
    port::{DepotFilter, DepotReader, DepotTx, LiveReader, TopologyReader},
};

/// Every port of this domain on one store.
pub trait Store: Begin<dyn DepotTx> + DepotReader + TopologyReader + LiveReader {}
impl<T: Begin<dyn DepotTx> + DepotReader + TopologyReader + LiveReader> Store for T {}

/// Runs the whole contract.
pub async fn contract(store: &dyn Store) {
    let ids = CountingIds::default();
    depots_are_kept(store, &ids).await;
    yards_are_kept(store, &ids).await;
    trees_are_read_whole(store, &ids).await;
    loads_keep_their_peak(store, &ids).await;
    tariffs_are_kept(store, &ids).await;
}

async fn founded(store: &dyn Store, ids: &CountingIds) -> Depot {
    let organisation: OrganisationId = ids.uuid().into();
    let depot = depot(ids, organisation, "A");
    let mut tx = store.begin().await.unwrap();
    tx.depots().depot_insert(&depot).await.unwrap();
    tx.commit().await.unwrap();
    depot
}

fn duplicate_of(outcome: Result<(), StoreError>) -> String {
    match outcome {
        Err(StoreError::Duplicate { rule }) => rule,
        other => panic!("expected a duplicate, got {other:?}"),
    }
}

async fn depots_are_kept(store: &dyn Store, ids: &CountingIds) {
    let first = founded(store, ids).await;
    let organisation = first.organisation;
    assert_eq!(store.depot_get(organisation, first.id).await.unwrap(), Some(first.clone()));
    assert_eq!(store.depot_get(ids.uuid().into(), first.id).await.unwrap(), None);
    let mut tx = store.begin().await.unwrap();
    assert_eq!(duplicate_of(tx.depots().depot_insert(&depot(ids, organisation, "A")).await), "code");
    drop(tx);

    let second = depot(ids, organisation, "B");
    let moved = Depot { address: Some("Hafenstr. 1".into()), version: Version(2), ..first.clone() };
    let mut tx = store.begin().await.unwrap();
    tx.depots().depot_insert(&second).await.unwrap();
    tx.depots().depot_update(&moved, Version(1)).await.unwrap();
    assert!(matches!(tx.depots().depot_update(&moved, Version(1)).await, Err(StoreError::Stale)));
    tx.commit().await.unwrap();
    let all = store
        .depot_list(&organisation.into(), &DepotFilter::default(), PageRequest::default())
        .await
        .unwrap();
    assert_eq!(all.items, [moved, second.clone()]);
    let filter = DepotFilter { search: Some("depot b".into()) };
    let found = store.depot_list(&organisation.into(), &filter, PageRequest::default()).await.unwrap();
    assert_eq!(found.items, std::slice::from_ref(&second));
    assert!(store.depots_everywhere().await.unwrap().contains(&(organisation, second.id)));
    assert_eq!(store.depot_live(organisation, second.id).await.unwrap(), crate::DepotLive::default());

    let mut tx = store.begin().await.unwrap();
    assert!(!tx.depots().depot_has_charge_points(second.id).await.unwrap());
    tx.depots().depot_delete(&second).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(store.depot_get(organisation, second.id).await.unwrap(), None);
}

async fn yards_are_kept(store: &dyn Store, ids: &CountingIds) {
    let home = founded(store, ids).await;
    let (organisation, now) = (home.organisation, home.created_at);
    let zone = Zone {
        id: ids.uuid().into(),
        organisation,
        depot: home.id,
        version: Version::FIRST,
        code: "Z1".into(),
        name: "Hall".into(),
        created_at: now,
        updated_at: now,
    };
    let bay = Bay {
        id: ids.uuid().into(),
        organisation,
        depot: home.id,
        version: Version::FIRST,
        zone: Some(zone.id),
        charge_point: None,
        code: "1".into(),
        name: "Bay 1".into(),
        created_at: now,
        updated_at: now,
    };
    let mut tx = store.begin().await.unwrap();
    tx.depots().zone_insert(&zone).await.unwrap();
    tx.depots().bay_insert(&bay).await.unwrap();
    assert!(tx.depots().zone_in_use(zone.id).await.unwrap());
    assert!(!tx.depots().charge_point_in_depot(organisation, home.id, ids.uuid().into()).await.unwrap());
    tx.commit().await.unwrap();
    let mut tx = store.begin().await.unwrap();
    let twin = Zone { id: ids.uuid().into(), ..zone.clone() };
    assert_eq!(duplicate_of(tx.depots().zone_insert(&twin).await), "code");
    drop(tx);
    assert_eq!(
        store.zone_list(organisation, home.id, PageRequest::default()).await.unwrap().items,
        std::slice::from_ref(&zone)
    );
    assert_eq!(
        store.bay_list(organisation, home.id, PageRequest::default()).await.unwrap().items,
        std::slice::from_ref(&bay)
    );

    let free = Bay { zone: None, version: Version(2), ..bay.clone() };
    let renamed = Zone { name: "Yard".into(), version: Version(2), ..zone.clone() };
    let mut tx = store.begin().await.unwrap();
    tx.depots().bay_update(&free, Version(1)).await.unwrap();
    tx.depots().zone_update(&renamed, Version(1)).await.unwrap();
    assert!(matches!(tx.depots().bay_update(&free, Version(1)).await, Err(StoreError::Stale)));
    assert!(!tx.depots().zone_in_use(zone.id).await.unwrap());
    assert_eq!(tx.depots().zone_find(organisation, zone.id).await.unwrap(), Some(renamed.clone()));
    assert_eq!(tx.depots().bay_find(organisation, bay.id).await.unwrap(), Some(free.clone()));
    tx.depots().zone_delete(&renamed).await.unwrap();
    tx.depots().bay_delete(&free).await.unwrap();
    tx.commit().await.unwrap();
    assert!(store.zone_list(organisation, home.id, PageRequest::default()).await.unwrap().items.is_empty());
}

fn window(ids: &CountingIds, circuit: &Circuit) -> LimitWindow {
    let band =
        WeekBand::new(Weekdays::of([Weekday::Mon]), "08:00".parse().unwrap(), "12:00".parse().unwrap());
    LimitWindow {
        id: ids.uuid().into(),
        organisation: circuit.organisation,
        depot: circuit.depot,
        circuit: circuit.id,
        version: Version::FIRST,
        name: None,
        precedence: Precedence::new(3).unwrap(),
        schedule: Schedule::Weekly(band.unwrap()),
        limit: CircuitLimit::current(MilliAmps(63_000)),
        created_at: circuit.created_at,
        updated_at: circuit.created_at,
    }
}

async fn trees_are_read_whole(store: &dyn Store, ids: &CountingIds) {
    let home = founded(store, ids).await;
    let (organisation, now) = (home.organisation, FakeClock::default().now());
    let root = circuit(ids, &home, None);
    let leaf = circuit(ids, &home, Some(&root));
    let window = window(ids, &leaf);
    let external = ExternalLimits {
        organisation,
        depot: home.id,
        circuit: root.id,
        source: "utility".into(),
        expires_at: now + TimeDelta::hours(1),
        limits: vec![ExternalLimit {
            from: now,
            to: now + TimeDelta::hours(1),
            limit: CircuitLimit::power(W(40_000)),
        }],
        received_at: now,
    };
    let mut tx = store.begin().await.unwrap();
    // The child first: the order of a depot's circuits is not the order of their rows.
    tx.circuits().circuit_insert(&root).await.unwrap();
    tx.circuits().circuit_insert(&leaf).await.unwrap();
    tx.circuits().window_insert(&window).await.unwrap();
    tx.circuits().external_limits_put(&external).await.unwrap();
    assert_eq!(tx.circuits().window_count(leaf.id).await.unwrap(), 1);
    tx.commit().await.unwrap();

    let topology = store.topology(organisation, home.id).await.unwrap().unwrap();
    assert_eq!(*topology.depot, home);
    assert_eq!(topology.circuits.iter().map(|node| &node.circuit).collect::<Vec<_>>(), [&root, &leaf]);
    assert_eq!(
        (&topology.circuits[1].windows, &topology.circuits[0].externals),
        (&vec![window.clone()], &vec![external.clone()])
    );
    assert_eq!(topology.effective_limit(root.id, now).unwrap().usable_power(), Some(W(40_000)));
    assert!(store.topology(ids.uuid().into(), home.id).await.unwrap().is_none());

    let changed =
        LimitWindow { precedence: Precedence::new(9).unwrap(), version: Version(2), ..window.clone() };
    let wider = Circuit { limit: CircuitLimit::power(W(200_000)), version: Version(2), ..leaf.clone() };
    let mut tx = store.begin().await.unwrap();
    tx.circuits().window_update(&changed, Version(1)).await.unwrap();
    assert!(matches!(tx.circuits().window_update(&changed, Version(1)).await, Err(StoreError::Stale)));
    assert_eq!(tx.circuits().window_find(organisation, window.id).await.unwrap(), Some(changed.clone()));
    tx.circuits().circuit_update(&wider, Version(1)).await.unwrap();
    assert!(matches!(tx.circuits().circuit_update(&wider, Version(1)).await, Err(StoreError::Stale)));
    // A newer list replaces the older one; an empty one takes it back.
    tx.circuits()
        .external_limits_put(&ExternalLimits { limits: Vec::new(), ..external.clone() })
        .await
        .unwrap();
    tx.commit().await.unwrap();
    let topology = store.topology(organisation, home.id).await.unwrap().unwrap();
    assert_eq!(topology.circuits[1].circuit, wider);
    assert!(topology.circuits[0].externals.is_empty());

    let mut tx = store.begin().await.unwrap();
    tx.circuits().window_delete(&changed).await.unwrap();
    assert!(!tx.circuits().circuit_has_charge_points(leaf.id).await.unwrap());
    tx.circuits().circuit_delete(&wider).await.unwrap();
    assert_eq!(tx.circuits().circuits_of(organisation, home.id).await.unwrap(), std::slice::from_ref(&root));
    tx.depots().depot_delete(&home).await.unwrap();
    tx.commit().await.unwrap();
    assert!(store.topology(organisation, home.id).await.unwrap().is_none());
}

async fn loads_keep_their_peak(store: &dyn Store, ids: &CountingIds) {
    let home = founded(store, ids).await;
    let root = circuit(ids, &home, None);
    let now = FakeClock::default().now();
    let reading = |minutes, power| LoadReading { at: now - TimeDelta::minutes(minutes), power: W(power) };
    let mut tx = store.begin().await.unwrap();
    tx.circuits().circuit_insert(&root).await.unwrap();
    tx.circuits().load_append(root.id, &[reading(30, 9_000), reading(20, 3_000)]).await.unwrap();
    tx.circuits().load_append(root.id, &[reading(10, 4_000)]).await.unwrap();
    // Late and repeated news change neither the latest nor the peak for the worse.
    tx.circuits().load_append(root.id, &[reading(25, 1_000), reading(10, 4_000)]).await.unwrap();
    tx.commit().await.unwrap();
    let topology = store.topology(home.organisation, home.id).await.unwrap().unwrap();
    let state = topology.loads[&root.id];
    assert_eq!((state.latest, state.peak), (Some(reading(10, 4_000)), Some(reading(30, 9_000))));
}

async fn tariffs_are_kept(store: &dyn Store, ids: &CountingIds) {
    let home = founded(store, ids).await;
    let band = WeekBand::new(Weekdays::ALL, "22:00".parse().unwrap(), "06:00".parse().unwrap()).unwrap();
    let price = |text| Price::parse(text).unwrap();
    let tariff = ElectricityTariff {
        organisation: home.organisation,
        depot: home.id,
        version: Version::FIRST,
        currency: "EUR".into(),
        base_price: price("0.3125"),
        bands: vec![PriceBand { name: Some("night".into()), band, price: price("-0.01") }],
        demand_charge: Some(price("120.50")),
        demand_target: Some(W(250_000)),
        may_break_demand_target: true,
        created_at: home.created_at,
        updated_at: home.created_at,
    };
    let mut tx = store.begin().await.unwrap();
    tx.depots().tariff_put(&tariff).await.unwrap();
    let newer = ElectricityTariff {
        bands: Vec::new(),
        version: Version(2),
        demand_target: None,
        may_break_demand_target: false,
        ..tariff.clone()
    };
    assert_eq!(tx.depots().tariff_find(home.organisation, home.id).await.unwrap(), Some(tariff));
    tx.depots().tariff_put(&newer).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(store.tariff_get(home.organisation, home.id).await.unwrap(), Some(newer.clone()));
    let mut tx = store.begin().await.unwrap();
    tx.depots().tariff_delete(&newer).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(store.tariff_get(home.organisation, home.id).await.unwrap(), None);
}
