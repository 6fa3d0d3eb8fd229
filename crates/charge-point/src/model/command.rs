//! One order to a charger and what became of it.

use kernel::{Actor, ChargePointId, CommandId, OrganisationId, Timestamp, Version};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::command_kind::CommandKind;

/// An order, from its request to the charger's answer. Its state changes only through the methods
/// here, so that no order is answered twice or sent after it was replaced.
#[derive(Clone, Debug, PartialEq)]
pub struct Command {
    pub id: CommandId,
    pub organisation: OrganisationId,
    pub charge_point: ChargePointId,
    pub version: Version,
    pub kind: CommandKind,
    pub state: CommandState,
    /// The charger's answer as it gave it, or what stands for it where there is none.
    pub result: Option<Value>,
    /// A newer order with the same key takes the place of an older one that is not yet sent.
    pub replaces: Option<String>,
    pub requested_by: Actor,
    pub requested_at: Timestamp,
    pub sent_at: Option<Timestamp>,
    pub finished_at: Option<Timestamp>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CommandState {
    Requested,
    Sent,
    /// The charger said that it does it, or will.
    Accepted,
    /// The charger said no.
    Rejected,
    /// No answer came in time: whether it took effect is unknown.
    TimedOut,
    /// The charger was not connected.
    Unreachable,
    /// A newer order took its place before it was sent.
    Superseded,
}

impl CommandState {
    pub const ALL: [Self; 7] = [
        Self::Requested,
        Self::Sent,
        Self::Accepted,
        Self::Rejected,
        Self::TimedOut,
        Self::Unreachable,
        Self::Superseded,
    ];

    pub const fn is_final(self) -> bool {
        !matches!(self, Self::Requested | Self::Sent)
    }
}

/// How an order ended. The values are the charger's answer.
#[derive(Clone, Debug, PartialEq)]
pub enum CommandOutcome {
    Accepted(Value),
    Rejected(Value),
    TimedOut,
    Unreachable,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a command that is {from:?} cannot become {to:?}")]
pub struct IllegalTransition {
    pub from: CommandState,
    pub to: CommandState,
}

impl Command {
    /// Notes that the charger is being called.
    ///
    /// # Errors
    /// Unless it was requested and nothing else happened since.
    pub fn send(&mut self, at: Timestamp) -> Result<(), IllegalTransition> {
        self.pass(CommandState::Sent)?;
        self.sent_at = Some(at);
        Ok(())
    }

    /// Notes how it ended.
    ///
    /// # Errors
    /// Where it has ended already, or an answer is reported for what was never sent.
    pub fn finish(&mut self, outcome: CommandOutcome, at: Timestamp) -> Result<(), IllegalTransition> {
        let (state, result) = match outcome {
            CommandOutcome::Accepted(answer) => (CommandState::Accepted, Some(answer)),
            CommandOutcome::Rejected(answer) => (CommandState::Rejected, Some(answer)),
            CommandOutcome::TimedOut => (CommandState::TimedOut, None),
            CommandOutcome::Unreachable => (CommandState::Unreachable, None),
        };
        self.end(state, at)?;
        self.result = result.map(storable);
        Ok(())
    }

    /// Gives way to a newer order.
    ///
    /// # Errors
    /// Where it was sent already.
    pub fn supersede(&mut self, at: Timestamp) -> Result<(), IllegalTransition> {
        self.end(CommandState::Superseded, at)
    }

    /// A final order needs its secrets no longer.
    fn end(&mut self, state: CommandState, at: Timestamp) -> Result<(), IllegalTransition> {
        self.pass(state)?;
        self.finished_at = Some(at);
        self.kind = self.kind.redacted();
        Ok(())
    }

    fn pass(&mut self, to: CommandState) -> Result<(), IllegalTransition> {
        use CommandState::{Accepted, Rejected, Requested, Sent, Superseded, TimedOut, Unreachable};
        let legal = match self.state {
            Requested => matches!(to, Sent | TimedOut | Unreachable | Superseded),
            Sent => matches!(to, Accepted | Rejected | TimedOut | Unreachable),
            Accepted | Rejected | TimedOut | Unreachable | Superseded => false,
        };
        if !legal {
            return Err(IllegalTransition { from: self.state, to });
        }
        self.state = to;
        Ok(())
    }
}

/// A charger's answer without the one character that no database takes.
fn storable(answer: Value) -> Value {
    let without_nul = |text: String| if text.contains('\0') { text.replace('\0', "") } else { text };
    match answer {
        Value::String(text) => Value::String(without_nul(text)),
        Value::Array(items) => items.into_iter().map(storable).collect(),
        Value::Object(fields) => {
            fields.into_iter().map(|(name, value)| (without_nul(name), storable(value))).collect()
        }
        plain => plain,
    }
}

#[cfg(test)]
mod tests {
    use kernel::{
        Clock,
        testing::{CountingIds, FakeClock},
    };
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;
    use crate::testing::order;

    #[test]
    fn the_usual_life() {
        let now = FakeClock::default().now();
        let mut command = order(&CountingIds::default(), CommandKind::ClearCache);
        command.send(now).unwrap();
        assert!(command.supersede(now).is_err());
        command.finish(CommandOutcome::Accepted(json!({"status": "Accepted"})), now).unwrap();
        assert_eq!((command.state, command.finished_at), (CommandState::Accepted, Some(now)));
        assert_eq!(command.result, Some(json!({"status": "Accepted"})));
    }

    #[test]
    fn an_answer_needs_a_question() {
        let now = FakeClock::default().now();
        let mut command = order(&CountingIds::default(), CommandKind::ClearCache);
        assert!(command.finish(CommandOutcome::Accepted(Value::Null), now).is_err());
        assert_eq!(command.state, CommandState::Requested);
        command.finish(CommandOutcome::Unreachable, now).unwrap();
    }

    #[test]
    fn a_finished_order_forgets_its_secret() {
        let now = FakeClock::default().now();
        let kind = CommandKind::SetConfiguration { key: "AuthorizationKey".into(), value: "geheim".into() };
        let mut command = order(&CountingIds::default(), kind);
        command.send(now).unwrap();
        assert!(format!("{:?}", command.kind).contains("geheim"));
        command.finish(CommandOutcome::TimedOut, now).unwrap();
        assert!(!format!("{:?}", command.kind).contains("geheim"));
    }

    #[test]
    fn an_answer_can_be_stored_whatever_it_holds() {
        let now = FakeClock::default().now();
        let mut command = order(&CountingIds::default(), CommandKind::ClearCache);
        command.send(now).unwrap();
        command.finish(CommandOutcome::Accepted(json!({"a\0": ["b\0", {"c": "\0"}], "d": 1})), now).unwrap();
        assert_eq!(command.result, Some(json!({"a": ["b", {"c": ""}], "d": 1})));
    }

    proptest! {
        #[test]
        fn whatever_is_tried_an_order_ends_once(steps in proptest::collection::vec(0..6_u8, 0..12)) {
            let now = FakeClock::default().now();
            let mut command = order(&CountingIds::default(), CommandKind::ClearCache);
            let mut ended = 0;
            for step in steps {
                let before = command.clone();
                let outcome = match step {
                    0 => command.send(now),
                    1 => command.supersede(now),
                    2 => command.finish(CommandOutcome::Accepted(Value::Null), now),
                    3 => command.finish(CommandOutcome::Rejected(Value::Null), now),
                    4 => command.finish(CommandOutcome::TimedOut, now),
                    _ => command.finish(CommandOutcome::Unreachable, now),
                };
                match outcome {
                    Ok(()) => ended += i32::from(command.state.is_final()),
                    Err(_) => prop_assert_eq!(&command, &before),
                }
            }
            prop_assert!(ended <= 1);
            prop_assert_eq!(command.finished_at.is_some(), command.state.is_final());
        }
    }
}
