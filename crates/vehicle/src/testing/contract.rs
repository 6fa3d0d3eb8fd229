//! What every store of vehicles and id tags must do, whatever it is made of.

#![expect(clippy::unwrap_used, reason = "a contract is a test: it fails by panicking")]

use kernel::{
    Begin, Clock, Cursor, EvseId, Limit, OrganisationId, PageRequest, Soc, StoreError, Version,
    clock::IdSource,
    testing::{CountingIds, FakeClock},
};

use super::{bus, rfid};
use crate::{
    model::{IdTagStatus, IdTagValue, SocObservation, SocSource, Vehicle, VehicleName},
    port::{IdTagFilter, IdTagReader, NamedVehicles, VehicleFilter, VehicleReader, VehicleTx},
};

/// The whole of a store this contract talks to.
pub trait Store: Begin<dyn VehicleTx> + VehicleReader + NamedVehicles + IdTagReader {}
impl<T: Begin<dyn VehicleTx> + VehicleReader + NamedVehicles + IdTagReader> Store for T {}

/// Runs every clause on one empty store.
pub async fn holds(store: &dyn Store) {
    let ids = CountingIds::default();
    vehicle_round_trip(store, &ids).await;
    dropped_work_leaves_nothing(store, &ids).await;
    unique_rules(store, &ids).await;
    versions(store, &ids).await;
    live_facts_are_apart(store, &ids).await;
    many_at_once(store, &ids).await;
    organisations_are_apart(store, &ids).await;
    pages_and_filters(store, &ids).await;
    id_tags(store, &ids).await;
}

async fn insert(store: &dyn Store, vehicle: &Vehicle) {
    let mut tx = store.begin().await.unwrap();
    tx.vehicles().vehicle_insert(vehicle).await.unwrap();
    tx.commit().await.unwrap();
}

fn organisation(ids: &dyn IdSource) -> OrganisationId {
    ids.uuid().into()
}

async fn vehicle_round_trip(store: &dyn Store, ids: &CountingIds) {
    let org = organisation(ids);
    let mut vehicle = bus(ids, org, "101");
    vehicle.registration = Some("B-VG 101".into());
    vehicle.vin = Some("WMAA22ZZ1KT000101".into());
    vehicle.out_of_service = true;
    vehicle.plugged_in = Some(EvseId::from(ids.uuid()));
    vehicle.soc = Some(SocObservation {
        soc: Soc::from_hundredths(4_250).unwrap(),
        source: SocSource::Telematics,
        at: FakeClock::default().now(),
    });
    insert(store, &vehicle).await;
    assert_eq!(store.vehicle_get(org, vehicle.id).await.unwrap(), Some(vehicle.clone()));
    assert_eq!(store.vehicles_by_id(org, &[vehicle.id, ids.uuid().into()]).await.unwrap(), vec![vehicle]);
}

async fn dropped_work_leaves_nothing(store: &dyn Store, ids: &CountingIds) {
    let org = organisation(ids);
    let vehicle = bus(ids, org, "102");
    let mut tx = store.begin().await.unwrap();
    tx.vehicles().vehicle_insert(&vehicle).await.unwrap();
    drop(tx);
    assert_eq!(store.vehicle_get(org, vehicle.id).await.unwrap(), None);
}

async fn unique_rules(store: &dyn Store, ids: &CountingIds) {
    let org = organisation(ids);
    let mut first = bus(ids, org, "103");
    first.vin = Some("WMAA22ZZ1KT000103".into());
    insert(store, &first).await;
    let mut same_vin = bus(ids, org, "104");
    same_vin.vin.clone_from(&first.vin);
    for (vehicle, expected) in [(bus(ids, org, "103"), "fleet_number"), (same_vin, "vin")] {
        let mut tx = store.begin().await.unwrap();
        match tx.vehicles().vehicle_insert(&vehicle).await {
            Err(StoreError::Duplicate { rule }) => assert_eq!(rule, expected),
            other => panic!("a duplicate {expected} gave {other:?}"),
        }
    }
    insert(store, &bus(ids, organisation(ids), "103")).await;
}

async fn versions(store: &dyn Store, ids: &CountingIds) {
    let org = organisation(ids);
    let mut vehicle = bus(ids, org, "105");
    insert(store, &vehicle).await;
    vehicle.version = Version(2);
    vehicle.fleet_number = "105a".into();

    let mut tx = store.begin().await.unwrap();
    tx.vehicles().vehicle_update(&vehicle, Version(1)).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(store.vehicle_get(org, vehicle.id).await.unwrap(), Some(vehicle.clone()));

    let mut tx = store.begin().await.unwrap();
    assert!(matches!(tx.vehicles().vehicle_update(&vehicle, Version(1)).await, Err(StoreError::Stale)));
    assert!(matches!(
        tx.vehicles().vehicle_delete(org, vehicle.id, Version(1)).await,
        Err(StoreError::Stale)
    ));
    tx.vehicles().vehicle_delete(org, vehicle.id, Version(2)).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(store.vehicle_get(org, vehicle.id).await.unwrap(), None);
}

async fn live_facts_are_apart(store: &dyn Store, ids: &CountingIds) {
    let org = organisation(ids);
    let vehicle = bus(ids, org, "106");
    insert(store, &vehicle).await;
    let mut plugged = vehicle.clone();
    plugged.plugged_in = Some(EvseId::from(ids.uuid()));
    let mut tx = store.begin().await.unwrap();
    tx.vehicles().vehicle_update_live(&plugged).await.unwrap();
    // An operator who read the vehicle before it was plugged in does not unplug it.
    let renamed = Vehicle { registration: Some("B-VG 106".into()), version: Version(2), ..vehicle };
    tx.vehicles().vehicle_update(&renamed, Version(1)).await.unwrap();
    tx.commit().await.unwrap();
    let stored = store.vehicle_get(org, plugged.id).await.unwrap().unwrap();
    assert_eq!((stored.plugged_in, stored.registration), (plugged.plugged_in, renamed.registration));
}

async fn many_at_once(store: &dyn Store, ids: &CountingIds) {
    let (org, other) = (organisation(ids), organisation(ids));
    let mut vehicles: Vec<_> = (0..3).map(|number| bus(ids, org, &format!("many-{number}"))).collect();
    vehicles[1].vin = Some("WMAA22ZZ1KT000109".into());
    let stranger = bus(ids, other, "many-0");
    for vehicle in vehicles.iter().chain([&stranger]) {
        insert(store, vehicle).await;
    }
    let names = [
        VehicleName::fleet_number(" many-0 "),
        VehicleName::vin("wmaa22zz1kt000109"),
        VehicleName::Id(vehicles[2].id),
        VehicleName::Id(stranger.id),
        VehicleName::fleet_number("MANY-1"),
    ];
    let mut named = store.vehicles_named(&org.into(), &names).await.unwrap();
    named.sort_by_key(|vehicle| vehicle.id);
    assert_eq!(named, vehicles);
    assert!(store.vehicles_named(&org.into(), &[]).await.unwrap().is_empty());

    let mut tx = store.begin().await.unwrap();
    let wanted = [vehicles[2].id, stranger.id, vehicles[0].id, ids.uuid().into()];
    let found = tx.vehicles().vehicles_find(org, &wanted).await.unwrap();
    assert_eq!(found, [vehicles[0].clone(), vehicles[2].clone()]);
    assert!(tx.vehicles().vehicles_find(org, &[]).await.unwrap().is_empty());
}

async fn organisations_are_apart(store: &dyn Store, ids: &CountingIds) {
    let (org, other) = (organisation(ids), organisation(ids));
    let vehicle = bus(ids, org, "107");
    insert(store, &vehicle).await;
    assert_eq!(store.vehicle_get(other, vehicle.id).await.unwrap(), None);
    assert!(store.vehicles_by_id(other, &[vehicle.id]).await.unwrap().is_empty());
    let all =
        store.vehicle_list(&other.into(), &VehicleFilter::default(), PageRequest::default()).await.unwrap();
    assert!(all.items.is_empty());
    let mut tx = store.begin().await.unwrap();
    assert_eq!(tx.vehicles().vehicle_find(other, vehicle.id).await.unwrap(), None);
}

async fn pages_and_filters(store: &dyn Store, ids: &CountingIds) {
    let org = organisation(ids);
    let mut vehicles = Vec::new();
    for number in 0..5 {
        let vehicle = bus(ids, org, &format!("Bus-{number}_%"));
        insert(store, &vehicle).await;
        vehicles.push(vehicle);
    }
    let mut seen = Vec::new();
    let mut after = None;
    loop {
        let request = PageRequest { limit: Limit::new(2).unwrap(), after };
        let page = store.vehicle_list(&org.into(), &VehicleFilter::default(), request).await.unwrap();
        seen.extend(page.items);
        after = page.next;
        if after.is_none() {
            break;
        }
    }
    assert_eq!(seen, vehicles);

    let find = |search: &str| VehicleFilter { search: Some(search.into()), ..VehicleFilter::default() };
    let page = |filter| async move {
        store.vehicle_list(&org.into(), &filter, PageRequest::default()).await.unwrap().items
    };
    assert_eq!(page(find("bUS-3")).await, vec![vehicles[3].clone()]);
    // The wildcards of a database's pattern are ordinary characters here.
    assert_eq!(page(find("_%")).await.len(), 5);
    assert!(page(find("Bus%3")).await.is_empty());
    let plugged = VehicleFilter { plugged_in: Some(true), ..VehicleFilter::default() };
    assert!(page(plugged).await.is_empty());
    let mut long = bus(ids, org, "long");
    long.class = Some("articulated".into());
    insert(store, &long).await;
    let of = |class: &str| VehicleFilter { class: Some(class.into()), ..VehicleFilter::default() };
    assert_eq!(page(of("articulated")).await, [long]);
    assert!(page(of("artic")).await.is_empty());
}

async fn id_tags(store: &dyn Store, ids: &CountingIds) {
    let org = organisation(ids);
    let vehicle = bus(ids, org, "108");
    insert(store, &vehicle).await;
    let mut tag = rfid(ids, org, "04a2f1");
    tag.vehicle = Some(vehicle.id);
    tag.expires_at = Some(FakeClock::default().now());

    let mut tx = store.begin().await.unwrap();
    tx.id_tags().id_tag_insert(&tag).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(store.id_tag_get(org, tag.id).await.unwrap(), Some(tag.clone()));
    assert_eq!(store.id_tag_get(organisation(ids), tag.id).await.unwrap(), None);

    let mut tx = store.begin().await.unwrap();
    let found = tx.id_tags().id_tag_find_by_value(org, &IdTagValue::normalise("04A2f1")).await.unwrap();
    assert_eq!(found, Some(tag.clone()));
    match tx.id_tags().id_tag_insert(&rfid(ids, org, "04A2F1")).await {
        Err(StoreError::Duplicate { rule }) => assert_eq!(rule, "value"),
        other => panic!("a duplicate tag gave {other:?}"),
    }
    drop(tx);

    let blocked = crate::IdTag { status: IdTagStatus::Blocked, version: Version(2), ..tag.clone() };
    let mut tx = store.begin().await.unwrap();
    tx.id_tags().id_tag_update(&blocked, Version(1)).await.unwrap();
    assert!(matches!(tx.id_tags().id_tag_update(&blocked, Version(1)).await, Err(StoreError::Stale)));
    tx.commit().await.unwrap();

    let filter = IdTagFilter {
        status: Some(IdTagStatus::Blocked),
        vehicle: Some(vehicle.id),
        ..IdTagFilter::default()
    };
    let page = store.id_tag_list(&org.into(), &filter, PageRequest::default()).await.unwrap();
    assert_eq!(page.items, vec![blocked.clone()]);
    let past = PageRequest { after: Some(Cursor::of(tag.id)), ..PageRequest::default() };
    assert!(store.id_tag_list(&org.into(), &filter, past).await.unwrap().items.is_empty());

    // A tag outlives its vehicle.
    let mut tx = store.begin().await.unwrap();
    tx.vehicles().vehicle_delete(org, vehicle.id, Version(1)).await.unwrap();
    tx.commit().await.unwrap();
    let left = store.id_tag_get(org, tag.id).await.unwrap().unwrap();
    assert_eq!(left.vehicle, None);
    let mut tx = store.begin().await.unwrap();
    tx.id_tags().id_tag_delete(org, tag.id, Version(2)).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(store.id_tag_get(org, tag.id).await.unwrap(), None);
}
