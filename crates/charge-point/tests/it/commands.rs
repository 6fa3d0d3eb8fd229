//! Orders: given, sent, answered, replaced, expired.

use charge_point::{
    Availability, ChargePointError, CommandKind, CommandOutcome, CommandState, CommandTx, RequestCommand,
    ResetKind, request_command,
};
use chrono::TimeDelta;
use futures::executor::block_on;
use kernel::{Begin, Clock, Fault, FaultClass, Permission, Scope};
use serde_json::json;

use crate::{Fixture, fixture};

const RESET: CommandKind = CommandKind::Reset { kind: ResetKind::Soft };

fn accepted() -> CommandOutcome {
    CommandOutcome::Accepted(json!({ "status": "Accepted" }))
}

fn request(f: &Fixture, of: &charge_point::ChargePoint, kind: CommandKind) -> charge_point::Command {
    block_on(f.commands.command_request(&f.scope, RequestCommand::new(of.id, kind))).unwrap()
}

#[test]
fn an_order_goes_its_way() {
    let f = fixture();
    let charger = f.charger("CP-1");
    let order = request(&f, &charger, RESET);
    assert_eq!((order.state, order.requested_by), (CommandState::Requested, f.scope.actor()));
    let reference = f.reference(&charger);
    assert_eq!(block_on(f.queue.waiting()).unwrap(), [reference]);

    f.clock.advance(TimeDelta::seconds(1));
    let taken = block_on(f.queue.take(reference)).unwrap().unwrap();
    assert_eq!((taken.id, taken.state, taken.sent_at), (order.id, CommandState::Sent, Some(f.clock.now())));
    assert_eq!(block_on(f.queue.take(reference)).unwrap(), None);
    assert!(block_on(f.queue.waiting()).unwrap().is_empty());

    let finish = || f.queue.finish(order.organisation, order.id, accepted(), Vec::new());
    let finished = block_on(finish()).unwrap();
    assert_eq!(finished.state, CommandState::Accepted);
    assert_eq!(block_on(f.commands.command_get(&f.scope, order.id)).unwrap(), finished);
    let again = block_on(finish()).unwrap_err();
    assert!(matches!(again.class(), FaultClass::Conflict { code: "command_finished" }));
    assert_eq!(f.store.event_names()[1..], ["manage.command.requested.v1", "manage.command.finished.v1"]);
    let entry = f.store.audit().pop().unwrap();
    assert_eq!(entry.after, Some(json!({ "type": "reset", "kind": "soft" })));
}

#[test]
fn a_newer_setpoint_replaces_one_that_waits() {
    let f = fixture();
    let charger = f.charger("CP-1");
    let keyed = || {
        let command =
            RequestCommand { replaces: Some("setpoint:1".into()), ..RequestCommand::new(charger.id, RESET) };
        block_on(f.commands.command_request(&f.scope, command)).unwrap()
    };
    let first = keyed();
    let other = request(&f, &charger, CommandKind::ClearCache);
    let second = keyed();
    let state = |id| block_on(f.commands.command_get(&f.scope, id)).unwrap().state;
    assert_eq!(state(first.id), CommandState::Superseded);
    let reference = f.reference(&charger);
    let mut sent = Vec::new();
    while let Some(command) = block_on(f.queue.take(reference)).unwrap() {
        sent.push(command.id);
    }
    assert_eq!(sent, [other.id, second.id]);
    keyed();
    assert_eq!(state(second.id), CommandState::Sent);
}

#[test]
fn an_order_of_the_backend_is_its_own_record() {
    let f = fixture();
    let charger = f.charger("CP-1");
    let audited = f.store.audit().len();
    let system = Scope::system(f.scope.organisation());
    let mut tx = block_on(Begin::<dyn CommandTx>::begin(&f.store)).unwrap();
    let order =
        block_on(request_command(&mut *tx, &*f.clock, &*f.ids, &system, &charger, RESET, None)).unwrap();
    block_on(tx.commit()).unwrap();
    assert_eq!(block_on(f.commands.command_get(&f.scope, order.id)).unwrap(), order);
    assert_eq!(f.store.audit().len(), audited);
}

#[test]
fn what_nobody_answers_expires() {
    let f = fixture();
    let charger = f.charger("CP-1");
    let lost = request(&f, &charger, RESET);
    block_on(f.queue.take(f.reference(&charger))).unwrap();
    let waiting = request(&f, &charger, RESET);
    let expire = |sent: i64, requested: i64| {
        let ago = |seconds| f.clock.now() - TimeDelta::seconds(seconds);
        block_on(f.queue.expire(ago(sent), ago(requested))).unwrap()
    };
    f.clock.advance(TimeDelta::seconds(60));
    assert_eq!(expire(90, 600), 0);
    assert_eq!(expire(30, 600), 1);
    f.clock.advance(TimeDelta::seconds(600));
    assert_eq!(expire(30, 600), 1);
    assert_eq!(expire(30, 600), 0);
    let state = |id| block_on(f.commands.command_get(&f.scope, id)).unwrap().state;
    assert_eq!((state(lost.id), state(waiting.id)), (CommandState::TimedOut, CommandState::Unreachable));
    let late = f.queue.finish(lost.organisation, lost.id, accepted(), Vec::new());
    assert!(matches!(block_on(late), Err(ChargePointError::IllegalTransition(_))));
    f.clock.advance(TimeDelta::seconds(1));
    assert_eq!(block_on(f.queue.forget(f.clock.now())).unwrap(), 2);
}

#[test]
fn what_the_operator_wants_of_a_connector_is_kept() {
    let f = fixture();
    let charger = f.charger("CP-1");
    for connector in [0, 1] {
        request(&f, &charger, CommandKind::ChangeAvailability { connector, operative: false });
    }
    let stored = f.stored(&charger);
    assert_eq!(stored.live.wanted(), Availability::Inoperative);
    assert_eq!(stored.evses[0].connectors[0].live.wanted, Availability::Inoperative);
    assert_eq!(stored.evses[0].connectors[0].live.reported, None);
    request(&f, &charger, CommandKind::ChangeAvailability { connector: 1, operative: true });
    assert_eq!(f.stored(&charger).evses[0].connectors[0].live.wanted, Availability::Operative);
}

#[test]
fn an_accepted_setting_is_known_and_a_secret_is_not() {
    let f = fixture();
    let charger = f.charger("CP-1");
    for (key, value) in [("HeartbeatInterval", "90"), ("AuthorizationKey", "geheim12"), ("X", "no")] {
        let order =
            request(&f, &charger, CommandKind::SetConfiguration { key: key.into(), value: value.into() });
        block_on(f.queue.take(f.reference(&charger))).unwrap();
        let outcome = if key == "X" { CommandOutcome::Rejected(json!({})) } else { accepted() };
        block_on(f.queue.finish(order.organisation, order.id, outcome, Vec::new())).unwrap();
    }
    let settings = block_on(f.charge_points.configuration_list(&f.scope, charger.id)).unwrap();
    let settings: Vec<_> = settings.iter().map(|key| (key.key.as_str(), key.value.as_deref())).collect();
    assert_eq!(settings, [("AuthorizationKey", None), ("HeartbeatInterval", Some("90"))]);
    let told = format!("{:?} {:?}", f.store.events(), f.store.audit());
    assert!(!told.contains("geheim12"));
}

#[test]
fn orders_are_for_those_who_may() {
    let f = fixture();
    let charger = f.charger("CP-1");
    let reader = f.only(&[Permission::ChargePointRead, Permission::ChargePointWrite]);
    let order = |scope: &Scope, kind| {
        block_on(f.commands.command_request(scope, RequestCommand::new(charger.id, kind)))
    };
    assert!(matches!(order(&reader, RESET), Err(ChargePointError::Denied(_))));
    assert!(matches!(order(&f.stranger(), RESET), Err(ChargePointError::NoSuchChargePoint)));
    let unknown = CommandKind::Unlock { connector: 7 };
    assert!(matches!(order(&f.scope, unknown), Err(ChargePointError::Invalid(_))));
    let given = order(&f.scope, RESET).unwrap();
    let foreign = block_on(f.commands.command_get(&f.stranger(), given.id));
    assert!(matches!(foreign, Err(ChargePointError::NoSuchCommand)));
}
