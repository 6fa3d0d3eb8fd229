//! An alert, and a message that tells of it, as callers see them.

use chrono::{DateTime, Utc};
use notification::{Alert, Delivery};
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;
use uuid::Uuid;

use super::words::{ChannelWord, DeliveryWord, KindWord, SeverityWord, StateWord};
use crate::audit::ActorBody;

/// Of one kind and subject at most one is not cleared.
#[derive(Serialize, ToSchema)]
#[schema(as = Alert)]
pub(super) struct AlertBody {
    id: Uuid,
    kind: KindWord,
    severity: SeverityWord,
    state: StateWord,
    /// One line for people.
    summary: String,
    #[schema(required)]
    depot_id: Option<Uuid>,
    #[schema(required)]
    charge_point_id: Option<Uuid>,
    /// Counted over the whole charge point; null where it concerns all of it.
    #[schema(required)]
    connector_number: Option<u16>,
    #[schema(required)]
    evse_id: Option<Uuid>,
    #[schema(required)]
    vehicle_id: Option<Uuid>,
    #[schema(required)]
    run_id: Option<Uuid>,
    #[schema(required)]
    circuit_id: Option<Uuid>,
    #[schema(required)]
    api_key_id: Option<Uuid>,
    /// More, by kind.
    #[schema(value_type = Object)]
    details: Value,
    /// How often it was seen.
    count: u32,
    first_seen_at: DateTime<Utc>,
    last_seen_at: DateTime<Utc>,
    #[schema(required)]
    acknowledged_at: Option<DateTime<Utc>>,
    #[schema(required)]
    acknowledged_by: Option<ActorBody>,
    /// What was said when it was acknowledged.
    #[schema(required)]
    note: Option<String>,
    #[schema(required)]
    cleared_at: Option<DateTime<Utc>>,
}

impl From<Alert> for AlertBody {
    fn from(alert: Alert) -> Self {
        let about = alert.about;
        Self {
            id: alert.id.into(),
            kind: alert.kind.into(),
            severity: alert.severity.into(),
            state: alert.state.into(),
            summary: alert.summary,
            depot_id: about.depot.map(Into::into),
            charge_point_id: about.charge_point.map(Into::into),
            connector_number: about.connector,
            evse_id: about.evse.map(Into::into),
            vehicle_id: about.vehicle.map(Into::into),
            run_id: about.run.map(Into::into),
            circuit_id: about.circuit.map(Into::into),
            api_key_id: about.api_key.map(Into::into),
            details: alert.details,
            count: alert.count,
            first_seen_at: alert.first_seen_at,
            last_seen_at: alert.last_seen_at,
            acknowledged_at: alert.acknowledged_at,
            acknowledged_by: alert.acknowledged_by.map(Into::into),
            note: alert.note,
            cleared_at: alert.cleared_at,
        }
    }
}

/// A message on its way to one recipient, about this alert and maybe others.
#[derive(Serialize, ToSchema)]
#[schema(as = AlertDelivery)]
pub(super) struct DeliveryBody {
    /// Also the `webhook-id`.
    id: Uuid,
    alert_rule_id: Uuid,
    channel: ChannelWord,
    /// An address or a URL.
    recipient: String,
    state: DeliveryWord,
    /// When it is tried next, or was last due.
    due_at: DateTime<Utc>,
    attempts: u32,
    /// Why the last attempt failed.
    #[schema(required)]
    last_error: Option<String>,
    created_at: DateTime<Utc>,
    #[schema(required)]
    finished_at: Option<DateTime<Utc>>,
}

impl From<Delivery> for DeliveryBody {
    fn from(delivery: Delivery) -> Self {
        Self {
            id: delivery.id.into(),
            alert_rule_id: delivery.rule.into(),
            channel: delivery.channel.into(),
            recipient: delivery.recipient,
            state: delivery.state.into(),
            due_at: delivery.due_at,
            attempts: delivery.attempts,
            last_error: delivery.last_error,
            created_at: delivery.created_at,
            finished_at: delivery.finished_at,
        }
    }
}
