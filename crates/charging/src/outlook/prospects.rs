//! What becomes of runs, as the plan foretells it.

use std::collections::BTreeMap;

use chrono::TimeDelta;
use dispatch::{Prospect, Run, RunState, VehicleProspect};
use kernel::{RunId, Soc};

use super::{
    model::{DepotPlan, VehiclePlan},
    problem::{Asked, Question},
    sight::Sight,
};

/// How far back runs are judged that are over.
const JUDGED_AFTER: TimeDelta = TimeDelta::hours(24);

/// The prospects of every run that has not departed: of those whose departure is over, until they were
/// judged once after it.
pub fn prospects(sight: &Sight, question: &Question<'_>, plan: &DepotPlan) -> Vec<(RunId, Prospect)> {
    let stays: BTreeMap<RunId, (&Asked<'_>, &VehiclePlan)> = question
        .stays
        .iter()
        .zip(&plan.vehicles)
        .filter_map(|(asked, plan)| Some((asked.stay.run?.id, (asked, plan))))
        .collect();
    let open = sight.runs.iter().filter(|run| run.state == RunState::Planned && !is_settled(run, sight));
    open.map(|run| {
        let vehicle = match stays.get(&run.id) {
            Some((asked, plan)) => Some(staying(asked, plan)),
            None => gone(run, sight),
        };
        (run.id, Prospect { departure_at: run.departure_at, vehicle })
    })
    .collect()
}

/// Whether it is over and has been judged since.
fn is_settled(run: &Run, sight: &Sight) -> bool {
    let judged = run.readiness.assessed_at.is_some_and(|at| at >= run.departure_at);
    let is_over = run.departure_at <= sight.now;
    is_over && (judged || sight.now - run.departure_at > JUDGED_AFTER)
}

fn staying(asked: &Asked<'_>, plan: &VehiclePlan) -> VehicleProspect {
    let stay = &asked.stay;
    VehicleProspect {
        battery: stay.vehicle.battery,
        needed: stay.needed,
        // What it has now says nothing of a stay that begins after another run.
        soc: (stay.is_next && !stay.assumed).then_some(stay.soc),
        predicted: plan.predicted_soc,
        ready_at: plan.ready_at,
        obstacle: plan.reason,
    }
}

/// A vehicle that has no stay before the run: the departure is over, or it comes back too late to be planned.
fn gone(run: &Run, sight: &Sight) -> Option<VehicleProspect> {
    let vehicle = run.vehicle.and_then(|id| sight.vehicles.get(&id))?;
    let soc: Option<Soc> = vehicle.soc.map(|observed| observed.soc);
    Some(VehicleProspect {
        battery: vehicle.battery,
        needed: run.soc_needed(vehicle),
        soc,
        predicted: soc,
        ready_at: None,
        obstacle: None,
    })
}
