//! An independent judge of plans: it adds everything up again, slowly and in wide integers.

use charging::plan::{Plan, Problem};

/// Everything that must hold for any plan of a problem.
pub(crate) fn check(problem: &Problem, plan: &Plan) -> Result<(), String> {
    check_demands(problem, plan)?;
    check_circuits(problem, plan)?;
    check_shortfalls(problem, plan)?;
    check_bill(problem, plan)
}

/// What flows through a circuit in a slot, in watt-minutes.
pub(crate) fn load(problem: &Problem, plan: &Plan, circuit: usize, slot: usize) -> i128 {
    let below = |from: usize| {
        std::iter::successors(Some(from), |&at| problem.circuits()[at].parent).any(|at| at == circuit)
    };
    let demands = problem.demands().iter().zip(&plan.energy).filter(|(demand, _)| below(demand.circuit));
    demands.map(|(_, energy)| i128::from(energy[slot].0)).sum()
}

/// What each demand is given, in watt-minutes.
pub(crate) fn given(plan: &Plan) -> Vec<i128> {
    plan.energy.iter().map(|slots| slots.iter().map(|energy| i128::from(energy.0)).sum()).collect()
}

fn minutes(problem: &Problem) -> i128 {
    i128::from(problem.horizon().slot_minutes)
}

fn check_demands(problem: &Problem, plan: &Plan) -> Result<(), String> {
    for (at, (demand, energy)) in problem.demands().iter().zip(&plan.energy).enumerate() {
        if energy.len() != problem.horizon().slots {
            return Err(format!("demand {at} has {} slots", energy.len()));
        }
        for (slot, energy) in energy.iter().enumerate() {
            let stay = demand.arrival..demand.departure;
            let most = if stay.contains(&slot) { demand.most[slot - demand.arrival].get() } else { 0 };
            if !(0..=i128::from(most) * minutes(problem)).contains(&i128::from(energy.0)) {
                return Err(format!(
                    "demand {at} draws {energy:?} in slot {slot} of {stay:?}, at most {most} W"
                ));
            }
        }
        let room = i128::from((demand.need + demand.spare).get()) * 60;
        if given(plan)[at] > room {
            return Err(format!("demand {at} takes more than it has room for"));
        }
    }
    Ok(())
}

fn check_circuits(problem: &Problem, plan: &Plan) -> Result<(), String> {
    for (at, circuit) in problem.circuits().iter().enumerate() {
        for (slot, room) in circuit.room.iter().enumerate() {
            let room = i128::from(room.get().max(0)) * minutes(problem);
            let load = load(problem, plan, at, slot);
            if load > room {
                return Err(format!("circuit {at} carries {load} of {room} in slot {slot}"));
            }
        }
    }
    Ok(())
}

/// Every lack is told, and the circuits that are told to be full are full.
fn check_shortfalls(problem: &Problem, plan: &Plan) -> Result<(), String> {
    let given = given(plan);
    for (at, demand) in problem.demands().iter().enumerate() {
        let unmet = (i128::from(demand.need.get()) * 60 - given[at]).max(0);
        let told = plan.shortfalls.iter().find(|shortfall| shortfall.demand == at);
        let known = told.map_or(0, |shortfall| i128::from(shortfall.unmet.0));
        if (unmet >= 60 || told.is_some()) && known != unmet {
            return Err(format!("demand {at} lacks {unmet} and is said to lack {known}"));
        }
    }
    for shortfall in &plan.shortfalls {
        let (unmet, beyond) = (shortfall.unmet, shortfall.beyond_power);
        if beyond > unmet || (shortfall.binding.is_empty() && beyond != unmet) {
            return Err(format!("{beyond:?} of {unmet:?} is beyond the power, and no circuit is full"));
        }
        for binding in &shortfall.binding {
            for &slot in &binding.slots {
                let mut room = problem.circuits()[binding.circuit].room[slot].get().max(0);
                if let Some(target) = problem.tariff().target.filter(|_| binding.target) {
                    room = room.min((target.peak - problem.tariff().unmanaged[slot]).get().max(0));
                }
                let load = load(problem, plan, binding.circuit, slot);
                if load != i128::from(room) * minutes(problem) {
                    return Err(format!("circuit {} is not full in slot {slot}: {load}", binding.circuit));
                }
            }
        }
    }
    Ok(())
}

fn check_bill(problem: &Problem, plan: &Plan) -> Result<(), String> {
    let tariff = problem.tariff();
    let site = problem.circuits().iter().position(|circuit| circuit.parent.is_none()).unwrap();
    let loads: Vec<i128> = (0..problem.horizon().slots).map(|slot| load(problem, plan, site, slot)).collect();
    let cost: i128 = loads.iter().zip(&tariff.energy).map(|(load, price)| load * i128::from(*price)).sum();
    let power = loads.iter().map(|load| (load + minutes(problem) - 1).div_euclid(minutes(problem)));
    let peak =
        power.zip(&tariff.unmanaged).map(|(power, load)| power + i128::from(load.get())).max().unwrap();
    let demand = (peak - i128::from(tariff.peak_so_far.get())).max(0) * i128::from(tariff.demand) / 1000;
    let bill = (i128::from(plan.bill.energy), i128::from(plan.bill.demand), i128::from(plan.bill.peak.get()));
    let right = (cost.div_euclid(60_000), demand, peak);
    if bill == right { Ok(()) } else { Err(format!("the bill is {bill:?} and should be {right:?}")) }
}
