//! Proposals for runs without a vehicle. Taking one up is a change of the run.

use std::collections::BTreeMap;

use chrono::TimeDelta;
use kernel::{DepotId, Invalid, Permission, Reach, Scope, Timestamp, VehicleId};
use vehicle::Vehicle;

use super::DispatchService;
use crate::{
    assignment::{Candidate, Suggestions, suggest},
    error::DispatchError,
    model::{Run, RunState},
};

/// The longest time, and the most runs, that one proposal is made for.
const LONGEST: TimeDelta = TimeDelta::days(7);
pub const MOST_RUNS: usize = 500;
/// The most vehicles that may be named.
pub const MOST_VEHICLES: usize = 2_000;

impl DispatchService {
    /// Proposes vehicles for the runs of a depot that depart in a time and have none: of those named,
    /// else of those at home there.
    ///
    /// # Errors
    /// [`DispatchError::Invalid`] for an unknown depot or vehicle, for a time that is empty or longer
    /// than seven days, for more than 500 runs or 2,000 vehicles.
    pub async fn suggestions(
        &self,
        scope: &Scope,
        depot: DepotId,
        (from, to): (Timestamp, Timestamp),
        vehicles: Option<Vec<VehicleId>>,
    ) -> Result<Suggestions, DispatchError> {
        let reach = scope.require(Permission::DispatchRead)?;
        let (organisation, now) = (scope.organisation(), self.clock.now());
        if to <= from {
            return Err(Invalid::one("/to", "out_of_order", "must lie after from").into());
        }
        if to - from > LONGEST {
            return Err(Invalid::one("/to", "out_of_range", "must lie within seven days of from").into());
        }
        self.known_depot(&reach, depot).await?;
        let mut runs = self.runs.runs_departing(organisation, depot, from.max(now), to).await?;
        runs.retain(|run| run.state == RunState::Planned && run.vehicle.is_none());
        if runs.len() > MOST_RUNS {
            let detail = format!("at most {MOST_RUNS} runs without a vehicle may depart in the time");
            return Err(Invalid::one("/to", "too_many", detail).into());
        }
        let vehicles = self.candidates(&reach, depot, vehicles).await?;
        let ids: Vec<VehicleId> = vehicles.iter().map(|vehicle| vehicle.id).collect();
        let mut on_road: BTreeMap<VehicleId, Vec<Run>> = BTreeMap::new();
        // Also what they have to be charged for afterwards.
        let end = to + Run::LONGEST + Run::LONGEST;
        for run in self.roster.runs_on_road(organisation, &ids, now.min(from), end).await? {
            if let Some(vehicle) = run.vehicle {
                on_road.entry(vehicle).or_default().push(run);
            }
        }
        let candidate = |vehicle: Vehicle| {
            let runs = on_road.remove(&vehicle.id).unwrap_or_default();
            Candidate { vehicle, runs }
        };
        Ok(suggest(&runs, vehicles.into_iter().map(candidate).collect(), now))
    }

    async fn candidates(
        &self,
        reach: &Reach,
        depot: DepotId,
        named: Option<Vec<VehicleId>>,
    ) -> Result<Vec<Vehicle>, DispatchError> {
        let Some(named) = named else {
            return Ok(self.fleet.vehicles_at_home(reach.organisation(), depot).await?);
        };
        if named.len() > MOST_VEHICLES {
            let detail = format!("must be at most {MOST_VEHICLES} vehicles");
            return Err(Invalid::one("/vehicle_ids", "too_many", detail).into());
        }
        let known = self.fleet.vehicles_named(reach, &named, &[]).await?;
        let mut invalid = Invalid::default();
        for (index, id) in named.iter().enumerate() {
            if !known.iter().any(|vehicle| vehicle.id == *id) {
                invalid.push(format!("/vehicle_ids/{index}"), "unknown_vehicle", "no such vehicle");
            }
        }
        invalid.into_result()?;
        Ok(known)
    }
}
