//! An order to a charger as callers see it.

use charge_point::Command;
use chrono::{DateTime, Utc};
use kernel::Actor;
use serde::Serialize;
use serde_json::Value;
use transaction::StopOrder;
use utoipa::ToSchema;
use uuid::Uuid;

use super::{order::Order, words::StateWord};

#[derive(Serialize, ToSchema)]
#[schema(as = Command)]
pub(crate) struct CommandBody {
    id: Uuid,
    charge_point_id: Uuid,
    /// `type` and the arguments, without secrets.
    #[serde(flatten)]
    order: Order,
    state: StateWord,
    /// The charger's answer as it gave it.
    #[schema(required)]
    result: Option<Value>,
    requested_by: RequesterBody,
    requested_at: DateTime<Utc>,
    #[schema(required)]
    sent_at: Option<DateTime<Utc>>,
    #[schema(required)]
    finished_at: Option<DateTime<Utc>>,
}

/// Who gave the order: `user`, `api_key`, or `system` for the backend itself.
#[derive(Serialize, ToSchema)]
#[schema(as = Requester)]
pub(crate) struct RequesterBody {
    kind: &'static str,
    #[schema(required)]
    id: Option<Uuid>,
}

impl CommandBody {
    /// The order to stop a transaction, just given.
    pub(crate) fn stopping(order: StopOrder, requester: Actor) -> Self {
        Self {
            id: order.command.into(),
            charge_point_id: order.charge_point.into(),
            order: Order::RemoteStop {
                transaction_id: None,
                ocpp_transaction_id: Some(order.number.0.into()),
            },
            state: StateWord::Requested,
            result: None,
            requested_by: requester.into(),
            requested_at: order.requested_at,
            sent_at: None,
            finished_at: None,
        }
    }
}

impl From<Actor> for RequesterBody {
    fn from(actor: Actor) -> Self {
        Self { kind: actor.kind(), id: actor.id() }
    }
}

impl From<Command> for CommandBody {
    fn from(command: Command) -> Self {
        Self {
            id: command.id.into(),
            charge_point_id: command.charge_point.into(),
            order: command.kind.redacted().into(),
            state: command.state.into(),
            result: command.result,
            requested_by: command.requested_by.into(),
            requested_at: command.requested_at,
            sent_at: command.sent_at,
            finished_at: command.finished_at,
        }
    }
}
