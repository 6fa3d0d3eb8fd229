//! `POST /dispatch/runs`

use axum::extract::State;
use chrono::{DateTime, NaiveDate, Utc};
use dispatch::CreateRun;
use http_kit::{Answer, Caller, Created, ValidJson};
use kernel::Invalid;
use serde::Deserialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::body::RunBody;
use crate::{App, dispatch::words::DutyFields};

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct RunCreate {
    depot_id: Uuid,
    /// The operating day it counts for; the day of the departure by the depot's calendar, unless told.
    service_date: Option<NaiveDate>,
    /// Unique within depot and service date.
    #[schema(max_length = 64)]
    block: String,
    departure_at: DateTime<Utc>,
    /// When it is back: after the departure, by at most 72 hours.
    arrival_at: DateTime<Utc>,
    #[schema(exclusive_minimum = 0, maximum = 5000)]
    distance_km: Option<f64>,
    /// What the duty takes out of the battery; wins over the distance.
    #[schema(exclusive_minimum = 0, maximum = 2000)]
    energy_required_kwh: Option<f64>,
    /// The state of charge to leave with; wins over energy and distance.
    #[schema(exclusive_minimum = 0, maximum = 100)]
    required_soc_percent: Option<f64>,
    /// The state of charge to come back with.
    #[serde(default)]
    #[schema(minimum = 0, maximum = 100, default = 0)]
    minimum_soc_percent: f64,
    vehicle_id: Option<Uuid>,
    /// Which class of vehicle may run it; any, unless told.
    #[schema(max_length = 40)]
    vehicle_class: Option<String>,
    /// 1 is the most important, 9 the least; the vehicle's own level counts, unless told.
    #[schema(minimum = 1, maximum = 9)]
    priority_level: Option<u8>,
}

impl RunCreate {
    fn command(self) -> Result<CreateRun, Invalid> {
        let mut invalid = Invalid::default();
        let duty = DutyFields {
            distance_km: self.distance_km,
            energy_required_kwh: self.energy_required_kwh,
            required_soc_percent: self.required_soc_percent,
            minimum_soc_percent: self.minimum_soc_percent,
            vehicle_id: self.vehicle_id,
            vehicle_class: self.vehicle_class,
            priority_level: self.priority_level,
        };
        let command = CreateRun {
            depot: self.depot_id.into(),
            service_date: self.service_date,
            block: self.block,
            departure_at: self.departure_at,
            arrival_at: self.arrival_at,
            duty: duty.duty(&mut invalid),
        };
        invalid.into_result().map(|()| command)
    }
}

/// Add a run.
///
/// A vehicle is never on two runs at once (409 `run_overlap` names the other). A duty that its
/// vehicle can never do, for its class or its battery, is a 422.
#[utoipa::path(
    post,
    path = "/dispatch/runs",
    tag = "dispatch",
    request_body = RunCreate,
    responses((status = 201, description = "The run.", body = RunBody,
               headers(("Location" = String), ("ETag" = String))))
)]
pub(crate) async fn run_create(
    State(app): State<App>,
    Caller(scope): Caller,
    ValidJson(body): ValidJson<RunCreate>,
) -> Answer<Created<RunBody>> {
    let run = app.dispatch.run_create(&scope, body.command()?).await?;
    let (location, version) = (format!("/v1/dispatch/runs/{}", run.id), run.version);
    Ok(Created::new(location, RunBody::from(run)).version(version))
}
