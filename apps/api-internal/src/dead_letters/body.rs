//! A call that could not be recorded, as callers see it.

use chrono::{DateTime, Utc};
use connect_router::DeadLetter;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

#[derive(Serialize, ToSchema)]
#[schema(as = DeadLetter)]
pub(crate) struct DeadLetterBody {
    id: Uuid,
    charge_point_id: Uuid,
    /// The name the charger connected with.
    identity: String,
    protocol: String,
    message_id: String,
    action: String,
    /// The payload as it came.
    payload: String,
    /// Why it could not be recorded.
    reason: String,
    received_at: DateTime<Utc>,
}

impl From<DeadLetter> for DeadLetterBody {
    fn from(letter: DeadLetter) -> Self {
        Self {
            id: letter.id.into(),
            charge_point_id: letter.charge_point.into(),
            identity: letter.identity,
            protocol: letter.protocol,
            message_id: letter.message_id,
            action: letter.action,
            payload: letter.payload,
            reason: letter.reason,
            received_at: letter.received_at,
        }
    }
}
