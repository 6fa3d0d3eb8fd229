//! Use cases of priority: validation, permissions, conflicts, events and audit.

use std::sync::Arc;

use chrono::TimeDelta;
use futures::executor::block_on;
use kernel::{
    Actor, AuditVerb, Change, Clock, DepotId, IdSource, OrganisationId, PageRequest, Permission,
    PriorityLevel, Scope, Soc, StoreError, VehicleId, Version,
    testing::{CountingIds, FakeClock},
};
use priority::{
    ChangeLevel, ChangeRule, Conditions, CreateLevel, CreateOverride, CreateRule, OverrideFilter,
    OverrideTarget, Priorities, PriorityError, PriorityService, RuleTarget, Source, Stand,
    testing::{FakePriorities, facts},
};

pub(crate) struct Fixture {
    pub(crate) store: FakePriorities,
    pub(crate) priorities: PriorityService,
    pub(crate) clock: Arc<FakeClock>,
    pub(crate) scope: Scope,
    pub(crate) depot: DepotId,
    pub(crate) vehicle: VehicleId,
}

/// One depot with one vehicle of level 6.
pub(crate) fn fixture() -> Fixture {
    let store = FakePriorities::default();
    let clock = Arc::new(FakeClock::default());
    let ids = Arc::new(CountingIds::default());
    let scope = Scope::system(OrganisationId::from(ids.uuid()));
    let (depot, vehicle) = (ids.uuid().into(), ids.uuid().into());
    let mut known = facts(depot, vehicle);
    known.own_level = PriorityLevel::new(6);
    store.add_facts(scope.organisation(), known);
    let priorities = PriorityService::new(Arc::new(store.clone()), clock.clone(), ids);
    Fixture { store, priorities, clock, scope, depot, vehicle }
}

pub(crate) fn a_rule() -> CreateRule {
    CreateRule {
        position: None,
        name: " empty first ".into(),
        enabled: true,
        target: RuleTarget::Everybody,
        conditions: Conditions::default(),
        level: PriorityLevel::new(2).unwrap(),
    }
}

fn an_override(f: &Fixture) -> CreateOverride {
    CreateOverride {
        target: OverrideTarget::Vehicle(f.vehicle),
        level: PriorityLevel::MOST,
        reason: "school trip".into(),
        expires_at: f.clock.now() + TimeDelta::hours(2),
    }
}

fn a_level(level: u8) -> CreateLevel {
    CreateLevel { level: PriorityLevel::new(level).unwrap(), name: "Express".into(), description: None }
}

#[test]
fn the_usual_levels_hold_until_there_are_own_ones() {
    let f = fixture();
    let usual = block_on(f.priorities.level_list(&f.scope)).unwrap();
    assert_eq!(usual.iter().map(|level| level.level.get()).collect::<Vec<_>>(), [1, 3, 5, 7, 9]);
    let (id, patch) = (usual[0].id, ChangeLevel::default());
    assert_eq!(block_on(f.priorities.level_get(&f.scope, id)).unwrap(), usual[0]);
    let changed = block_on(f.priorities.level_change(&f.scope, id, None, patch));
    assert!(matches!(changed, Err(PriorityError::UsualLevel)));

    let own = block_on(f.priorities.level_create(&f.scope, a_level(2))).unwrap();
    assert_eq!(block_on(f.priorities.level_list(&f.scope)).unwrap(), std::slice::from_ref(&own));
    assert!(matches!(block_on(f.priorities.level_get(&f.scope, id)), Err(PriorityError::NoSuchLevel)));
    let taken = block_on(f.priorities.level_create(&f.scope, a_level(2)));
    assert!(matches!(taken, Err(PriorityError::LevelTaken)));

    let patch = ChangeLevel { description: Change::Set("first of all".into()), ..ChangeLevel::default() };
    let changed = block_on(f.priorities.level_change(&f.scope, own.id, Some(Version(1)), patch)).unwrap();
    assert_eq!((changed.version, changed.description.as_deref()), (Version(2), Some("first of all")));
    let stale = block_on(f.priorities.level_delete(&f.scope, own.id, Some(Version(1))));
    assert!(matches!(stale, Err(PriorityError::Store(StoreError::Stale))));
    block_on(f.priorities.level_delete(&f.scope, own.id, Some(Version(2)))).unwrap();
    assert_eq!(block_on(f.priorities.level_list(&f.scope)).unwrap().len(), 5);
    let verbs: Vec<_> = f.store.audit().iter().map(|entry| entry.verb).collect();
    assert_eq!(verbs, [AuditVerb::Create, AuditVerb::Update, AuditVerb::Delete]);
    assert_eq!(
        f.store.event_names(),
        [
            "manage.priority_level.created.v1",
            "manage.priority_level.changed.v1",
            "manage.priority_level.deleted.v1"
        ]
    );
}

#[test]
fn every_broken_rule_is_named_at_once() {
    let f = fixture();
    let unknown = VehicleId::from(uuid::Uuid::from_u128(7));
    let absurd = CreateRule {
        position: Some(0),
        name: String::new(),
        target: RuleTarget::Vehicles(vec![f.vehicle, unknown]),
        conditions: Conditions {
            soc_below: Some(Soc::EMPTY),
            soc_above: Some(Soc::FULL),
            minutes_to_departure_below: Some(0),
            window: None,
        },
        ..a_rule()
    };
    let Err(PriorityError::Invalid(invalid)) = block_on(f.priorities.rule_create(&f.scope, absurd)) else {
        panic!("absurd input is refused");
    };
    let pointers: Vec<_> = invalid.errors.iter().map(|error| error.pointer.as_str()).collect();
    assert_eq!(
        pointers,
        [
            "/name",
            "/position",
            "/conditions/minutes_to_departure_below",
            "/conditions/soc_above_percent",
            "/target/vehicle_ids/1",
        ]
    );
    assert!(f.store.audit().is_empty());
}

#[test]
fn an_override_ends_in_the_future_and_is_of_something() {
    let f = fixture();
    let past = CreateOverride {
        target: OverrideTarget::ChargePoint(uuid::Uuid::from_u128(7).into()),
        reason: " ".into(),
        expires_at: f.clock.now(),
        ..an_override(&f)
    };
    let Err(PriorityError::Invalid(invalid)) = block_on(f.priorities.override_create(&f.scope, past)) else {
        panic!("a past override is refused");
    };
    let pointers: Vec<_> = invalid.errors.iter().map(|error| error.pointer.as_str()).collect();
    assert_eq!(pointers, ["/reason", "/expires_at", "/charge_point_id"]);
    let far = CreateOverride { expires_at: chrono::DateTime::<chrono::Utc>::MAX_UTC, ..an_override(&f) };
    let far = block_on(f.priorities.override_create(&f.scope, far));
    assert!(matches!(far, Err(PriorityError::Invalid(_))));
}

#[test]
fn an_expired_override_does_nothing_and_is_listed_when_asked_for() {
    let f = fixture();
    let over = block_on(f.priorities.override_create(&f.scope, an_override(&f))).unwrap();
    let level = || block_on(f.priorities.effective_at(&f.scope, f.depot)).unwrap()[0].clone();
    let list = |with_expired| {
        let (filter, page) = (OverrideFilter::default(), PageRequest::default());
        block_on(f.priorities.override_list(&f.scope, filter, with_expired, page)).unwrap().items
    };
    assert_eq!((level().0, level().1.source), (f.vehicle, Source::Override(over.id)));
    assert_eq!(list(false), std::slice::from_ref(&over));
    f.clock.set(over.expires_at);
    assert_eq!((level().1.level.get(), level().1.source), (6, Source::Vehicle));
    assert!(list(false).is_empty());
    assert_eq!(list(true), std::slice::from_ref(&over));
    block_on(f.priorities.override_delete(&f.scope, over.id, Some(Version(1)))).unwrap();
    let gone = block_on(f.priorities.override_get(&f.scope, over.id));
    assert!(matches!(gone, Err(PriorityError::NoSuchOverride)));
}

#[test]
fn a_patch_changes_what_it_names_and_needs_the_seen_version() {
    let f = fixture();
    let rule = block_on(f.priorities.rule_create(&f.scope, a_rule())).unwrap();
    assert_eq!((rule.name.as_str(), rule.position), ("empty first", 1));
    let patch = || ChangeRule { enabled: Some(false), ..ChangeRule::default() };
    let changed = block_on(f.priorities.rule_change(&f.scope, rule.id, Some(Version(1)), patch())).unwrap();
    assert_eq!((changed.enabled, changed.version, changed.level), (false, Version(2), rule.level));
    let again = block_on(f.priorities.rule_change(&f.scope, rule.id, Some(Version(1)), patch()));
    assert!(matches!(again, Err(PriorityError::Store(StoreError::Stale))));
}

#[test]
fn a_scope_without_the_permission_is_denied() {
    let f = fixture();
    let org = f.scope.organisation();
    let reader = Scope::new(org, Actor::System, [Permission::PriorityRead].into());
    let nobody = Scope::new(org, Actor::System, [Permission::PriorityWrite].into());
    let denied = |result: Result<(), PriorityError>| assert!(matches!(result, Err(PriorityError::Denied(_))));
    let p = &f.priorities;
    denied(block_on(p.rule_create(&reader, a_rule())).map(drop));
    denied(block_on(p.level_create(&reader, a_level(1))).map(drop));
    denied(block_on(p.override_create(&reader, an_override(&f))).map(drop));
    denied(block_on(p.rule_list(&nobody)).map(drop));
    denied(block_on(p.level_list(&nobody)).map(drop));
    denied(block_on(p.effective_at(&nobody, f.depot)).map(drop));
}

#[test]
fn another_organisation_sees_nothing() {
    let f = fixture();
    let rule = block_on(f.priorities.rule_create(&f.scope, a_rule())).unwrap();
    let over = block_on(f.priorities.override_create(&f.scope, an_override(&f))).unwrap();
    let stranger = Scope::system(OrganisationId::from(uuid::Uuid::from_u128(9)));
    let p = &f.priorities;
    assert!(block_on(p.rule_list(&stranger)).unwrap().is_empty());
    assert!(matches!(block_on(p.rule_get(&stranger, rule.id)), Err(PriorityError::NoSuchRule)));
    assert!(matches!(block_on(p.rule_delete(&stranger, rule.id, None)), Err(PriorityError::NoSuchRule)));
    assert!(matches!(
        block_on(p.override_delete(&stranger, over.id, None)),
        Err(PriorityError::NoSuchOverride)
    ));
    assert!(matches!(block_on(p.effective_at(&stranger, f.depot)), Err(PriorityError::NoSuchDepot)));
    assert!(matches!(
        block_on(p.override_create(&stranger, an_override(&f))),
        Err(PriorityError::Invalid(_))
    ));
}

#[test]
fn the_control_asks_for_those_who_stand_somewhere() {
    let f = fixture();
    let place = uuid::Uuid::from_u128(5).into();
    let everybody = block_on(
        f.priorities.rule_create(&f.scope, CreateRule { target: RuleTarget::Vehicle(f.vehicle), ..a_rule() }),
    )
    .unwrap();
    let stands = [
        Stand { charge_point: place, vehicle: None },
        Stand { charge_point: place, vehicle: Some(f.vehicle) },
    ];
    let asked = f.store.priorities_of(f.scope.organisation(), f.depot, &stands, f.clock.now());
    let sources: Vec<_> = block_on(asked).unwrap().into_iter().map(|found| found.source).collect();
    assert_eq!(sources, [Source::Default, Source::Rule(everybody.id)]);
}
