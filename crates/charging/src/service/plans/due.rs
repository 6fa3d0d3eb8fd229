//! Whether a plan is still worth following.

use std::collections::BTreeMap;

use kernel::{DepotId, OrganisationId, Timestamp, VehicleId, Wh};
use transaction::{OpenSession, quarter_of};
use vehicle::Vehicle;

use super::PlanService;
use crate::{
    error::ChargingError,
    outlook::{DepotPlan, Trigger, VehiclePlan},
};

/// A vehicle that has taken this much more or less than planned is off its plan.
const OFF_PLAN: Wh = Wh(5_000);
/// So is one whose battery holds this much more or less, in hundredths of a percent.
const OFF_SOC: u16 = 500;

impl PlanService {
    /// Why a depot needs a new plan though nothing happened; `None` while the present one is good.
    ///
    /// # Errors
    /// Store errors only.
    pub async fn due(
        &self,
        organisation: OrganisationId,
        depot: DepotId,
    ) -> Result<Option<Trigger>, ChargingError> {
        let Some(plan) = self.store.plan_of(organisation, depot).await? else {
            return Ok(Some(Trigger::First));
        };
        let now = self.clock.now();
        if quarter_of(now) != plan.starts_at {
            return Ok(Some(Trigger::NewSlot));
        }
        let sessions = self.store.open_sessions(organisation, depot).await?;
        let here: Vec<VehicleId> = sessions.iter().filter_map(|session| session.vehicle).collect();
        let vehicles = self.store.vehicles_by_id(organisation, &here).await?;
        let vehicles: BTreeMap<VehicleId, Vehicle> =
            vehicles.into_iter().map(|vehicle| (vehicle.id, vehicle)).collect();
        let wrong = |session: &OpenSession| {
            let vehicle = session.vehicle.and_then(|id| vehicles.get(&id))?;
            astray(&plan, session, vehicle, now)
        };
        Ok(sessions.iter().find_map(wrong))
    }
}

/// What is wrong with the plan of a vehicle that is plugged in.
fn astray(plan: &DepotPlan, session: &OpenSession, vehicle: &Vehicle, now: Timestamp) -> Option<Trigger> {
    let is_here = |own: &&VehiclePlan| {
        own.vehicle == vehicle.id && own.progress.is_some() && own.evse == session.place.evse
    };
    let Some(own) = plan.vehicles.iter().find(is_here) else {
        // A faulted charger has no plan of its own; its vehicle is planned elsewhere.
        let is_known = plan.vehicles.iter().any(|own| own.vehicle == vehicle.id);
        return (!is_known).then_some(Trigger::PluggedIn);
    };
    let measured = session.latest.and_then(|latest| latest.soc);
    if own.battery.assumed {
        return (measured.is_some() || vehicle.soc.is_some()).then_some(Trigger::VehicleChanged);
    }
    // What was observed before is what the plan was made of.
    let observed = vehicle.soc.filter(|observed| observed.at > plan.computed_at);
    let known = measured.or(observed.map(|observed| observed.soc));
    let planned = own.energy_until(&plan.grid(), now);
    let taken = session.energy - own.progress.map_or(Wh::ZERO, |progress| progress.session);
    if (taken - planned).get().abs() > OFF_PLAN.get() {
        return Some(Trigger::Deviation);
    }
    let expected = own.battery.charged_with(own.battery.taken + taken);
    let is_off = known.is_some_and(|known| known.hundredths().abs_diff(expected.hundredths()) > OFF_SOC);
    is_off.then_some(Trigger::VehicleChanged)
}
