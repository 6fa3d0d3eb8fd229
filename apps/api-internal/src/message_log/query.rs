//! Which frames are asked for.

use chrono::{DateTime, Utc};
use message_log::FrameQuery;
use serde::Deserialize;
use utoipa::IntoParams;
use uuid::Uuid;

use super::body::{DirectionWord, OutcomeWord};

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct FrameParams {
    charge_point_id: Option<Uuid>,
    /// Inclusive; a day before `to` unless told, and at most 31 days before it, 366 where a charge
    /// point is named.
    from: Option<DateTime<Utc>>,
    /// Exclusive; now unless told.
    to: Option<DateTime<Utc>>,
    /// What is asked or answered, as in `MeterValues`.
    action: Option<String>,
    #[param(inline)]
    direction: Option<DirectionWord>,
    /// Finds a call and its answer.
    message_id: Option<String>,
    #[param(inline)]
    outcome: Option<OutcomeWord>,
}

impl From<FrameParams> for FrameQuery {
    fn from(params: FrameParams) -> Self {
        Self {
            charge_point: params.charge_point_id.map(Into::into),
            from: params.from,
            to: params.to,
            action: params.action,
            direction: params.direction.map(Into::into),
            message_id: params.message_id,
            outcome: params.outcome.map(Into::into),
        }
    }
}
