//! Keeping charge points: validation, permissions, conflicts, events and audit.

use charge_point::{
    ChangeChargePoint, ChargePointError, ChargePointFilter, ConnectorInput, CreateChargePoint, CurrentType,
    EvseInput, Registration,
};
use futures::executor::block_on;
use kernel::{
    AuditVerb, Change, Fault, FaultClass, IdSource, PageRequest, Permission, StoreError, Version, W,
};

use crate::{Fixture, fixture};

fn pointers(error: &ChargePointError) -> Vec<(String, &'static str)> {
    let ChargePointError::Invalid(invalid) = error else { panic!("invalid, not {error:?}") };
    invalid.errors.iter().map(|error| (error.pointer.clone(), error.code)).collect()
}

fn create(f: &Fixture, command: CreateChargePoint) -> Result<charge_point::ChargePoint, ChargePointError> {
    block_on(f.charge_points.charge_point_create(&f.scope, command))
}

fn change(
    f: &Fixture,
    of: &charge_point::ChargePoint,
    patch: ChangeChargePoint,
) -> Result<charge_point::ChargePoint, ChargePointError> {
    block_on(f.charge_points.charge_point_change(&f.scope, of.id, None, patch))
}

#[test]
fn little_has_to_be_said_and_all_is_told() {
    let f = fixture();
    let created = f.charger(" CP-1 ");
    assert_eq!((created.identity.as_str(), created.version), ("CP-1", Version::FIRST));
    assert_eq!((created.electrics.current, created.electrics.voltage), (CurrentType::Ac, 230));
    assert_eq!((created.registration, created.security_profile), (Registration::Accepted, 0));
    assert_eq!(created.evses[0].connectors[0].flat_number, 1);
    assert_eq!(f.stored(&created), created);
    assert_eq!(f.store.event_names(), ["manage.charge_point.created.v1"]);
    let [entry] = &f.store.audit()[..] else { panic!("one audit entry") };
    assert_eq!((entry.verb, entry.actor), (AuditVerb::Create, f.scope.actor()));
    assert_eq!(entry.after.as_ref().unwrap()["identity"], "CP-1");
}

#[test]
fn a_strong_charger_is_a_dc_charger_unless_its_plugs_say_otherwise() {
    let f = fixture();
    let strong = create(&f, CreateChargePoint::new("DC", f.depot, W(150_000))).unwrap();
    assert_eq!(strong.electrics.current, CurrentType::Dc);
    assert_eq!(strong.evses[0].connectors[0].standard.as_str(), "iec_62196_t2_combo");
    let plug = ConnectorInput { standard: Some("iec_62196_t2".into()), ..Default::default() };
    let evses = vec![EvseInput { connectors: vec![plug], ..Default::default() }];
    let command = CreateChargePoint { evses, ..CreateChargePoint::new("AC", f.depot, W(150_000)) };
    assert_eq!(create(&f, command).unwrap().electrics.current, CurrentType::Ac);
}

#[test]
fn every_broken_rule_is_told_at_once() {
    let f = fixture();
    let command = CreateChargePoint {
        password: Some("short".into()),
        security_profile: Some(4),
        voltage: Some(12),
        min_power: Some(W(30_000)),
        evses: vec![EvseInput { number: Some(0), ..Default::default() }],
        ..CreateChargePoint::new("CP", f.depot, W(22_000))
    };
    assert_eq!(
        pointers(&create(&f, command).unwrap_err()),
        [
            ("/password".into(), "out_of_range"),
            ("/evses/0/number".into(), "out_of_range"),
            // The number of an only connector follows that of its EVSE.
            ("/evses/0/connectors/0/number".into(), "out_of_range"),
            ("/voltage".into(), "out_of_range"),
            ("/min_power_kw".into(), "out_of_range"),
            ("/security_profile".into(), "out_of_range"),
        ]
    );
    let nameless = CreateChargePoint::new("a/b", f.depot, W(22_000));
    assert_eq!(pointers(&create(&f, nameless).unwrap_err()), [("/identity".into(), "malformed")]);
    let open =
        CreateChargePoint { security_profile: Some(1), ..CreateChargePoint::new("CP", f.depot, W(22_000)) };
    assert_eq!(pointers(&create(&f, open).unwrap_err()), [("/password".into(), "required")]);
    assert!(f.store.event_names().is_empty());
}

#[test]
fn places_belong_to_the_depot() {
    let f = fixture();
    let organisation = f.scope.organisation();
    let (elsewhere, circuit, zone) = (f.ids.uuid().into(), f.ids.uuid().into(), f.ids.uuid().into());
    f.store.add_depot(organisation, elsewhere);
    f.store.add_circuit(organisation, elsewhere, circuit);
    f.store.add_zone(organisation, f.depot, zone);
    let command = CreateChargePoint {
        circuit: Some(circuit),
        zone: Some(f.ids.uuid().into()),
        ..CreateChargePoint::new("CP", f.depot, W(22_000))
    };
    assert_eq!(
        pointers(&create(&f, command).unwrap_err()),
        [("/circuit_id".into(), "other_depot"), ("/zone_id".into(), "unknown_zone")]
    );
    let nowhere = CreateChargePoint::new("CP", f.ids.uuid().into(), W(22_000));
    assert_eq!(pointers(&create(&f, nowhere).unwrap_err()), [("/depot_id".into(), "unknown_depot")]);

    let command = CreateChargePoint { zone: Some(zone), ..CreateChargePoint::new("CP", f.depot, W(22_000)) };
    let created = create(&f, command).unwrap();
    let move_it = ChangeChargePoint { depot: Some(elsewhere), ..Default::default() };
    assert_eq!(
        pointers(&change(&f, &created, move_it.clone()).unwrap_err()),
        [("/zone_id".into(), "other_depot")]
    );
    let move_whole = ChangeChargePoint { zone: Change::Clear, circuit: Change::Set(circuit), ..move_it };
    let moved = change(&f, &created, move_whole).unwrap();
    assert_eq!((moved.depot, moved.zone, moved.circuit), (elsewhere, None, Some(circuit)));
}

#[test]
fn a_password_is_hashed_and_never_told() {
    let f = fixture();
    let command = CreateChargePoint {
        password: Some("open sesame".into()),
        ..CreateChargePoint::new("CP", f.depot, W(22_000))
    };
    let created = create(&f, command).unwrap();
    assert_eq!(created.security_profile, 1);
    assert_eq!(created.password_hash.as_ref().unwrap().expose(), "plain$open sesame");
    let patch = ChangeChargePoint { password: Change::Set("other word".into()), ..Default::default() };
    let changed = change(&f, &created, patch).unwrap();
    assert_eq!(changed.password_hash.as_ref().unwrap().expose(), "plain$other word");
    let clear = ChangeChargePoint { password: Change::Clear, ..Default::default() };
    assert_eq!(
        pointers(&change(&f, &created, clear.clone()).unwrap_err()),
        [("/password".into(), "required")]
    );
    let open = ChangeChargePoint { security_profile: Some(0), ..clear };
    assert_eq!(change(&f, &created, open).unwrap().password_hash, None);
    let told = format!("{:?} {:?}", f.store.events(), f.store.audit());
    assert!(!told.contains("sesame") && !told.contains("other word") && !told.contains("plain$"));
}

#[test]
fn an_identity_is_taken_for_everybody() {
    let f = fixture();
    f.charger("CP-1");
    let again = create(&f, CreateChargePoint::new("CP-1", f.depot, W(22_000))).unwrap_err();
    assert!(matches!(again.class(), FaultClass::Conflict { code: "identity_taken" }));
}

#[test]
fn a_change_needs_the_version_that_was_seen() {
    let f = fixture();
    let created = f.charger("CP-1");
    let patch = ChangeChargePoint { max_power: Some(W(11_000)), ..Default::default() };
    let expected = Some(Version::FIRST);
    let update = || f.charge_points.charge_point_change(&f.scope, created.id, expected, patch.clone());
    let changed = block_on(update()).unwrap();
    assert_eq!((changed.version, changed.max_power), (Version(2), W(11_000)));
    let stale = block_on(update()).unwrap_err();
    assert!(matches!(stale, ChargePointError::Store(StoreError::Stale)));
    assert_eq!(f.store.event_names()[1..], ["manage.charge_point.changed.v1"]);
    assert_eq!(f.store.audit().len(), 2);
}

#[test]
fn a_busy_charge_point_keeps_its_connectors() {
    let f = fixture();
    let created = f.charger("CP-1");
    f.store.set_busy(created.id, true);
    let evse = |number| EvseInput { number: Some(number), ..Default::default() };
    let replace = ChangeChargePoint { evses: Some(vec![evse(2)]), ..Default::default() };
    let refused = change(&f, &created, replace.clone()).unwrap_err();
    assert!(matches!(refused, ChargePointError::OpenTransaction));
    let refused = block_on(f.charge_points.charge_point_delete(&f.scope, created.id, None)).unwrap_err();
    assert!(matches!(refused.class(), FaultClass::Conflict { code: "transaction_open" }));
    let more = ChangeChargePoint { evses: Some(vec![evse(1), evse(2)]), ..Default::default() };
    assert_eq!(change(&f, &created, more).unwrap().evses[0].id, created.evses[0].id);
    f.store.set_busy(created.id, false);
    change(&f, &created, replace).unwrap();
    block_on(f.charge_points.charge_point_delete(&f.scope, created.id, None)).unwrap();
    assert_eq!(f.store.event_names().last().unwrap(), "manage.charge_point.deleted.v1");
}

#[test]
fn others_see_nothing_and_the_unentitled_do_nothing() {
    let f = fixture();
    let created = f.charger("CP-1");
    let stranger = f.stranger();
    let service = &f.charge_points;
    let gone = block_on(service.charge_point_get(&stranger, created.id)).unwrap_err();
    assert!(matches!(gone, ChargePointError::NoSuchChargePoint));
    let gone = block_on(service.charge_point_delete(&stranger, created.id, None)).unwrap_err();
    assert!(matches!(gone, ChargePointError::NoSuchChargePoint));
    let gone = block_on(service.configuration_list(&stranger, created.id)).unwrap_err();
    assert!(matches!(gone, ChargePointError::NoSuchChargePoint));

    let reader = f.only(&[Permission::ChargePointRead]);
    let any = ChargePointFilter::default();
    let page = service.charge_point_list(&reader, &any, PageRequest::default());
    assert_eq!(block_on(page).unwrap().items, vec![created.clone()]);
    let refused = block_on(service.charge_point_delete(&reader, created.id, None)).unwrap_err();
    assert!(matches!(refused, ChargePointError::Denied(_)));
    let writer = f.only(&[Permission::ChargePointWrite]);
    assert!(block_on(service.charge_point_get(&writer, created.id)).is_err());
}
