//! What may be ordered now of what everybody should have: reductions at once, increases slowly and
//! only into room that is free of everything that may still be drawn.

use std::collections::BTreeMap;

use kernel::{ChargePointId, Timestamp, W};

use super::{
    room::Room,
    setpoint::SetpointReason,
    step::{DepotView, EvseView, POWER_STEP, Steering, Target},
};

/// Orders by the index of the EVSE. Says in `targets` who is still on the way.
pub(super) fn orders(view: &DepotView, targets: &mut [Target]) -> Vec<(usize, W)> {
    let mut room = Room::new(&view.circuits);
    for evse in &view.evses {
        room.take(evse.circuit, evse.load(evse.exposure()));
    }
    let short = room.is_short();
    let mut orders = Vec::new();
    for (index, evse) in view.evses.iter().enumerate() {
        if evse.steerable(view.now) && reduces(view, evse, targets[index].power, short) {
            orders.push((index, targets[index].power));
        }
    }
    let last_orders = last_orders(view);
    let mut by_importance: Vec<usize> = (0..view.evses.len()).collect();
    by_importance.sort_by_key(|index| {
        let evse = &view.evses[*index];
        (evse.service.round, evse.tier, evse.laxity, *index)
    });
    let mut wanted = vec![false; view.circuits.len()];
    for index in by_importance {
        let (evse, target) = (&view.evses[index], targets[index].power);
        let raises = match evse.setpoint.told() {
            Some(told) => target > told,
            None => target > evse.exposure(),
        };
        if !raises || evse.strays() || !evse.steerable(view.now) || !evse.setpoint.pending.is_empty() {
            continue;
        }
        let (exposure, told) = (evse.exposure(), evse.setpoint.told().unwrap_or(W::ZERO));
        let free = room.above(evse.circuit, evse.phases, evse.voltage).at_least_zero();
        let ramped = (told + view.pace.ramp).max(evse.min);
        let grant = on_grid(evse, target.min(exposure + free).min(ramped));
        let waits = waits(view, evse, last_orders.get(&evse.setpoint.charge_point).copied());
        let worthwhile = grant >= told + view.pace.hysteresis || (grant == target && grant > told);
        if worthwhile && grant >= evse.min && !waits {
            room.take(evse.circuit, evse.load((grant - exposure).at_least_zero()));
            orders.push((index, grant));
        } else if evse.setpoint.told().is_none() {
            // There is no room yet, but it must know a limit before anybody starts to charge.
            orders.push((index, W::ZERO));
        }
        if grant < evse.min {
            room.path(evse.circuit).for_each(|circuit| wanted[circuit] = true);
        }
        if grant < target || waits {
            targets[index].reason = SetpointReason::Ramping;
        }
    }
    // What is not worth an order for its own sake is, where somebody waits for it to start.
    for (index, evse) in view.evses.iter().enumerate() {
        let target = targets[index].power;
        let lower = evse.setpoint.told().is_some_and(|told| target < told);
        let small = lower && !reduces(view, evse, target, short);
        if small && evse.steerable(view.now) && room.path(evse.circuit).any(|circuit| wanted[circuit]) {
            orders.push((index, target));
        }
    }
    orders
}

/// When each charger was told something last.
fn last_orders(view: &DepotView) -> BTreeMap<ChargePointId, Timestamp> {
    let mut last = BTreeMap::new();
    for evse in &view.evses {
        let Some(at) = evse.setpoint.ordered_at else { continue };
        let known = last.entry(evse.setpoint.charge_point).or_insert(at);
        *known = at.max(*known);
    }
    last
}

/// Whether it is too early for an increase. The first limit of all need not wait.
fn waits(view: &DepotView, evse: &EvseView, last_order: Option<Timestamp>) -> bool {
    let pace = &view.pace;
    let too_often = last_order.is_some_and(|at| view.now - at < pace.between_orders);
    let too_early = evse.setpoint.reduced_at.is_some_and(|at| view.now - at < pace.raise_after);
    evse.setpoint.told().is_some() && (too_often || too_early)
}

/// Whether an EVSE has to be told to draw less, or has to be told its limit for the first time.
fn reduces(view: &DepotView, evse: &EvseView, target: W, short: bool) -> bool {
    match evse.setpoint.told() {
        None => target <= evse.exposure(),
        Some(told) if target >= told => false,
        Some(told) => short || target == W::ZERO || told - target >= view.pace.hysteresis,
    }
}

/// A limit that the charger can be told: rounded down to its grain.
pub(super) fn on_grid(evse: &EvseView, power: W) -> W {
    let step = match evse.steering {
        Steering::Power => POWER_STEP.get(),
        Steering::Current => i64::from(evse.voltage.max(1)) * i64::from(evse.phases.count()),
    };
    W(power.get().div_euclid(step) * step)
}
