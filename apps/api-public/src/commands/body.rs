//! An order to a charger as partners see it.

use charge_point::{Command, CommandState};
use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::order::Order;
use crate::words::words;

#[derive(Serialize, ToSchema)]
#[schema(as = Command)]
pub(crate) struct CommandBody {
    id: Uuid,
    charge_point_id: Uuid,
    /// `type` and the arguments.
    #[serde(flatten)]
    order: Order,
    state: StateWord,
    requested_at: DateTime<Utc>,
    #[schema(required)]
    sent_at: Option<DateTime<Utc>>,
    #[schema(required)]
    finished_at: Option<DateTime<Utc>>,
}

words! {
    /// `requested` waits for the charger, `sent` for its answer; all others are final.
    /// `superseded`: a newer order took its place before it was sent.
    StateWord as CommandState for CommandState {
        Requested,
        Sent,
        Accepted,
        Rejected,
        TimedOut,
        Unreachable,
        Superseded,
    }
}

impl CommandBody {
    /// `None` for an order that only operators give.
    pub(super) fn of(command: Command) -> Option<Self> {
        Some(Self {
            id: command.id.into(),
            charge_point_id: command.charge_point.into(),
            order: Order::of(command.kind)?,
            state: command.state.into(),
            requested_at: command.requested_at,
            sent_at: command.sent_at,
            finished_at: command.finished_at,
        })
    }
}
