//! `POST /charging/overrides`

use axum::extract::State;
use charging::overrides::{CreateOverride, OverrideAction, OverrideTarget};
use chrono::{DateTime, Utc};
use http_kit::{Answer, Caller, Created, ValidJson};
use kernel::{Invalid, W};
use serde::Deserialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::body::{ActionWord, OverrideBody, OverrideStrategyWord};
use crate::App;

/// Name one of a charge point, an EVSE and a vehicle.
#[derive(Deserialize, ToSchema)]
#[schema(as = ChargingOverrideCreate)]
#[serde(deny_unknown_fields)]
pub(crate) struct OverrideCreate {
    /// Concerns every EVSE of it.
    charge_point_id: Option<Uuid>,
    evse_id: Option<Uuid>,
    /// Concerns it wherever it is plugged in.
    vehicle_id: Option<Uuid>,
    action: ActionWord,
    /// With `limit` only.
    #[schema(minimum = 0, maximum = 10_000)]
    max_kw: Option<f64>,
    /// With `strategy` only.
    strategy: Option<OverrideStrategyWord>,
    #[schema(max_length = 500)]
    reason: String,
    /// In the future, at most 31 days ahead.
    expires_at: DateTime<Utc>,
}

impl OverrideCreate {
    fn command(self) -> Result<CreateOverride, Invalid> {
        let mut invalid = Invalid::default();
        let (target, action) = (self.target(&mut invalid), self.action(&mut invalid));
        match (target, action) {
            (Some(target), Some(action)) if invalid.errors.is_empty() => {
                Ok(CreateOverride { target, action, reason: self.reason, expires_at: self.expires_at })
            }
            _ => Err(invalid),
        }
    }

    fn target(&self, invalid: &mut Invalid) -> Option<OverrideTarget> {
        let named = [
            ("/charge_point_id", self.charge_point_id.map(|id| OverrideTarget::ChargePoint(id.into()))),
            ("/evse_id", self.evse_id.map(|id| OverrideTarget::Evse(id.into()))),
            ("/vehicle_id", self.vehicle_id.map(|id| OverrideTarget::Vehicle(id.into()))),
        ];
        let mut named = named.into_iter().filter_map(|(pointer, target)| Some((pointer, target?)));
        let first = named.next();
        if first.is_none() {
            invalid.push("/charge_point_id", "required", "must name a charge point, an EVSE or a vehicle");
        }
        for (pointer, _) in named {
            invalid.push(pointer, "unexpected", "must be absent where something else is named");
        }
        first.map(|(_, target)| target)
    }

    fn action(&self, invalid: &mut Invalid) -> Option<OverrideAction> {
        if self.max_kw.is_some() && self.action != ActionWord::Limit {
            invalid.push("/max_kw", "unexpected", "belongs to a limit");
        }
        if self.strategy.is_some() && self.action != ActionWord::Strategy {
            invalid.push("/strategy", "unexpected", "belongs to a strategy");
        }
        let found = match self.action {
            ActionWord::Limit => self.max_kw.map(|limit| OverrideAction::Limit(W::from_kilo(limit))),
            ActionWord::Strategy => self.strategy.map(|word| OverrideAction::Strategy(word.into())),
            ActionWord::Pause => Some(OverrideAction::Pause),
            ActionWord::Boost => Some(OverrideAction::Boost),
        };
        if found.is_none() {
            let pointer = if self.action == ActionWord::Limit { "/max_kw" } else { "/strategy" };
            invalid.push(pointer, "required", "must be given with this action");
        }
        found
    }
}

/// Steer by hand, for a time: a limit, a pause, a boost, or another strategy. Of several that concern
/// an EVSE a pause wins, then the lowest limit counts; of boosts and strategies the newest.
#[utoipa::path(
    post,
    path = "/charging/overrides",
    tag = "charging",
    request_body = OverrideCreate,
    responses((status = 201, description = "The override.", body = OverrideBody,
               headers(("Location" = String), ("ETag" = String))))
)]
pub(crate) async fn charging_override_create(
    State(app): State<App>,
    Caller(scope): Caller,
    ValidJson(body): ValidJson<OverrideCreate>,
) -> Answer<Created<OverrideBody>> {
    let over = app.charging_overrides.override_create(&scope, body.command()?).await?;
    let (location, version) = (format!("/api/v1/charging/overrides/{}", over.id), over.version);
    Ok(Created::new(location, OverrideBody::from(over)).version(version))
}
