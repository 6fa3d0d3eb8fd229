//! `POST /vehicles/{id}/soc`

use axum::{Json, extract::State};
use chrono::{DateTime, Utc};
use http_kit::{Answer, Caller, PathId, ValidJson};
use kernel::{Invalid, VehicleId};
use serde::Deserialize;
use utoipa::ToSchema;
use vehicle::{ReportSoc, SocSource};

use super::body::VehicleBody;
use crate::{App, units::soc};

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct SocReport {
    #[schema(minimum = 0, maximum = 100)]
    percent: f64,
    /// Who says so. Chargers report by their own protocol.
    #[serde(default)]
    source: ReportedSource,
    /// Now, unless told. At most five minutes ahead of our clock.
    at: Option<DateTime<Utc>>,
}

#[derive(Clone, Copy, Default, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum ReportedSource {
    #[default]
    Manual,
    Telematics,
}

impl SocReport {
    fn command(self) -> Result<ReportSoc, Invalid> {
        let mut invalid = Invalid::default();
        let source = match self.source {
            ReportedSource::Manual => SocSource::Manual,
            ReportedSource::Telematics => SocSource::Telematics,
        };
        let command = ReportSoc { soc: soc("/percent", self.percent, &mut invalid), source, at: self.at };
        invalid.into_result().map(|()| command)
    }
}

/// Report a state of charge. The answer shows which observation is believed.
///
/// A newer report replaces an older one, except that a worse source (charger, telematics, manual,
/// estimate) waits ten minutes against a better one.
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
    let vehicle = app.vehicles.soc_report(&scope, id, body.command()?).await?;
    Ok(Json(vehicle.into()))
}
