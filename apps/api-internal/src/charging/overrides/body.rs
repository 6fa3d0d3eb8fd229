//! An override as callers see it.

use charging::overrides::{ChargingOverride, OverrideAction, OverrideStrategy, OverrideTarget};
use chrono::{DateTime, Utc};
use kernel::W;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::audit::ActorBody;

/// A limit, a pause, a boost or a strategy set by hand, for a time. It concerns every EVSE of a
/// charge point, one EVSE, or a vehicle wherever it is plugged in.
#[derive(Serialize, ToSchema)]
#[schema(as = ChargingOverride)]
pub(crate) struct OverrideBody {
    id: Uuid,
    #[schema(required)]
    charge_point_id: Option<Uuid>,
    #[schema(required)]
    evse_id: Option<Uuid>,
    #[schema(required)]
    vehicle_id: Option<Uuid>,
    action: ActionWord,
    /// Of a limit.
    #[schema(required)]
    max_kw: Option<f64>,
    /// Of a strategy.
    #[schema(required)]
    strategy: Option<OverrideStrategyWord>,
    reason: String,
    /// From then on it does nothing.
    expires_at: DateTime<Utc>,
    created_by: ActorBody,
    created_at: DateTime<Utc>,
}

/// What an override does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = ChargingOverrideAction)]
#[serde(rename_all = "snake_case")]
pub(crate) enum ActionWord {
    /// No more than `max_kw`; less than the charger can charge with pauses it.
    Limit,
    /// Nothing at all.
    Pause,
    /// All it can take, ahead of every priority level, within what circuits allow.
    Boost,
    /// As if its depot shared by `strategy`.
    Strategy,
}

/// A strategy that one EVSE or vehicle can be given.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, ToSchema)]
#[schema(as = ChargingOverrideStrategy)]
#[serde(rename_all = "snake_case")]
pub(crate) enum OverrideStrategyWord {
    /// Like the middle of the scale, whatever its priority.
    EqualShare,
    /// By its priority, without regard to the plan.
    Priority,
    /// By the plan, where there is one.
    Scheduled,
}

impl From<ChargingOverride> for OverrideBody {
    fn from(over: ChargingOverride) -> Self {
        let (mut charge_point_id, mut evse_id, mut vehicle_id) = (None, None, None);
        match over.target {
            OverrideTarget::ChargePoint(id) => charge_point_id = Some(id.into()),
            OverrideTarget::Evse(id) => evse_id = Some(id.into()),
            OverrideTarget::Vehicle(id) => vehicle_id = Some(id.into()),
        }
        let (action, max_kw, strategy) = match over.action {
            OverrideAction::Limit(limit) => (ActionWord::Limit, Some(W::to_kilo(limit)), None),
            OverrideAction::Pause => (ActionWord::Pause, None, None),
            OverrideAction::Boost => (ActionWord::Boost, None, None),
            OverrideAction::Strategy(strategy) => (ActionWord::Strategy, None, Some(strategy.into())),
        };
        Self {
            id: over.id.into(),
            charge_point_id,
            evse_id,
            vehicle_id,
            action,
            max_kw,
            strategy,
            reason: over.reason,
            expires_at: over.expires_at,
            created_by: over.created_by.into(),
            created_at: over.created_at,
        }
    }
}

impl From<OverrideStrategy> for OverrideStrategyWord {
    fn from(strategy: OverrideStrategy) -> Self {
        match strategy {
            OverrideStrategy::EqualShare => Self::EqualShare,
            OverrideStrategy::Priority => Self::Priority,
            OverrideStrategy::Scheduled => Self::Scheduled,
        }
    }
}

impl From<OverrideStrategyWord> for OverrideStrategy {
    fn from(word: OverrideStrategyWord) -> Self {
        match word {
            OverrideStrategyWord::EqualShare => Self::EqualShare,
            OverrideStrategyWord::Priority => Self::Priority,
            OverrideStrategyWord::Scheduled => Self::Scheduled,
        }
    }
}
