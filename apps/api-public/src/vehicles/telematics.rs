//! `POST /telematics`

use axum::{Json, extract::State};
use chrono::{DateTime, Utc};
use http_kit::{Answer, Caller, ValidJson};
use kernel::{Invalid, Soc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;
use vehicle::{MOST_OBSERVATIONS, Observation, Observed, VehicleName};

use crate::App;

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct TelematicsBatch {
    #[schema(max_items = 1000)]
    observations: Vec<TelematicsObservation>,
}

/// Name the vehicle by one of its names.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct TelematicsObservation {
    vehicle_id: Option<Uuid>,
    vin: Option<String>,
    fleet_number: Option<String>,
    /// When it was measured; at most five minutes ahead of our clock.
    at: DateTime<Utc>,
    #[schema(minimum = 0, maximum = 100)]
    soc_percent: f64,
}

#[derive(Serialize, ToSchema)]
pub(crate) struct TelematicsReport {
    accepted: usize,
    rejected: usize,
    /// One of each observation, in their order.
    results: Vec<ObservationResult>,
}

#[derive(Serialize, ToSchema)]
pub(crate) struct ObservationResult {
    /// Its place in the batch, counted from 0.
    index: usize,
    status: ObservationStatus,
    /// Why it was rejected. `outdated` of one that was accepted: something newer or better is known.
    #[schema(required)]
    code: Option<&'static str>,
    #[schema(required)]
    detail: Option<&'static str>,
}

#[derive(Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum ObservationStatus {
    Accepted,
    Rejected,
}

/// Why an observation does not get as far as a vehicle: code and detail.
type Refusal = (&'static str, &'static str);

impl TelematicsBatch {
    /// What can be read of it, and for each observation why it cannot.
    fn read(self) -> Result<(Vec<Observation>, Vec<Option<Refusal>>), Invalid> {
        if self.observations.len() > MOST_OBSERVATIONS {
            return Err(Invalid::one("/observations", "too_many", "must be at most 1000"));
        }
        let (mut readable, mut refusals) = (Vec::new(), Vec::new());
        for observation in self.observations {
            let read = observation.observation();
            refusals.push(read.as_ref().err().copied());
            readable.extend(read);
        }
        Ok((readable, refusals))
    }
}

impl TelematicsObservation {
    fn observation(self) -> Result<Observation, Refusal> {
        let vehicle = match (self.vehicle_id, self.vin, self.fleet_number) {
            (Some(id), None, None) => VehicleName::Id(id.into()),
            (None, Some(vin), None) => VehicleName::vin(&vin),
            (None, None, Some(number)) => VehicleName::fleet_number(&number),
            (None, None, None) => {
                return Err(("required", "must name the vehicle by `vehicle_id`, `vin` or `fleet_number`"));
            }
            _ => return Err(("unexpected", "must name the vehicle by one of its names")),
        };
        let soc = Soc::from_percent(self.soc_percent);
        let soc = soc.ok_or(("out_of_range", "`soc_percent` must be between 0 and 100"))?;
        Ok(Observation { vehicle, soc, at: self.at })
    }
}

impl ObservationResult {
    fn of(index: usize, observed: Result<Observed, Refusal>) -> Self {
        let (status, reason) = match observed {
            Ok(Observed::Believed) => (ObservationStatus::Accepted, None),
            Ok(Observed::Outdated) => {
                let reason = ("outdated", "something newer or better is known");
                (ObservationStatus::Accepted, Some(reason))
            }
            Ok(Observed::UnknownVehicle) => {
                (ObservationStatus::Rejected, Some(("unknown_vehicle", "no such vehicle")))
            }
            Ok(Observed::InTheFuture) => {
                (ObservationStatus::Rejected, Some(("in_the_future", "must not lie in the future")))
            }
            Err(reason) => (ObservationStatus::Rejected, Some(reason)),
        };
        Self { index, status, code: reason.map(|(code, _)| code), detail: reason.map(|(_, detail)| detail) }
    }
}

impl TelematicsReport {
    fn of(results: Vec<ObservationResult>) -> Self {
        let accepted = results.iter().filter(|result| result.status == ObservationStatus::Accepted).count();
        Self { accepted, rejected: results.len() - accepted, results }
    }
}

/// Report what telematics measured of many vehicles, each on its own: what is wrong with one does not
/// keep the others out.
///
/// The order does not matter, and to repeat a batch does no harm: an observation counts where nothing
/// newer or better is known. At most 1,000 at once.
#[utoipa::path(
    post,
    path = "/telematics",
    tag = "vehicles",
    request_body = TelematicsBatch,
    responses((status = 200, description = "What became of each.", body = TelematicsReport))
)]
pub(crate) async fn telematics_report(
    State(app): State<App>,
    Caller(scope): Caller,
    ValidJson(batch): ValidJson<TelematicsBatch>,
) -> Answer<Json<TelematicsReport>> {
    let (readable, refusals) = batch.read()?;
    let mut observed = app.vehicles.soc_report_many(&scope, readable).await?.into_iter();
    let results = refusals.into_iter().enumerate().map(|(index, refusal)| {
        let outcome = match refusal {
            Some(refusal) => Err(refusal),
            None => Ok(observed.next().unwrap_or(Observed::UnknownVehicle)),
        };
        ObservationResult::of(index, outcome)
    });
    Ok(Json(TelematicsReport::of(results.collect())))
}
