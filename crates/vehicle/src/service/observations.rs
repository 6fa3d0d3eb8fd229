//! States of charge of many vehicles at once, as telematics send them.

use std::collections::BTreeMap;

use kernel::{AuditVerb, Invalid, Permission, Scope, VehicleId, clock::to_micros};

use super::vehicles::{CLOCK_SKEW, VehicleService};
use crate::{
    command::Observation,
    error::VehicleError,
    event,
    model::{SocObservation, SocSource, Vehicle},
};

/// Reports that one batch may have.
pub const MOST_OBSERVATIONS: usize = 1_000;

/// What became of one report.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Observed {
    /// It is what is now believed, or was until a later one of the same batch.
    Believed,
    /// Something newer or better is known, or this very report: it changed nothing.
    Outdated,
    /// Nothing within reach is called so.
    UnknownVehicle,
    InTheFuture,
}

impl VehicleService {
    /// Takes reports of telematics in one unit of work, in any order and any number of times: what
    /// became of each, in their order.
    ///
    /// # Errors
    /// [`VehicleError::Invalid`] for more than [`MOST_OBSERVATIONS`].
    pub async fn soc_report_many(
        &self,
        scope: &Scope,
        reports: Vec<Observation>,
    ) -> Result<Vec<Observed>, VehicleError> {
        let reach = scope.require(Permission::VehicleWrite)?;
        if reports.len() > MOST_OBSERVATIONS {
            let most = format!("must be at most {MOST_OBSERVATIONS}");
            return Err(Invalid::one("/observations", "too_many", most).into());
        }
        let latest = self.clock.now() + CLOCK_SKEW;
        let names: Vec<_> = reports.iter().map(|report| report.vehicle.clone()).collect();
        let known = self.named.vehicles_named(&reach, &names).await?;
        let mut ids = BTreeMap::new();
        for vehicle in &known {
            for name in vehicle.all_names() {
                ids.insert(name, vehicle.id);
            }
        }

        let wanted: Vec<VehicleId> = known.iter().map(|vehicle| vehicle.id).collect();
        let mut tx = self.store.begin().await?;
        let found = tx.vehicles().vehicles_find(scope.organisation(), &wanted).await?;
        let before: BTreeMap<VehicleId, Vehicle> = found.into_iter().map(|row| (row.id, row)).collect();
        let mut after = before.clone();
        let mut take = |report: &Observation| {
            let vehicle = ids.get(&report.vehicle).and_then(|id| after.get_mut(id));
            let Some(vehicle) = vehicle else { return Observed::UnknownVehicle };
            let at = to_micros(report.at);
            if at > latest {
                return Observed::InTheFuture;
            }
            match vehicle.observe(SocObservation { soc: report.soc, source: SocSource::Telematics, at }) {
                true => Observed::Believed,
                false => Observed::Outdated,
            }
        };
        let outcome = reports.iter().map(&mut take).collect();

        let changed = after.values().filter(|vehicle| before[&vehicle.id].soc != vehicle.soc);
        let (mut events, mut trail) = (Vec::new(), Vec::new());
        for vehicle in changed {
            tx.vehicles().vehicle_update_live(vehicle).await?;
            events.push(event::vehicle(&*self.clock, &*self.ids, event::VEHICLE_SOC_OBSERVED, vehicle));
            let entry = self.audit(scope, AuditVerb::Update, vehicle.id);
            trail.push(entry.before(&before[&vehicle.id].soc).after(&vehicle.soc));
        }
        tx.outbox().append_all(events).await?;
        tx.audit().record_all(trail).await?;
        tx.commit().await?;
        Ok(outcome)
    }
}
