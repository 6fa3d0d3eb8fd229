//! `POST /vehicles/{id}/soc`

use axum::{Json, extract::State};
use chrono::{DateTime, Utc};
use http_kit::{Answer, Caller, PathId, ValidJson};
use kernel::{Invalid, Soc, VehicleId};
use serde::Deserialize;
use utoipa::ToSchema;
use vehicle::{ReportSoc, SocSource};

use super::body::VehicleBody;
use crate::App;

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct SocReport {
    #[schema(minimum = 0, maximum = 100)]
    percent: f64,
    /// Now, unless told. At most five minutes ahead of our clock.
    at: Option<DateTime<Utc>>,
}

/// Report a state of charge measured by telematics.
#[utoipa::path(
    post,
    path = "/vehicles/{id}/soc",
    tag = "vehicles",
    params(("id" = Uuid, Path)),
    request_body = SocReport,
    responses((status = 200, description = "The vehicle as it is now believed to be.", body = VehicleBody))
)]
pub(crate) async fn soc_report(
    State(app): State<App>,
    Caller(scope): Caller,
    PathId(id): PathId<VehicleId>,
    ValidJson(body): ValidJson<SocReport>,
) -> Answer<Json<VehicleBody>> {
    let soc = Soc::from_percent(body.percent)
        .ok_or_else(|| Invalid::one("/percent", "out_of_range", "must be between 0 and 100"))?;
    let report = ReportSoc { soc, source: SocSource::Telematics, at: body.at };
    Ok(Json(app.vehicles.soc_report(&scope, id, report).await?.into()))
}
