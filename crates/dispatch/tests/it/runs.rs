//! Runs: validation, overlaps, what may still change, events and audit.

use chrono::TimeDelta;
use dispatch::{
    ChangeDuty, ChangeRun, CreateRun, DispatchError, Duty, Readiness, ReadinessState, RunFilter, RunState,
    testing::{Yard, hours},
};
use futures::executor::block_on;
use kernel::{
    Actor, AuditVerb, Change, IdSource, OrganisationId, PageRequest, Permission, Scope, Soc, StoreError,
    Version, Wh,
};
use vehicle::{Vehicle, testing::bus};

use crate::{Fixture, a_run, fixture};

fn pointers(outcome: Result<impl std::fmt::Debug, DispatchError>) -> Vec<(String, &'static str)> {
    let Err(DispatchError::Invalid(invalid)) = outcome else { panic!("{outcome:?} is not invalid") };
    invalid.errors.into_iter().map(|error| (error.pointer, error.code)).collect()
}

fn assign(vehicle: Change<kernel::VehicleId>) -> ChangeRun {
    ChangeRun { duty: ChangeDuty { vehicle, ..ChangeDuty::default() }, ..ChangeRun::default() }
}

#[test]
fn a_run_is_tidied_published_and_audited() {
    let f = fixture();
    let run = block_on(f.dispatch.run_create(&f.scope, a_run(&f, " 17-03 ", 15))).unwrap();
    assert_eq!(run.block, "17-03");
    // 23:00 UTC is the next day in Berlin.
    assert_eq!(run.service_date.to_string(), "2026-03-03");
    assert_eq!(run.readiness, Readiness::unjudged(true));
    assert_eq!((run.readiness.state, run.readiness.assessed_at), (ReadinessState::AtRisk, None));
    assert_eq!(f.store.event_names(), ["manage.run.created.v1"]);
    let [entry] = &f.store.audit()[..] else { panic!("one audit entry") };
    assert_eq!((entry.verb, entry.resource, entry.before.is_none()), (AuditVerb::Create, "run", true));
    let again = block_on(
        f.dispatch.run_create(&f.scope, CreateRun { duty: Duty::default(), ..a_run(&f, "17-03", 15) }),
    );
    assert!(matches!(again, Err(DispatchError::BlockTaken)));
}

#[test]
fn every_broken_rule_is_named_at_once() {
    let f = fixture();
    let absurd = CreateRun {
        block: " ".into(),
        service_date: Some(hours(200).date_naive()),
        arrival_at: hours(1),
        duty: Duty {
            distance_m: Some(0),
            energy_required: Some(Wh(2_000_001)),
            required_soc: Soc::from_percent(10.0),
            minimum_soc: Soc::from_percent(20.0).unwrap(),
            vehicle_class: Some("x".repeat(41)),
            vehicle: Some(f.ids.uuid().into()),
            priority_level: None,
        },
        ..a_run(&f, "1", 1)
    };
    assert_eq!(
        pointers(block_on(f.dispatch.run_create(&f.scope, absurd))),
        [
            ("/block".into(), "required"),
            ("/arrival_at".into(), "out_of_order"),
            ("/service_date".into(), "out_of_range"),
            ("/distance_km".into(), "out_of_range"),
            ("/energy_required_kwh".into(), "out_of_range"),
            ("/required_soc_percent".into(), "out_of_order"),
            ("/vehicle_class".into(), "too_long"),
            ("/vehicle_id".into(), "unknown_vehicle"),
        ]
    );
    let endless = CreateRun {
        arrival_at: hours(1) + TimeDelta::hours(72) + TimeDelta::seconds(1),
        ..a_run(&f, "1", 1)
    };
    let endless = block_on(f.dispatch.run_create(&f.scope, endless));
    assert_eq!(pointers(endless), [("/arrival_at".into(), "out_of_range")]);
    let nowhere = CreateRun { depot: f.ids.uuid().into(), ..a_run(&f, "1", 1) };
    let nowhere = block_on(f.dispatch.run_create(&f.scope, nowhere));
    assert_eq!(pointers(nowhere), [("/depot_id".into(), "unknown_depot")]);
    assert!(f.store.all_runs().is_empty());
}

#[test]
fn what_a_vehicle_can_never_do_is_refused() {
    let f = fixture();
    let with = |duty: fn(&mut Duty)| {
        let mut command = a_run(&f, "1", 1);
        duty(&mut command.duty);
        pointers(block_on(f.dispatch.run_create(&f.scope, command)))
    };
    // The bus has 350 kWh and takes 1.2 kWh/km.
    let beyond = |pointer: &str| vec![(pointer.to_owned(), "beyond_battery")];
    assert_eq!(with(|duty| duty.energy_required = Some(Wh(350_001))), beyond("/energy_required_kwh"));
    assert_eq!(with(|duty| duty.distance_m = Some(291_667)), beyond("/distance_km"));
    let with_reserve = |duty: &mut Duty| {
        duty.energy_required = Some(Wh(300_000));
        duty.minimum_soc = Soc::from_percent(20.0).unwrap();
    };
    assert_eq!(with(with_reserve), beyond("/energy_required_kwh"));
    let other_class = |duty: &mut Duty| duty.vehicle_class = Some("articulated".into());
    assert_eq!(with(other_class), [("/vehicle_id".to_owned(), "class_mismatch")]);

    let long = Vehicle { class: Some("articulated".into()), ..bus(&*f.ids, f.scope.organisation(), "2") };
    block_on(f.store.add_vehicle(&long));
    let mut command = a_run(&f, "1", 1);
    (command.duty.vehicle, command.duty.vehicle_class) = (Some(long.id), long.class.clone());
    command.duty.energy_required = Some(Wh(350_000));
    block_on(f.dispatch.run_create(&f.scope, command)).unwrap();
}

#[test]
fn one_vehicle_is_never_on_two_runs() {
    let f = fixture();
    let first = block_on(f.dispatch.run_create(&f.scope, a_run(&f, "1", 4))).unwrap();
    for hour in [3, 4, 5] {
        match block_on(f.dispatch.run_create(&f.scope, a_run(&f, "2", hour))) {
            Err(DispatchError::Overlap(other)) => assert_eq!(other.id, first.id),
            other => panic!("{other:?}"),
        }
    }
    let next = block_on(f.dispatch.run_create(&f.scope, a_run(&f, "2", 6))).unwrap();
    block_on(f.dispatch.run_create(&f.scope, a_run(&f, "0", 2))).unwrap();
    let earlier = ChangeRun { departure_at: Some(hours(5)), ..ChangeRun::default() };
    let earlier = block_on(f.dispatch.run_change(&f.scope, next.id, None, earlier));
    assert!(
        matches!(&earlier, Err(error @ DispatchError::Overlap(_)) if error.to_string().contains(&first.id.to_string()))
    );
    block_on(f.dispatch.run_cancel(&f.scope, first.id)).unwrap();
    let earlier = ChangeRun { departure_at: Some(hours(5)), ..ChangeRun::default() };
    block_on(f.dispatch.run_change(&f.scope, next.id, None, earlier)).unwrap();
}

fn judged(f: &Fixture, run: &dispatch::Run) {
    let found =
        Readiness { state: ReadinessState::OnTrack, assessed_at: Some(hours(0)), ..Readiness::default() };
    block_on(async {
        let mut tx = kernel::Begin::<dyn dispatch::DispatchTx>::begin(&f.store).await.unwrap();
        tx.runs().readiness_save(f.scope.organisation(), &[(run.id, found)]).await.unwrap();
        tx.commit().await.unwrap();
    });
}

#[test]
fn what_was_foretold_is_forgotten_where_it_no_longer_holds() {
    let f = fixture();
    let run = block_on(f.dispatch.run_create(&f.scope, a_run(&f, "1", 4))).unwrap();
    judged(&f, &run);
    let renamed = ChangeRun { block: Some("one".into()), ..ChangeRun::default() };
    let renamed = block_on(f.dispatch.run_change(&f.scope, run.id, Some(Version(1)), renamed)).unwrap();
    assert_eq!((renamed.version, renamed.readiness.state), (Version(2), ReadinessState::OnTrack));
    let stale = block_on(f.dispatch.run_change(&f.scope, run.id, Some(Version(1)), ChangeRun::default()));
    assert!(matches!(stale, Err(DispatchError::Store(StoreError::Stale))));
    let needs = ChangeDuty { energy_required: Change::Set(Wh(9_000)), ..ChangeDuty::default() };
    let needs = ChangeRun { duty: needs, ..ChangeRun::default() };
    let changed = block_on(f.dispatch.run_change(&f.scope, run.id, None, needs)).unwrap();
    assert_eq!(changed.readiness, Readiness::unjudged(true));
    judged(&f, &run);
    let free = block_on(f.dispatch.run_change(&f.scope, run.id, None, assign(Change::Clear))).unwrap();
    assert_eq!((free.vehicle, free.readiness.state), (None, ReadinessState::Unassigned));
}

#[test]
fn a_departed_run_is_history() {
    let f = fixture();
    let run = block_on(f.dispatch.run_create(&f.scope, a_run(&f, "1", 1))).unwrap();
    let at = |at| block_on(f.dispatch.run_depart(&f.scope, run.id, Some(at)));
    assert_eq!(pointers(at(hours(1))), [("/at".into(), "in_the_future")]);
    assert_eq!(pointers(at(hours(-23))), [("/at".into(), "out_of_range")]);
    f.clock.set(hours(1));
    let departed = block_on(f.dispatch.run_depart(&f.scope, run.id, None)).unwrap();
    assert_eq!((departed.state, departed.departed_at), (RunState::Departed, Some(hours(1))));
    assert_eq!(departed.readiness.state, ReadinessState::Departed);
    assert!(matches!(at(hours(1)), Err(DispatchError::Departed)));
    assert!(matches!(block_on(f.dispatch.run_cancel(&f.scope, run.id)), Err(DispatchError::Departed)));
    assert!(matches!(block_on(f.dispatch.run_delete(&f.scope, run.id, None)), Err(DispatchError::Departed)));
    let freed = block_on(f.dispatch.run_change(&f.scope, run.id, None, assign(Change::Clear)));
    assert!(matches!(freed, Err(DispatchError::Departed)));
    let late = ChangeRun { arrival_at: Some(hours(4)), ..ChangeRun::default() };
    let late = block_on(f.dispatch.run_change(&f.scope, run.id, None, late)).unwrap();
    assert_eq!((late.arrival_at, late.state), (hours(4), RunState::Departed));
    let back_before = ChangeRun { arrival_at: Some(hours(1)), ..ChangeRun::default() };
    assert!(!pointers(block_on(f.dispatch.run_change(&f.scope, run.id, None, back_before))).is_empty());

    let nobody = CreateRun { duty: Duty::default(), ..a_run(&f, "2", 1) };
    let nobody = block_on(f.dispatch.run_create(&f.scope, nobody)).unwrap();
    let departed = block_on(f.dispatch.run_depart(&f.scope, nobody.id, None));
    assert!(matches!(departed, Err(DispatchError::Unassigned)));
    block_on(f.dispatch.run_cancel(&f.scope, nobody.id)).unwrap();
    let departed = block_on(f.dispatch.run_depart(&f.scope, nobody.id, None));
    assert!(matches!(departed, Err(DispatchError::Cancelled)));
    block_on(f.dispatch.run_delete(&f.scope, nobody.id, None)).unwrap();
    let names = f.store.event_names();
    assert_eq!(
        names.iter().map(|name| name.split('.').nth(2).unwrap()).collect::<Vec<_>>(),
        ["created", "departed", "changed", "created", "cancelled", "deleted"]
    );
    assert_eq!(f.store.audit().len(), 6);
}

#[test]
fn others_and_the_powerless_get_nowhere() {
    let f = fixture();
    let run = block_on(f.dispatch.run_create(&f.scope, a_run(&f, "1", 1))).unwrap();
    let stranger = Scope::system(OrganisationId::from(f.ids.uuid()));
    let got = block_on(f.dispatch.run_get(&stranger, run.id));
    assert!(matches!(got, Err(DispatchError::NoSuchRun)));
    let deleted = block_on(f.dispatch.run_delete(&stranger, run.id, None));
    assert!(matches!(deleted, Err(DispatchError::NoSuchRun)));
    let page =
        block_on(f.dispatch.run_list(&stranger, &RunFilter::default(), PageRequest::default())).unwrap();
    assert!(page.items.is_empty());
    let reader = Scope::new(f.scope.organisation(), Actor::System, [Permission::DispatchRead].into());
    let changed = block_on(f.dispatch.run_change(&reader, run.id, None, ChangeRun::default()));
    assert!(matches!(changed, Err(DispatchError::Denied(_))));
    assert_eq!(block_on(f.dispatch.run_get(&reader, run.id)).unwrap(), run);
    let nobody = Scope::new(f.scope.organisation(), Actor::System, [].into());
    assert!(matches!(block_on(f.dispatch.run_get(&nobody, run.id)), Err(DispatchError::Denied(_))));
}
