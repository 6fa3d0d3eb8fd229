//! An answer becomes durable with its effect, and is given again instead of a second effect.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use chrono::TimeDelta;
use infra_sea::Sea;
use kernel::{
    Actor, IdSource, OrganisationId, PageRequest,
    idempotency::{Claim, Execution, IdempotencyStore, Recorded},
    testing::CountingIds,
};
use vehicle::{Vehicle, VehicleFilter, VehicleReader, VehicleTx, testing::bus};

use crate::{Fixture, on_both_engines};

on_both_engines!(
    the_first_answer_is_given_again,
    a_fault_of_ours_undoes_the_effect_and_frees_the_key,
    many_at_once_have_one_effect,
    a_dead_claim_expires,
);

fn claim(organisation: OrganisationId) -> Claim {
    Claim { organisation, actor: Actor::System, key: "k-1".into(), fingerprint: [7; 32] }
}

async fn insert(sea: &Sea, vehicle: &Vehicle) {
    let mut tx = kernel::Begin::<dyn VehicleTx>::begin(sea).await.unwrap();
    tx.vehicles().vehicle_insert(vehicle).await.unwrap();
    tx.commit().await.unwrap();
}

fn answer(status: u16) -> Recorded {
    Recorded { status, headers: vec![("etag".into(), b"\"v1\"".to_vec())], body: b"{}".to_vec() }
}

async fn vehicles(sea: &Sea, organisation: OrganisationId) -> usize {
    let page =
        sea.vehicle_list(&organisation.into(), &VehicleFilter::default(), PageRequest::default()).await;
    page.unwrap().items.len()
}

async fn the_first_answer_is_given_again(fixture: &Fixture) {
    let (sea, ids) = (&*fixture.sea, CountingIds::default());
    let organisation = ids.uuid().into();
    let (first, second) = (bus(&ids, organisation, "1"), bus(&ids, organisation, "2"));
    let run = |vehicle: Vehicle, claim: Claim| async move {
        let handler = Box::pin(async move {
            insert(sea, &vehicle).await;
            answer(201)
        });
        sea.execute(claim, handler).await.unwrap()
    };
    assert!(matches!(run(first, claim(organisation)).await, Execution::Fresh(_)));
    match run(second.clone(), claim(organisation)).await {
        Execution::Replayed(recorded) => assert_eq!(recorded, answer(201)),
        other => panic!("{other:?}"),
    }
    let other = Claim { fingerprint: [8; 32], ..claim(organisation) };
    assert!(matches!(run(second.clone(), other).await, Execution::Mismatch));
    assert_eq!(vehicles(sea, organisation).await, 1);

    fixture.clock.advance(TimeDelta::hours(24));
    assert!(matches!(run(second, claim(organisation)).await, Execution::Fresh(_)));
    assert_eq!(vehicles(sea, organisation).await, 2);
}

async fn a_fault_of_ours_undoes_the_effect_and_frees_the_key(fixture: &Fixture) {
    let (sea, ids) = (&*fixture.sea, CountingIds::default());
    let organisation = ids.uuid().into();
    for (status, expected) in [(500, 0), (503, 0), (201, 1)] {
        let vehicle = bus(&ids, organisation, "1");
        let handler = Box::pin(async move {
            insert(sea, &vehicle).await;
            answer(status)
        });
        assert!(matches!(sea.execute(claim(organisation), handler).await.unwrap(), Execution::Fresh(_)));
        assert_eq!(vehicles(sea, organisation).await, expected);
    }
}

async fn many_at_once_have_one_effect(fixture: &Fixture) {
    let ids = Arc::new(CountingIds::default());
    let organisation = ids.uuid().into();
    let effects = Arc::new(AtomicUsize::new(0));
    let tasks: Vec<_> = (0..16)
        .map(|number| {
            let (sea, effects) = (fixture.sea.clone(), effects.clone());
            let vehicle = bus(&*ids, organisation, &number.to_string());
            tokio::spawn(async move {
                let inner = sea.clone();
                let handler = Box::pin(async move {
                    effects.fetch_add(1, Ordering::SeqCst);
                    insert(&inner, &vehicle).await;
                    answer(201)
                });
                sea.execute(claim(organisation), handler).await.unwrap()
            })
        })
        .collect();
    let mut fresh = 0;
    for task in tasks {
        match task.await.unwrap() {
            Execution::Fresh(_) => fresh += 1,
            Execution::Replayed(_) | Execution::InFlight => {}
            Execution::Mismatch => panic!("all were the same request"),
        }
    }
    assert_eq!((fresh, effects.load(Ordering::SeqCst)), (1, 1));
    assert_eq!(vehicles(&fixture.sea, organisation).await, 1);
}

async fn a_dead_claim_expires(fixture: &Fixture) {
    let (sea, ids) = (&*fixture.sea, CountingIds::default());
    let organisation: OrganisationId = ids.uuid().into();
    // A handler that never answers stands for a process that died in the middle of its work.
    let dead = sea.execute(claim(organisation), Box::pin(std::future::pending()));
    let held = tokio::time::timeout(std::time::Duration::from_millis(300), dead).await;
    assert!(held.is_err());
    let again = || sea.execute(claim(organisation), Box::pin(async { answer(201) }));
    assert!(matches!(again().await.unwrap(), Execution::InFlight));
    fixture.clock.advance(TimeDelta::seconds(60));
    assert!(matches!(again().await.unwrap(), Execution::Fresh(_)));
}
