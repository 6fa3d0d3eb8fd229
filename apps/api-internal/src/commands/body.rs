//! An order to a charger as callers see it.

use charge_point::Command;
use chrono::{DateTime, Utc};
use serde::Serialize;
use serde_json::Value;
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

impl From<Command> for CommandBody {
    fn from(command: Command) -> Self {
        Self {
            id: command.id.into(),
            charge_point_id: command.charge_point.into(),
            order: command.kind.redacted().into(),
            state: command.state.into(),
            result: command.result,
            requested_by: RequesterBody { kind: command.requested_by.kind(), id: command.requested_by.id() },
            requested_at: command.requested_at,
            sent_at: command.sent_at,
            finished_at: command.finished_at,
        }
    }
}
