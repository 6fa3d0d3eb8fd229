//! The contract of priority, the facts of real vehicles at real chargers, and the order of rules
//! while many change it.

use std::sync::Arc;

use charge_point::{ChargePointTx, testing::charger_at};
use chrono::Weekday;
use depot::DepotTx;
use dispatch::{DispatchTx, Run, RunState, testing::run};
use kernel::{
    Begin, Clock, DepotId, IdSource, OrganisationId, PriorityLevel, Scope, Soc, testing::CountingIds,
};
use priority::{
    ChangeRule, Conditions, CreateRule, FactsReader, KnownTargets, Priorities, PriorityService, RuleTarget,
    Source, Stand, testing::contract,
};
use vehicle::{SocObservation, SocSource, Vehicle, VehicleTx, testing::bus};

use crate::{Fixture, on_both_engines};

on_both_engines!(
    keeps_the_contract,
    facts_are_of_those_who_are_here,
    the_next_run_is_among_the_facts,
    what_is_named_must_be_ours,
    the_order_holds_however_many_change_it,
);

async fn keeps_the_contract(fixture: &Fixture) {
    contract::holds(&*fixture.sea).await;
}

async fn a_depot(fixture: &Fixture, ids: &CountingIds, organisation: OrganisationId, code: &str) -> DepotId {
    let depot = depot::testing::depot(ids, organisation, code);
    let mut tx = Begin::<dyn DepotTx>::begin(&*fixture.sea).await.unwrap();
    tx.depots().depot_insert(&depot).await.unwrap();
    tx.commit().await.unwrap();
    depot.id
}

async fn insert(fixture: &Fixture, vehicles: &[&Vehicle]) {
    let mut tx = Begin::<dyn VehicleTx>::begin(&*fixture.sea).await.unwrap();
    for vehicle in vehicles {
        tx.vehicles().vehicle_insert(vehicle).await.unwrap();
    }
    tx.commit().await.unwrap();
}

async fn facts_are_of_those_who_are_here(fixture: &Fixture) {
    let (sea, ids, now) = (&fixture.sea, CountingIds::default(), fixture.clock.now());
    let organisation = OrganisationId::from(ids.uuid());
    let (here, there) =
        (a_depot(fixture, &ids, organisation, "A").await, a_depot(fixture, &ids, organisation, "B").await);
    let charger = charger_at(&ids, organisation, here, "CP-1");
    let mut tx = Begin::<dyn ChargePointTx>::begin(&**sea).await.unwrap();
    tx.charge_points().charge_point_insert(&charger).await.unwrap();
    tx.commit().await.unwrap();

    let mut home = bus(&ids, organisation, "1");
    home.depot = Some(here);
    home.priority_level = PriorityLevel::new(3).unwrap();
    let mut guest = bus(&ids, organisation, "2");
    guest.depot = Some(there);
    guest.plugged_in = Some(charger.evses[0].id);
    guest.soc =
        Some(SocObservation { soc: Soc::from_percent(42.5).unwrap(), source: SocSource::Charger, at: now });
    let homeless = bus(&ids, organisation, "3");
    let theirs = Vehicle { depot: Some(here), ..bus(&ids, ids.uuid().into(), "4") };
    insert(fixture, &[&home, &guest, &homeless, &theirs]).await;

    let facts = sea.facts_at_depot(organisation, here, now).await.unwrap().unwrap();
    let seen: Vec<_> = facts.iter().map(|facts| (facts.vehicle, facts.charge_point)).collect();
    assert_eq!(seen, [(Some(home.id), None), (Some(guest.id), Some(charger.id))]);
    assert_eq!(facts[0].own_level, PriorityLevel::new(3));
    assert_eq!((facts[1].soc, facts[1].depot), (Soc::from_percent(42.5), here));
    // 08:00 UTC, by the clock of Berlin in winter.
    assert_eq!(facts[0].wall_clock, (Weekday::Mon, "09:00".parse().unwrap()));
    // It is plugged in elsewhere.
    assert_eq!(sea.facts_at_depot(organisation, there, now).await.unwrap(), Some(Vec::new()));
    assert_eq!(sea.facts_at_depot(ids.uuid().into(), here, now).await.unwrap(), None);

    let stands = [
        Stand { charge_point: charger.id, vehicle: None },
        Stand { charge_point: charger.id, vehicle: Some(home.id) },
        Stand { charge_point: charger.id, vehicle: Some(theirs.id) },
    ];
    let facts = sea.facts_of(organisation, here, &stands, now).await.unwrap().unwrap();
    let seen: Vec<_> = facts.iter().map(|facts| (facts.vehicle, facts.own_level.is_some())).collect();
    assert_eq!(seen, [(None, false), (Some(home.id), true), (None, false)]);
    assert!(facts.iter().all(|facts| facts.charge_point == Some(charger.id)));
    assert_eq!(sea.facts_of(organisation, ids.uuid().into(), &stands, now).await.unwrap(), None);
}

async fn the_next_run_is_among_the_facts(fixture: &Fixture) {
    let (sea, ids, now) = (&fixture.sea, CountingIds::default(), fixture.clock.now());
    let organisation = OrganisationId::from(ids.uuid());
    let depot = a_depot(fixture, &ids, organisation, "A").await;
    let at_home = |number| Vehicle { depot: Some(depot), ..bus(&ids, organisation, number) };
    let vehicles = ["1", "2", "3", "4"].map(at_home);
    insert(fixture, &vehicles.each_ref()).await;
    let of = |vehicle: usize, block: &str, hour| Run {
        vehicle: Some(vehicles[vehicle].id),
        priority_level: PriorityLevel::new(2),
        ..run(&ids, organisation, depot, block, hour)
    };
    // Each takes two hours.
    let runs = [
        of(0, "later", 6),
        of(0, "next", 3),
        Run { state: RunState::Cancelled, ..of(0, "cancelled", 1) },
        Run { state: RunState::Departed, ..of(0, "on its way", 0) },
        of(1, "over", -2),
        Run { priority_level: None, ..of(2, "overdue", -1) },
        Run { vehicle: None, ..of(3, "nobody's", 1) },
    ];
    let mut tx = Begin::<dyn DispatchTx>::begin(&**sea).await.unwrap();
    tx.roster().runs_put(&runs).await.unwrap();
    tx.commit().await.unwrap();

    let facts = sea.facts_at_depot(organisation, depot, now).await.unwrap().unwrap();
    let seen: Vec<_> = facts
        .iter()
        .map(|facts| (facts.run, facts.block.as_deref(), facts.minutes_to_departure, facts.run_level))
        .collect();
    let nothing = (None, None, None, None);
    assert_eq!(
        seen,
        [
            (Some(runs[1].id), Some("next"), Some(180), PriorityLevel::new(2)),
            nothing,
            (Some(runs[5].id), Some("overdue"), Some(-60), None),
            nothing,
        ]
    );
    let stand = Stand { charge_point: ids.uuid().into(), vehicle: Some(vehicles[0].id) };
    let facts = sea.facts_of(organisation, depot, &[stand], now).await.unwrap().unwrap();
    assert_eq!(facts[0].run, Some(runs[1].id));
    let levels = sea.priorities_of(organisation, depot, &[stand], now).await.unwrap();
    assert_eq!((levels[0].level.get(), levels[0].source), (2, Source::Run(runs[1].id)));
    assert_eq!(levels[0].because.as_deref(), Some("next"));
}

async fn what_is_named_must_be_ours(fixture: &Fixture) {
    let (sea, ids) = (&fixture.sea, CountingIds::default());
    let (organisation, other) = (OrganisationId::from(ids.uuid()), OrganisationId::from(ids.uuid()));
    let depot = a_depot(fixture, &ids, organisation, "A").await;
    let charger = charger_at(&ids, organisation, depot, "CP-1");
    let mut tx = Begin::<dyn ChargePointTx>::begin(&**sea).await.unwrap();
    tx.charge_points().charge_point_insert(&charger).await.unwrap();
    tx.commit().await.unwrap();
    let vehicle = bus(&ids, organisation, "1");
    insert(fixture, &[&vehicle]).await;
    for (asker, known) in [(organisation, true), (other, false)] {
        let asked = [vehicle.id, ids.uuid().into()];
        assert_eq!(sea.vehicles_known(asker, &asked).await.unwrap().contains(&vehicle.id), known);
        assert_eq!(sea.charge_point_known(asker, charger.id).await.unwrap(), known);
        assert_eq!(KnownTargets::depot_known(&**sea, asker, depot).await.unwrap(), known);
    }
}

async fn the_order_holds_however_many_change_it(fixture: &Fixture) {
    let ids = Arc::new(CountingIds::default());
    let scope = Scope::system(ids.uuid().into());
    let service = Arc::new(PriorityService::new(fixture.sea.clone(), fixture.clock.clone(), ids));
    let rule = |position| CreateRule {
        position,
        name: "rule".into(),
        enabled: true,
        target: RuleTarget::Everybody,
        conditions: Conditions::default(),
        level: PriorityLevel::MOST,
    };
    let mut working = Vec::new();
    for _ in 0..6 {
        let (service, scope, first) = (service.clone(), scope.clone(), rule(Some(1)));
        working.push(tokio::spawn(async move {
            let added = service.rule_create(&scope, first).await.unwrap();
            let last = ChangeRule { position: Some(99), ..ChangeRule::default() };
            service.rule_change(&scope, added.id, None, last).await.unwrap();
        }));
    }
    for work in working {
        work.await.unwrap();
    }
    let rules = service.rule_list(&scope).await.unwrap();
    assert_eq!(rules.iter().map(|rule| rule.position).collect::<Vec<_>>(), [1, 2, 3, 4, 5, 6]);
    service.rule_delete(&scope, rules[0].id, None).await.unwrap();
    let left = service.rule_list(&scope).await.unwrap();
    assert_eq!(left.iter().map(|rule| rule.position).collect::<Vec<_>>(), [1, 2, 3, 4, 5]);
}
