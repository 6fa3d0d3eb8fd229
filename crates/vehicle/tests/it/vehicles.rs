//! Use cases of vehicles: validation, permissions, conflicts, events and audit.

use std::sync::Arc;

use futures::executor::block_on;
use kernel::{
    Actor, AuditVerb, Change, Clock, IdSource, OrganisationId, PageRequest, Permission, Scope, Soc, Version,
    W, Wh,
    testing::{CountingIds, FakeClock},
};
use vehicle::{
    Authorisation, ChangeVehicle, CreateIdTag, CreateVehicle, IdTagKind, IdTagService, IdTagStatus,
    Observation, Observed, PriorityLevel, ReportSoc, SocSource, VehicleError, VehicleFilter, VehicleName,
    VehicleService, recording, testing::FakeVehicles,
};

struct Fixture {
    store: FakeVehicles,
    vehicles: VehicleService,
    id_tags: IdTagService,
    clock: Arc<FakeClock>,
    scope: Scope,
}

fn fixture() -> Fixture {
    let store = FakeVehicles::default();
    let clock = Arc::new(FakeClock::default());
    let ids = Arc::new(CountingIds::default());
    let scope = Scope::system(OrganisationId::from(ids.uuid()));
    Fixture {
        vehicles: VehicleService::new(Arc::new(store.clone()), clock.clone(), ids.clone()),
        id_tags: IdTagService::new(Arc::new(store.clone()), clock.clone(), ids),
        store,
        clock,
        scope,
    }
}

fn a_bus() -> CreateVehicle {
    CreateVehicle {
        fleet_number: " 4711 ".into(),
        registration: None,
        vin: Some("wmaa22zz1kt000101".into()),
        class: Some(" articulated ".into()),
        depot: None,
        battery: Wh(350_000),
        max_ac: W(22_000),
        max_dc: W(150_000),
        efficiency_wh_per_km: None,
        target_soc: Soc::from_hundredths(9_000).unwrap(),
        priority_level: PriorityLevel::default(),
        precondition: None,
    }
}

#[test]
fn a_created_vehicle_is_tidied_published_and_audited() {
    let f = fixture();
    let vehicle = block_on(f.vehicles.vehicle_create(&f.scope, a_bus())).unwrap();
    assert_eq!((vehicle.fleet_number.as_str(), vehicle.vin.as_deref()), ("4711", Some("WMAA22ZZ1KT000101")));
    assert_eq!(vehicle.class.as_deref(), Some("articulated"));
    assert_eq!(f.store.event_names(), ["manage.vehicle.created.v1"]);
    let [entry] = &f.store.audit()[..] else { panic!("one audit entry") };
    assert_eq!((entry.verb, entry.resource, entry.before.is_none()), (AuditVerb::Create, "vehicle", true));
}

#[test]
fn every_broken_rule_is_named_at_once() {
    let f = fixture();
    let absurd = CreateVehicle {
        fleet_number: String::new(),
        vin: Some("IOQ".into()),
        battery: Wh(-1),
        max_ac: W(0),
        max_dc: W(i64::MAX),
        target_soc: Soc::EMPTY,
        ..a_bus()
    };
    let Err(VehicleError::Invalid(invalid)) = block_on(f.vehicles.vehicle_create(&f.scope, absurd)) else {
        panic!("absurd input is refused");
    };
    let pointers: Vec<_> = invalid.errors.iter().map(|error| error.pointer.as_str()).collect();
    assert_eq!(pointers, ["/fleet_number", "/vin", "/battery_kwh", "/max_dc_kw", "/target_soc_percent"]);
    assert!(f.store.audit().is_empty());
}

#[test]
fn a_depot_must_exist_in_the_same_organisation() {
    let f = fixture();
    let depot = CountingIds::default().uuid().into();
    f.store.add_depot(OrganisationId::from(uuid::Uuid::from_u128(9)), depot);
    let elsewhere = CreateVehicle { depot: Some(depot), ..a_bus() };
    assert!(matches!(
        block_on(f.vehicles.vehicle_create(&f.scope, elsewhere)),
        Err(VehicleError::Invalid(_))
    ));
}

#[test]
fn a_scope_without_the_permission_is_denied_before_anything_is_read() {
    let f = fixture();
    let reader = Scope::new(f.scope.organisation(), Actor::System, [Permission::VehicleRead].into());
    assert!(matches!(block_on(f.vehicles.vehicle_create(&reader, a_bus())), Err(VehicleError::Denied(_))));
    let nobody = Scope::new(f.scope.organisation(), Actor::System, [].into());
    let filter = VehicleFilter::default();
    let list = f.vehicles.vehicle_list(&nobody, &filter, PageRequest::default());
    assert!(matches!(block_on(list), Err(VehicleError::Denied(_))));
}

#[test]
fn a_patch_changes_what_it_names_and_needs_the_seen_version() {
    let f = fixture();
    let vehicle = block_on(f.vehicles.vehicle_create(&f.scope, a_bus())).unwrap();
    let patch = || ChangeVehicle { vin: Change::Clear, ..ChangeVehicle::default() };
    let changed =
        block_on(f.vehicles.vehicle_change(&f.scope, vehicle.id, Some(Version(1)), patch())).unwrap();
    assert_eq!((changed.vin, changed.version, changed.battery), (None, Version(2), vehicle.battery));
    let again = block_on(f.vehicles.vehicle_change(&f.scope, vehicle.id, Some(Version(1)), patch()));
    assert!(matches!(again, Err(VehicleError::Store(kernel::StoreError::Stale))));
}

#[test]
fn another_organisation_sees_nothing() {
    let f = fixture();
    let vehicle = block_on(f.vehicles.vehicle_create(&f.scope, a_bus())).unwrap();
    let stranger = Scope::system(OrganisationId::from(uuid::Uuid::from_u128(9)));
    assert!(matches!(
        block_on(f.vehicles.vehicle_get(&stranger, vehicle.id)),
        Err(VehicleError::NoSuchVehicle)
    ));
    assert!(matches!(
        block_on(f.vehicles.vehicle_delete(&stranger, vehicle.id, None)),
        Err(VehicleError::NoSuchVehicle)
    ));
}

#[test]
fn a_report_from_the_future_is_refused_and_a_late_one_changes_nothing() {
    let f = fixture();
    let vehicle = block_on(f.vehicles.vehicle_create(&f.scope, a_bus())).unwrap();
    let report = |percent, minutes| ReportSoc {
        soc: Soc::from_percent(percent).unwrap(),
        source: SocSource::Telematics,
        at: Some(f.clock.now() + chrono::TimeDelta::minutes(minutes)),
    };
    let future = block_on(f.vehicles.soc_report(&f.scope, vehicle.id, report(50.0, 6)));
    assert!(matches!(future, Err(VehicleError::Invalid(_))));
    block_on(f.vehicles.soc_report(&f.scope, vehicle.id, report(50.0, 0))).unwrap();
    let late = block_on(f.vehicles.soc_report(&f.scope, vehicle.id, report(40.0, -1))).unwrap();
    assert_eq!(late.soc.unwrap().soc, Soc::from_percent(50.0).unwrap());
}

#[test]
fn reports_of_many_are_taken_in_any_order_and_any_number_of_times() {
    let f = fixture();
    let bus = block_on(f.vehicles.vehicle_create(&f.scope, a_bus())).unwrap();
    let van = CreateVehicle { fleet_number: "12".into(), vin: None, ..a_bus() };
    let van = block_on(f.vehicles.vehicle_create(&f.scope, van)).unwrap();
    let report = |vehicle, percent, minutes| Observation {
        vehicle,
        soc: Soc::from_percent(percent).unwrap(),
        at: f.clock.now() + chrono::TimeDelta::minutes(minutes),
    };
    let batch = || {
        vec![
            report(VehicleName::fleet_number("12 "), 40.0, -1),
            report(VehicleName::vin("wmaa22zz1kt000101"), 71.0, -2),
            report(VehicleName::Id(van.id), 39.0, -2),
            report(VehicleName::fleet_number("13"), 50.0, 0),
            report(VehicleName::Id(van.id), 50.0, 6),
            report(VehicleName::Id(bus.id), 70.0, 0),
        ]
    };
    let (events, audited) = (f.store.event_names().len(), f.store.audit().len());
    let outcome = block_on(f.vehicles.soc_report_many(&f.scope, batch())).unwrap();
    let expected = [
        Observed::Believed,
        Observed::Believed,
        Observed::Outdated,
        Observed::UnknownVehicle,
        Observed::InTheFuture,
        Observed::Believed,
    ];
    assert_eq!(outcome, expected);
    let soc = |id| block_on(f.vehicles.vehicle_get(&f.scope, id)).unwrap().soc.unwrap().soc.to_percent();
    assert_eq!((soc(van.id), soc(bus.id)), (40.0, 70.0));
    assert_eq!(f.store.event_names()[events..], ["manage.vehicle.soc_observed.v1"; 2], "one of each vehicle");
    assert_eq!(f.store.audit().len(), audited + 2);

    let again = block_on(f.vehicles.soc_report_many(&f.scope, batch())).unwrap();
    assert!(!again.contains(&Observed::Believed), "{again:?}");
    assert_eq!(f.store.event_names().len(), events + 2, "what is known already is no news");

    let stranger = Scope::system(OrganisationId::from(uuid::Uuid::from_u128(9)));
    let outcome = block_on(f.vehicles.soc_report_many(&stranger, batch())).unwrap();
    assert_eq!(outcome, [Observed::UnknownVehicle; 6]);
    let many = vec![report(VehicleName::Id(van.id), 1.0, 0); 1_001];
    assert!(matches!(block_on(f.vehicles.soc_report_many(&f.scope, many)), Err(VehicleError::Invalid(_))));
    let reader = Scope::new(f.scope.organisation(), Actor::System, [Permission::VehicleRead].into());
    let denied = block_on(f.vehicles.soc_report_many(&reader, Vec::new()));
    assert!(matches!(denied, Err(VehicleError::Denied(_))));
}

#[test]
fn a_tag_is_authorised_by_its_state_and_unknown_text_is_an_answer() {
    let f = fixture();
    let expiry = f.clock.now() + chrono::TimeDelta::hours(1);
    let command = CreateIdTag {
        value: "04:A2:F1:9C:0E:77".into(),
        kind: IdTagKind::Evccid,
        vehicle: None,
        status: IdTagStatus::Active,
        expires_at: Some(expiry),
    };
    block_on(f.id_tags.id_tag_create(&f.scope, command)).unwrap();
    let ask = |text: &str| {
        block_on(async {
            let mut tx = kernel::Begin::<dyn vehicle::VehicleTx>::begin(&f.store).await.unwrap();
            let organisation = f.scope.organisation();
            recording::authorise(&mut *tx, &*f.clock, organisation, text).await.unwrap().0
        })
    };
    assert_eq!(ask("04a2f19c0e77"), Authorisation::Accepted);
    assert_eq!(ask("\u{0}\u{fffd}"), Authorisation::Unknown);
    f.clock.set(expiry);
    assert_eq!(ask("04a2f19c0e77"), Authorisation::Expired);
}
