//! The facts this domain publishes.

use kernel::{Clock, Event, IdSource, RunId, Soc, VehicleId};
use serde_json::{Value, json};

use crate::{model::Run, readiness::Readiness, series::RunSeries};

pub const RUN_CREATED: &str = "manage.run.created.v1";
pub const RUN_CHANGED: &str = "manage.run.changed.v1";
pub const RUN_DELETED: &str = "manage.run.deleted.v1";
pub const RUN_DEPARTED: &str = "manage.run.departed.v1";
pub const RUN_CANCELLED: &str = "manage.run.cancelled.v1";
pub const RUN_READINESS_CHANGED: &str = "manage.run.readiness_changed.v1";
pub const RUN_LEFT_UNASSIGNED: &str = "manage.run.left_unassigned.v1";
pub const SERIES_CREATED: &str = "manage.run_series.created.v1";
pub const SERIES_CHANGED: &str = "manage.run_series.changed.v1";
pub const SERIES_DELETED: &str = "manage.run_series.deleted.v1";

/// What events need besides their subject.
#[derive(Clone, Copy)]
pub(crate) struct Stamp<'a> {
    pub(crate) clock: &'a dyn Clock,
    pub(crate) ids: &'a dyn IdSource,
}

fn about(run: &Run) -> Value {
    json!({
        "run_id": run.id,
        "depot_id": run.depot,
        "service_date": run.service_date,
        "block": run.block,
        "departure_at": run.departure_at,
        "arrival_at": run.arrival_at,
        "vehicle_id": run.vehicle,
        "series_id": run.series,
        "state": run.state,
        "departed_at": run.departed_at,
        "readiness": run.readiness.state,
    })
}

impl Stamp<'_> {
    pub(crate) fn run(self, name: &'static str, run: &Run) -> Event {
        Event::new(self.clock, self.ids, run.organisation, name, &run.id, about(run))
    }

    /// A run was made ahead without the vehicle of its series: it is on another run then, or can no
    /// longer run this one.
    pub(crate) fn left_unassigned(self, run: &Run, wanted: VehicleId, other: Option<RunId>) -> Event {
        let mut data = about(run);
        data["wanted_vehicle_id"] = json!(wanted);
        data["overlaps_run_id"] = json!(other);
        Event::new(self.clock, self.ids, run.organisation, RUN_LEFT_UNASSIGNED, &run.id, data)
    }

    /// Another state or another cause than `before`.
    pub(crate) fn readiness(self, run: &Run, before: &Readiness) -> Event {
        let found = &run.readiness;
        let data = json!({
            "run_id": run.id,
            "depot_id": run.depot,
            "block": run.block,
            "service_date": run.service_date,
            "departure_at": run.departure_at,
            "vehicle_id": run.vehicle,
            "state": found.state,
            "cause": found.cause,
            "predicted_soc_percent": found.predicted_soc.map(Soc::to_percent),
            "predicted_ready_at": found.predicted_ready_at,
            "shortfall_kwh": found.shortfall.to_kilo(),
            "previous_state": before.state,
            "previous_cause": before.cause,
        });
        Event::new(self.clock, self.ids, run.organisation, RUN_READINESS_CHANGED, &run.id, data)
    }

    pub(crate) fn series(self, name: &'static str, series: &RunSeries) -> Event {
        let data = json!({
            "run_series_id": series.id,
            "depot_id": series.depot,
            "block": series.block,
            "recurrence": series.recurrence,
            "vehicle_id": series.duty.vehicle,
        });
        Event::new(self.clock, self.ids, series.organisation, name, &series.id, data)
    }
}
