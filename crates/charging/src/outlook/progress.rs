//! How vehicles charge in truth: slower than they may, or not at all.

use chrono::TimeDelta;
use kernel::{Timestamp, W};

use super::{
    model::{Progress, VehiclePlan},
    sight::{Place, Sight},
    stays::Stay,
};

/// How long a vehicle may take to follow a limit before it is called slow.
const SLOW_AFTER: TimeDelta = TimeDelta::minutes(3);
/// How old a reading may be to say how somebody charges.
const FRESH: TimeDelta = TimeDelta::minutes(3);
/// How long a vehicle is believed to be slow before it is asked for its full power again.
const BELIEVED: TimeDelta = TimeDelta::minutes(30);
/// Below this, nothing is charged.
const NOTHING: W = W(500);

/// What is seen of a stay's charging, given what the plan before knew of it. `None` where it does not
/// stand at a charger now.
pub(super) fn progress(sight: &Sight, stay: &Stay<'_>, place: &Place<'_>) -> Option<Progress> {
    let session = stay.session?;
    let before = known(sight, stay).and_then(|plan| plan.progress);
    let setpoint = sight.setpoints.get(&place.evse.id);
    let told = setpoint.and_then(|setpoint| Some((setpoint.confirmed?, setpoint.confirmed_at?)));
    let latest = session.latest.filter(|latest| sight.now - latest.at <= FRESH);
    let drawn = latest.and_then(|latest| Some((latest.power?, latest.at)));
    let (Some((may, since)), Some((drawn, at))) = (told, drawn) else {
        let slow = before.and_then(|before| before.slow).filter(|slow| is_believed(slow.1, sight.now));
        return Some(Progress { session: session.energy, slow, idle_since: None });
    };
    let could = may.min(place.most_for(stay.vehicle));
    let is_settled = at - since >= SLOW_AFTER && could >= place.least.max(NOTHING);
    let idle = is_settled && drawn < NOTHING && stay.soc < stay.needed;
    let idle_since = idle.then(|| before.and_then(|before| before.idle_since).unwrap_or(at));
    let lags = is_settled && drawn >= NOTHING && drawn.get() * 100 < could.get() * 85;
    let slow = match before.and_then(|before| before.slow) {
        // Bounded by its own plan it cannot show that it could do more; so it is believed for a while.
        Some((most, since)) if is_believed(since, sight.now) && drawn.get() * 10 <= most.get() * 11 => {
            Some((most, since))
        }
        _ => lags.then_some((drawn, sight.now)),
    };
    Some(Progress { session: session.energy, slow, idle_since })
}

/// Whether charging has stood still for so long that it has stalled.
pub(super) fn is_stalled(progress: &Progress, sight: &Sight) -> bool {
    progress.idle_since.is_some_and(|since| sight.now - since >= sight.stalled_after)
}

fn is_believed(since: Timestamp, now: Timestamp) -> bool {
    now - since < BELIEVED
}

/// The same stay in the plan before.
fn known<'s>(sight: &'s Sight, stay: &Stay<'_>) -> Option<&'s VehiclePlan> {
    let session = stay.session?;
    let is_same = |plan: &&VehiclePlan| {
        plan.vehicle == stay.vehicle.id && plan.evse == session.place.evse && plan.arrival_at == stay.from
    };
    sight.before.as_ref()?.vehicles.iter().find(is_same)
}
