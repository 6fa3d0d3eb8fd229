//! The use cases of this domain, one group a file.

mod ahead;
mod departures;
mod imports;
mod readiness;
mod runs;
mod series;
mod suggestions;

use std::sync::Arc;

use depot::Depot;
use kernel::{
    AuditEntry, AuditVerb, Begin, Change, Clock, DepotId, IdSource, Invalid, Reach, Scope, VehicleId,
};
use uuid::Uuid;

use crate::{
    check::check_vehicle,
    error::DispatchError,
    event::Stamp,
    model::Run,
    port::{DispatchTx, Fleet, RosterReader, RunReader},
};

pub use ahead::{Ahead, Made, RunsAhead};
pub use readiness::{ReadinessOverview, record_readiness};

const RUN: &str = "run";

pub struct DispatchService {
    store: Arc<dyn Begin<dyn DispatchTx>>,
    runs: Arc<dyn RunReader>,
    roster: Arc<dyn RosterReader>,
    fleet: Arc<dyn Fleet>,
    clock: Arc<dyn Clock>,
    ids: Arc<dyn IdSource>,
}

impl DispatchService {
    pub fn new<S>(store: Arc<S>, clock: Arc<dyn Clock>, ids: Arc<dyn IdSource>) -> Self
    where
        S: Begin<dyn DispatchTx> + RunReader + RosterReader + Fleet + 'static,
    {
        Self { store: store.clone(), runs: store.clone(), roster: store.clone(), fleet: store, clock, ids }
    }

    /// The depot that a command names in its field `depot_id`.
    async fn known_depot(&self, reach: &Reach, id: DepotId) -> Result<Depot, DispatchError> {
        let found = self.fleet.depots(reach, Some(id)).await?.into_iter().next();
        found.ok_or_else(|| Invalid::one("/depot_id", "unknown_depot", "no such depot").into())
    }

    /// Whether a run or a series of a depot may be given this vehicle: one within reach. Where they see
    /// it by its vehicle alone, it needs one, or it would be out of their sight.
    async fn check_vehicle_seen(
        &self,
        reach: &Reach,
        depot: DepotId,
        vehicle: &Change<VehicleId>,
    ) -> Result<(), DispatchError> {
        match vehicle {
            Change::Set(id) if reach.sees(*id).await?.is_none() => {
                Err(Invalid::one("/vehicle_id", "unknown_vehicle", "no such vehicle").into())
            }
            Change::Clear if reach.sees(depot).await?.is_none() => {
                Err(Invalid::one("/vehicle_id", "required", "must be a vehicle within your groups").into())
            }
            Change::Set(_) | Change::Clear | Change::Keep => Ok(()),
        }
    }

    fn stamp(&self) -> Stamp<'_> {
        Stamp { clock: &*self.clock, ids: &*self.ids }
    }

    fn audit(
        &self,
        scope: &Scope,
        verb: AuditVerb,
        resource: &'static str,
        id: impl Into<Uuid>,
    ) -> AuditEntry {
        AuditEntry::new(scope, &*self.clock, &*self.ids, verb, resource, id)
    }
}

/// Holds the vehicle of a run and checks it against the run and against its other runs. `invalid` is
/// what is known to be wrong already.
async fn check_assignment(
    tx: &mut dyn DispatchTx,
    run: &Run,
    mut invalid: Invalid,
) -> Result<(), DispatchError> {
    let Some(id) = run.vehicle else { return Ok(invalid.into_result()?) };
    let held = tx.roster().vehicles_hold(run.organisation, &[id]).await?;
    match held.first() {
        Some(vehicle) => check_vehicle(run, vehicle, &mut invalid),
        None => invalid.push("/vehicle_id", "unknown_vehicle", "no such vehicle"),
    }
    invalid.into_result()?;
    let (from, to) = (run.departure_at, run.arrival_at);
    let others = tx.roster().runs_of_vehicles(run.organisation, &[id], from, to).await?;
    match others.into_iter().find(|other| other.id != run.id && other.overlaps(run)) {
        Some(other) => Err(DispatchError::Overlap(Box::new(other))),
        None => Ok(()),
    }
}
