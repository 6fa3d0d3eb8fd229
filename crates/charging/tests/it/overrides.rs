//! The use cases of overrides over the store in memory, which keeps the contract.

use std::sync::Arc;

use charging::overrides::{
    CreateOverride, OverrideAction, OverrideError, OverrideFilter, OverrideService, OverrideTarget,
    testing::{FakeOverrides, contract},
};
use chrono::TimeDelta;
use futures::executor::block_on;
use kernel::{
    ChargePointId, Clock, EvseId, IdSource, OrganisationId, PageRequest, Permission, Scope, StoreError,
    VehicleId, Version, W,
    testing::{CountingIds, FakeClock, sight::FakeSight},
};

struct Desk {
    store: FakeOverrides,
    service: OverrideService,
    scope: Scope,
    vehicle: VehicleId,
    clock: Arc<FakeClock>,
}

fn desk() -> Desk {
    let (store, ids) = (FakeOverrides::default(), Arc::new(CountingIds::default()));
    let clock = Arc::new(FakeClock::default());
    let organisation: OrganisationId = ids.uuid().into();
    let vehicle: VehicleId = ids.uuid().into();
    store.add_target(organisation, vehicle);
    let service = OverrideService::new(Arc::new(store.clone()), clock.clone(), ids);
    Desk { store, service, scope: Scope::system(organisation), vehicle, clock }
}

impl Desk {
    fn command(&self) -> CreateOverride {
        CreateOverride {
            target: OverrideTarget::Vehicle(self.vehicle),
            action: OverrideAction::Limit(W(11_000)),
            reason: " works on the panel ".into(),
            expires_at: self.clock.now() + TimeDelta::hours(1),
        }
    }
}

#[test]
fn the_fake_keeps_the_contract() {
    block_on(contract::holds(&FakeOverrides::default()));
}

#[test]
fn an_override_is_made_told_audited_and_ended() {
    let desk = desk();
    let made = block_on(desk.service.override_create(&desk.scope, desk.command())).unwrap();
    assert_eq!((&*made.reason, made.created_by), ("works on the panel", desk.scope.actor()));
    let stale = block_on(desk.service.override_delete(&desk.scope, made.id, Some(Version(7))));
    assert!(matches!(stale, Err(OverrideError::Store(StoreError::Stale))));
    block_on(desk.service.override_delete(&desk.scope, made.id, Some(made.version))).unwrap();
    let gone = block_on(desk.service.override_get(&desk.scope, made.id));
    assert!(matches!(gone, Err(OverrideError::NoSuchOverride)));
    assert_eq!(
        desk.store.event_names(),
        ["manage.charging_override.created.v1", "manage.charging_override.deleted.v1"]
    );
    assert_eq!(desk.store.audit().len(), 2);
}

#[test]
fn what_has_expired_is_listed_only_where_asked_for() {
    let desk = desk();
    block_on(desk.service.override_create(&desk.scope, desk.command())).unwrap();
    let count = |with_expired| {
        let list = desk.service.override_list(
            &desk.scope,
            OverrideFilter::default(),
            with_expired,
            PageRequest::default(),
        );
        block_on(list).unwrap().items.len()
    };
    assert_eq!((count(false), count(true)), (1, 1));
    desk.clock.advance(TimeDelta::hours(1));
    assert_eq!((count(false), count(true)), (0, 1));
}

#[test]
fn every_broken_rule_is_told_at_once() {
    let desk = desk();
    let command = CreateOverride {
        target: OverrideTarget::Vehicle(CountingIds::default().uuid().into()),
        action: OverrideAction::Limit(W(-1)),
        reason: " ".into(),
        expires_at: desk.clock.now(),
    };
    let Err(OverrideError::Invalid(invalid)) = block_on(desk.service.override_create(&desk.scope, command))
    else {
        panic!("it was taken");
    };
    let pointers: Vec<&str> = invalid.errors.iter().map(|error| &*error.pointer).collect();
    assert_eq!(pointers, ["/reason", "/max_kw", "/expires_at", "/vehicle_id"]);
    assert!(desk.store.event_names().is_empty());
}

#[test]
fn within_a_group_only_what_it_holds_is_steered() {
    let desk = desk();
    let (sight, group) = (Arc::new(FakeSight::default()), CountingIds::default().uuid().into());
    let may = [Permission::ChargingRead, Permission::ChargingWrite].into();
    let scope = sight.scope(desk.scope.organisation(), group, &may);
    let Err(OverrideError::Invalid(invalid)) = block_on(desk.service.override_create(&scope, desk.command()))
    else {
        panic!("it was taken");
    };
    assert_eq!((&*invalid.errors[0].pointer, invalid.errors[0].code), ("/vehicle_id", "unknown_vehicle"));
    let made = block_on(desk.service.override_create(&desk.scope, desk.command())).unwrap();
    let list = || {
        let all = desk.service.override_list(&scope, OverrideFilter::default(), true, PageRequest::default());
        block_on(all).unwrap().items
    };
    assert!(list().is_empty());
    let got = block_on(desk.service.override_get(&scope, made.id));
    assert!(matches!(got, Err(OverrideError::NoSuchOverride)));
    let ended = || block_on(desk.service.override_delete(&scope, made.id, None));
    assert!(matches!(ended(), Err(OverrideError::NoSuchOverride)));

    sight.put(group, desk.vehicle);
    sight.put(group, made.id);
    assert_eq!(list(), std::slice::from_ref(&made));
    ended().unwrap();
    block_on(desk.service.override_create(&scope, desk.command())).unwrap();
}

#[test]
fn events_of_an_evse_name_its_charge_point() {
    let desk = desk();
    let (ids, organisation) = (CountingIds::default(), desk.scope.organisation());
    let (evse, charge_point): (EvseId, ChargePointId) = (ids.uuid().into(), ids.uuid().into());
    desk.store.add_evse(organisation, evse, charge_point);
    let command = CreateOverride { target: OverrideTarget::Evse(evse), ..desk.command() };
    let made = block_on(desk.service.override_create(&desk.scope, command)).unwrap();
    block_on(desk.service.override_delete(&desk.scope, made.id, None)).unwrap();
    let named: Vec<_> =
        desk.store.events().iter().map(|event| event.data["charge_point_id"].clone()).collect();
    assert_eq!(named, [serde_json::json!(charge_point), serde_json::json!(charge_point)]);
}
