//! `POST /priority/overrides`

use axum::extract::State;
use chrono::{DateTime, Utc};
use http_kit::{Answer, Caller, Created, ValidJson};
use kernel::Invalid;
use priority::{CreateOverride, OverrideTarget};
use serde::Deserialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::body::OverrideBody;
use crate::{App, priority::level};

/// Name a vehicle or a charge point, not both.
#[derive(Deserialize, ToSchema)]
#[schema(as = PriorityOverrideCreate)]
#[serde(deny_unknown_fields)]
pub(crate) struct OverrideCreate {
    vehicle_id: Option<Uuid>,
    /// Concerns whoever is plugged in there.
    charge_point_id: Option<Uuid>,
    /// 1 is the most important, 9 the least.
    #[schema(minimum = 1, maximum = 9)]
    level: u8,
    #[schema(max_length = 500)]
    reason: String,
    /// In the future, at most 366 days ahead.
    expires_at: DateTime<Utc>,
}

impl OverrideCreate {
    fn command(self) -> Result<CreateOverride, Invalid> {
        let mut invalid = Invalid::default();
        let level = level(self.level, &mut invalid);
        let target = match (self.vehicle_id, self.charge_point_id) {
            (Some(vehicle), None) => Some(OverrideTarget::Vehicle(vehicle.into())),
            (None, Some(charge_point)) => Some(OverrideTarget::ChargePoint(charge_point.into())),
            (Some(_), Some(_)) => {
                invalid.push("/charge_point_id", "unexpected", "must be absent where a vehicle is named");
                None
            }
            (None, None) => {
                invalid.push("/vehicle_id", "required", "must name a vehicle or a charge point");
                None
            }
        };
        match target {
            Some(target) if invalid.errors.is_empty() => {
                Ok(CreateOverride { target, level, reason: self.reason, expires_at: self.expires_at })
            }
            _ => Err(invalid),
        }
    }
}

/// Set a level by hand, for a time. The newest override wins over older ones and over every rule.
#[utoipa::path(
    post,
    path = "/priority/overrides",
    tag = "priority",
    request_body = OverrideCreate,
    responses((status = 201, description = "The override.", body = OverrideBody,
               headers(("Location" = String), ("ETag" = String))))
)]
pub(crate) async fn priority_override_create(
    State(app): State<App>,
    Caller(scope): Caller,
    ValidJson(body): ValidJson<OverrideCreate>,
) -> Answer<Created<OverrideBody>> {
    let over = app.priorities.override_create(&scope, body.command()?).await?;
    let (location, version) = (format!("/v1/priority/overrides/{}", over.id), over.version);
    Ok(Created::new(location, OverrideBody::from(over)).version(version))
}
