//! The part of the contract that is about orders.

#![expect(clippy::unwrap_used, reason = "a contract is a test: it fails by panicking")]

use chrono::TimeDelta;
use kernel::{
    Actor, Begin, Clock, CommandId, IdSource, Limit, PageRequest, StoreError, Version, testing::FakeClock,
};
use serde_json::json;

use super::{
    contract::{Site, reference},
    order, order_to,
};
use crate::{
    model::{ChargePoint, Command, CommandKind, CommandOutcome, CommandState},
    port::{CommandFilter, CommandTx},
};

pub(super) async fn hold(site: &Site<'_>) {
    command_round_trip(site).await;
    orders_go_out_in_order(site).await;
    newer_orders_replace(site).await;
    stuck_orders_are_found(site).await;
    orders_are_listed_newest_first(site).await;
    orders_go_with_their_charge_point(site).await;
}

async fn begin(site: &Site<'_>) -> Box<dyn CommandTx> {
    Begin::<dyn CommandTx>::begin(site.store).await.unwrap()
}

fn clear_cache(site: &Site<'_>, charge_point: &ChargePoint) -> Command {
    order_to(&site.ids, charge_point.organisation, charge_point.id, CommandKind::ClearCache)
}

async fn insert(site: &Site<'_>, commands: &[&Command]) {
    let mut tx = begin(site).await;
    for command in commands {
        tx.commands().command_insert(command).await.unwrap();
    }
    tx.commit().await.unwrap();
}

async fn command_round_trip(site: &Site<'_>) {
    let charge_point = site.stored("contract-order").await;
    let now = FakeClock::default().now();
    let mut command = clear_cache(site, &charge_point);
    command.kind = CommandKind::SetConfiguration { key: "K".into(), value: "ä\"1\"".into() };
    command.replaces = Some("key".into());
    command.requested_by = Actor::User(site.ids.uuid().into());
    insert(site, &[&command]).await;
    let get = || site.store.command_get(command.organisation, command.id);
    assert_eq!(get().await.unwrap(), Some(command.clone()));
    assert_eq!(site.store.command_get(site.ids.uuid().into(), command.id).await.unwrap(), None);

    let mut ended = command.clone();
    ended.send(now).unwrap();
    ended.finish(CommandOutcome::Rejected(json!({"status": "Rejected"})), now).unwrap();
    ended.version = Version(2);
    let mut tx = begin(site).await;
    tx.commands().command_update(&ended, Version(1)).await.unwrap();
    let again = tx.commands().command_update(&ended, Version(1)).await;
    assert!(matches!(again, Err(StoreError::Stale)));
    assert_eq!(
        tx.commands().command_find(command.organisation, command.id).await.unwrap(),
        Some(ended.clone())
    );
    tx.commit().await.unwrap();
    assert_eq!(get().await.unwrap(), Some(ended));

    let mut tx = begin(site).await;
    let nowhere = order(&site.ids, CommandKind::ClearCache);
    assert!(matches!(tx.commands().command_insert(&nowhere).await, Err(StoreError::Reference)));
}

async fn orders_go_out_in_order(site: &Site<'_>) {
    let charge_point = site.stored("contract-queue").await;
    let (first, second) = (clear_cache(site, &charge_point), clear_cache(site, &charge_point));
    insert(site, &[&second, &first]).await;
    let charger = reference(&charge_point);
    let waiting = site.store.commands_waiting().await.unwrap();
    assert_eq!(waiting.iter().filter(|waiting| **waiting == charger).count(), 1);
    for expected in [Some(first), Some(second), None] {
        let mut tx = begin(site).await;
        let next = tx.commands().command_next(charger.organisation, charger.charge_point).await.unwrap();
        assert_eq!(next, expected);
        let Some(mut next) = next else { break };
        next.send(FakeClock::default().now()).unwrap();
        tx.commands().command_update(&next, Version(1)).await.unwrap();
        tx.commit().await.unwrap();
    }
    assert!(!site.store.commands_waiting().await.unwrap().contains(&charger));
}

async fn newer_orders_replace(site: &Site<'_>) {
    let charge_point = site.stored("contract-replace").await;
    let keyed =
        |key: Option<&str>| Command { replaces: key.map(Into::into), ..clear_cache(site, &charge_point) };
    let (first, other, free, second) = (keyed(Some("a")), keyed(Some("b")), keyed(None), keyed(Some("a")));
    let mut sent = keyed(Some("a"));
    sent.send(FakeClock::default().now()).unwrap();
    insert(site, &[&first, &other, &free, &second, &sent]).await;
    let (organisation, id) = (charge_point.organisation, charge_point.id);
    let mut tx = begin(site).await;
    let older = tx.commands().commands_replaceable(organisation, id, "a").await.unwrap();
    assert_eq!(older, vec![first, second]);
    assert!(tx.commands().commands_replaceable(organisation, id, "c").await.unwrap().is_empty());
}

async fn stuck_orders_are_found(site: &Site<'_>) {
    let charge_point = site.stored("contract-stuck").await;
    // Long ago, so that what other clauses left behind does not count.
    let start = FakeClock::default().now() - TimeDelta::days(1_000);
    let aged = |minutes: i64| Command {
        requested_at: start + TimeDelta::minutes(minutes),
        ..clear_cache(site, &charge_point)
    };
    let (young, old) = (aged(10), aged(0));
    let mut sent = aged(0);
    sent.send(start + TimeDelta::minutes(5)).unwrap();
    let mut ended = aged(0);
    ended.finish(CommandOutcome::Unreachable, start + TimeDelta::minutes(1)).unwrap();
    insert(site, &[&young, &old, &sent, &ended]).await;

    let mut tx = begin(site).await;
    let at = |minutes| start + TimeDelta::minutes(minutes);
    for (state, before, limit, expected) in [
        (CommandState::Requested, 0, 9, vec![]),
        (CommandState::Requested, 10, 9, vec![&old]),
        (CommandState::Requested, 11, 9, vec![&old, &young]),
        (CommandState::Requested, 11, 1, vec![&old]),
        (CommandState::Sent, 5, 9, vec![]),
        (CommandState::Sent, 6, 9, vec![&sent]),
    ] {
        let stuck = tx.commands().commands_stuck(state, at(before), limit).await.unwrap();
        assert_eq!(stuck.iter().collect::<Vec<_>>(), expected, "{state:?} {before} {limit}");
    }
    assert_eq!(tx.commands().commands_forget(at(1)).await.unwrap(), 0);
    assert_eq!(tx.commands().commands_forget(at(2)).await.unwrap(), 1);
    tx.commit().await.unwrap();
    assert_eq!(site.store.command_get(ended.organisation, ended.id).await.unwrap(), None);
}

async fn orders_are_listed_newest_first(site: &Site<'_>) {
    let charge_point = site.stored("contract-orders").await;
    let (organisation, id) = (charge_point.organisation, charge_point.id);
    let mut commands: Vec<Command> = (0..3).map(|_| clear_cache(site, &charge_point)).collect();
    commands[1].send(FakeClock::default().now()).unwrap();
    insert(site, &commands.iter().collect::<Vec<_>>()).await;
    commands.reverse();
    let any = CommandFilter::default();
    let request = PageRequest { limit: Limit::new(2).unwrap(), after: None };
    let first = site.store.command_list(organisation, id, &any, request).await.unwrap();
    assert_eq!(first.items, commands[..2]);
    let request = PageRequest { after: first.next, ..request };
    let second = site.store.command_list(organisation, id, &any, request).await.unwrap();
    assert_eq!((second.items.as_slice(), second.next), (&commands[2..], None));
    let sent = CommandFilter { state: Some(CommandState::Sent) };
    let page = site.store.command_list(organisation, id, &sent, PageRequest::default()).await.unwrap();
    assert_eq!(page.items, commands[1..2]);
    let stranger = site.ids.uuid().into();
    let page = site.store.command_list(stranger, id, &any, PageRequest::default()).await.unwrap();
    assert!(page.items.is_empty());
}

async fn orders_go_with_their_charge_point(site: &Site<'_>) {
    let charge_point = site.stored("contract-gone").await;
    let command = clear_cache(site, &charge_point);
    insert(site, &[&command]).await;
    let mut tx = site.begin().await;
    let (organisation, id) = (charge_point.organisation, charge_point.id);
    tx.charge_points().charge_point_delete(organisation, id, Version(1)).await.unwrap();
    tx.commit().await.unwrap();
    let gone: CommandId = command.id;
    assert_eq!(site.store.command_get(organisation, gone).await.unwrap(), None);
}
