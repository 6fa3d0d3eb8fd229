//! `POST /maintenance-windows`

use axum::extract::State;
use charge_point::{CreateMaintenance, MaintenanceTarget, Span};
use chrono::{DateTime, Utc};
use http_kit::{Answer, Caller, Created, ValidJson};
use kernel::Invalid;
use serde::Deserialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::body::WindowBody;
use crate::App;

/// Name a charge point or a depot, not both.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct MaintenanceWindowCreate {
    charge_point_id: Option<Uuid>,
    /// Every charge point of the depot.
    depot_id: Option<Uuid>,
    from: DateTime<Utc>,
    /// At most 366 days after `from`.
    to: DateTime<Utc>,
    #[schema(max_length = 500)]
    reason: String,
}

impl MaintenanceWindowCreate {
    fn command(self) -> Result<CreateMaintenance, Invalid> {
        let target = match (self.charge_point_id, self.depot_id) {
            (Some(id), None) => MaintenanceTarget::ChargePoint(id.into()),
            (None, Some(id)) => MaintenanceTarget::Depot(id.into()),
            (Some(_), Some(_)) => {
                let detail = "must be absent where a charge point is named";
                return Err(Invalid::one("/depot_id", "unexpected", detail));
            }
            (None, None) => {
                let detail = "must name a charge point or a depot";
                return Err(Invalid::one("/charge_point_id", "required", detail));
            }
        };
        Ok(CreateMaintenance { target, span: Span { from: self.from, to: self.to }, reason: self.reason })
    }
}

/// Exclude a time from what counts as up or down, before or after it was.
#[utoipa::path(
    post,
    path = "/maintenance-windows",
    tag = "charge points",
    request_body = MaintenanceWindowCreate,
    responses((status = 201, description = "The window.", body = WindowBody,
               headers(("Location" = String), ("ETag" = String))))
)]
pub(crate) async fn maintenance_window_create(
    State(app): State<App>,
    Caller(scope): Caller,
    ValidJson(body): ValidJson<MaintenanceWindowCreate>,
) -> Answer<Created<WindowBody>> {
    let window = app.uptime.maintenance_create(&scope, body.command()?).await?;
    let (location, version) = (format!("/api/v1/maintenance-windows/{}", window.id), window.version);
    Ok(Created::new(location, WindowBody::from(window)).version(version))
}
