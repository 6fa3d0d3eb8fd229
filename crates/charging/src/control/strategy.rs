//! How much of what is wanted may be given, and when it is served: by the strategy of the depot, by
//! the plan, and by what was set by hand.

use std::collections::BTreeMap;

use depot::ChargingStrategy;
use kernel::{ChargingOverrideId, Timestamp, VehicleId, W};
use serde::{Deserialize, Serialize};
use transaction::OpenSession;

use super::{
    asked::{Asked, USUAL_TIER},
    pace::Pace,
    progress::Progress,
    setpoint::SetpointReason,
    step::TierSource,
};
use crate::{
    allocation::{Round, Service},
    outlook::{DepotPlan, VehiclePlan},
    overrides::{ChargingOverride, OverrideAction, OverrideStrategy},
};

/// Whether a step followed a plan.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PlanUse {
    /// The depot's strategy asks for none.
    #[default]
    NotWanted,
    Followed,
    /// There is none: by priority, until there is.
    Missing,
    /// It is too old, or its horizon is over: by priority, until there is another.
    Outdated,
}

/// A plan that may be followed, by vehicle.
pub(super) struct Planned<'a> {
    plan: &'a DepotPlan,
    slot: usize,
    vehicles: BTreeMap<VehicleId, &'a VehiclePlan>,
}

impl<'a> Planned<'a> {
    /// The plan of this moment, and what becomes of it.
    pub(super) fn of(
        plan: Option<&'a DepotPlan>,
        wanted: bool,
        now: Timestamp,
        pace: &Pace,
    ) -> (Option<Self>, PlanUse) {
        if !wanted {
            return (None, PlanUse::NotWanted);
        }
        let Some(plan) = plan else { return (None, PlanUse::Missing) };
        let slot = plan.slot_at(now).filter(|_| now - plan.computed_at <= pace.plan_valid);
        let Some(slot) = slot else { return (None, PlanUse::Outdated) };
        let staying = |plan: &&VehiclePlan| plan.arrival_at <= now && now < plan.departure_at;
        // Of several stays the first counts, as it does for whoever asks the plan itself.
        let here = plan.vehicles.iter().rev().filter(staying);
        let vehicles = here.map(|vehicle| (vehicle.vehicle, vehicle)).collect();
        (Some(Self { plan, slot, vehicles }), PlanUse::Followed)
    }
}

/// What may be given to an EVSE, and when.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Offer {
    /// As much of the demand as may be given.
    pub(super) ask: W,
    pub(super) service: Service,
    /// The plan of this moment, where one is followed.
    pub(super) plan: Option<W>,
    /// The override that decided.
    pub(super) over: Option<ChargingOverrideId>,
}

/// How an EVSE's limits are made.
#[derive(Clone, Copy)]
pub(super) struct Grain {
    pub(super) min: W,
    pub(super) step: W,
}

impl Grain {
    /// What a plan's mean of a slot becomes: nothing below half the charger's least, its least
    /// from there on, and the nearest step above it.
    fn settle(self, planned: W) -> W {
        let (min, step) = (self.min.get(), self.step.get().max(1));
        match planned.get() {
            power if power * 2 < min || power <= 0 => W::ZERO,
            power if power <= min => self.min,
            power => W(min + (power - min + step / 2) / step * step),
        }
    }
}

/// The rules of a depot that every EVSE is judged by.
pub(super) struct Rules<'a> {
    pub(super) strategy: ChargingStrategy,
    pub(super) use_spare_room: bool,
    pub(super) planned: Option<Planned<'a>>,
}

impl Rules<'_> {
    /// Judges one EVSE. `overrides` are those that concern it, oldest first.
    pub(super) fn judge(
        &self,
        asked: &mut Asked,
        session: &OpenSession,
        progress: &mut Option<Progress>,
        grain: Grain,
        (overrides, now): (&[&ChargingOverride], Timestamp),
    ) -> Offer {
        let usual_bound = asked.bounded_by;
        let mut offer = Offer { ask: asked.demand, service: Service::default(), plan: None, over: None };
        let (strategy, chosen_by) = self.strategy_for(overrides);
        offer.over = chosen_by;
        match strategy {
            ChargingStrategy::EqualShare => {
                (asked.tier, asked.tier_source) = (USUAL_TIER, TierSource::EqualShare);
            }
            ChargingStrategy::Scheduled => {
                if let Some(planned) = &self.planned {
                    self.schedule(planned, &mut offer, asked, (session, progress), (grain, now));
                }
            }
            ChargingStrategy::Priority | ChargingStrategy::Uncontrolled => {}
        }
        by_hand(overrides, &mut offer, asked, (grain, usual_bound));
        offer
    }

    fn strategy_for(
        &self,
        overrides: &[&ChargingOverride],
    ) -> (ChargingStrategy, Option<ChargingOverrideId>) {
        let chosen = overrides.iter().rev().find_map(|over| match over.action {
            OverrideAction::Strategy(strategy) => Some((strategy, over.id)),
            _ => None,
        });
        let Some((strategy, id)) = chosen else { return (self.strategy, None) };
        let strategy = match strategy {
            OverrideStrategy::EqualShare => ChargingStrategy::EqualShare,
            OverrideStrategy::Priority => ChargingStrategy::Priority,
            OverrideStrategy::Scheduled => ChargingStrategy::Scheduled,
        };
        (strategy, Some(id))
    }

    /// The plan first; on top of it what a vehicle lacks, then what the depot lets it have.
    fn schedule(
        &self,
        planned: &Planned<'_>,
        offer: &mut Offer,
        asked: &mut Asked,
        (session, progress): (&OpenSession, &mut Option<Progress>),
        (grain, now): (Grain, Timestamp),
    ) {
        let own = session.vehicle.and_then(|vehicle| planned.vehicles.get(&vehicle));
        let Some(own) = own else {
            offer.service.round = Round::Behind;
            return;
        };
        let mean = own.power.get(planned.slot).copied().unwrap_or(W::ZERO);
        let power = grain.settle(mean).min(asked.demand);
        let follows = Progress::follow(*progress, planned.plan, session, now);
        *progress = Some(follows);
        offer.plan = Some(mean);
        offer.service.planned = Some(power);
        if follows.is_behind(planned.plan, own, session) {
            offer.service.round = Round::Behind;
        } else if self.use_spare_room {
            offer.service.round = Round::Spare;
        } else {
            offer.service = Service::default();
            if power < asked.demand {
                (offer.ask, asked.bounded_by) = (power, SetpointReason::Plan);
            }
        }
    }
}

/// What was set by hand has the last word.
fn by_hand(
    overrides: &[&ChargingOverride],
    offer: &mut Offer,
    asked: &mut Asked,
    (grain, usual_bound): (Grain, SetpointReason),
) {
    let boost = overrides.iter().rev().find(|over| over.action == OverrideAction::Boost);
    if let Some(boost) = boost {
        (offer.ask, asked.bounded_by) = (asked.demand, usual_bound);
        offer.service = Service { round: Round::Boost, ..Service::default() };
        offer.over = Some(boost.id);
        asked.tier_source = TierSource::Boost;
    }
    let limit = |over: &&ChargingOverride| match over.action {
        OverrideAction::Pause => Some((W::ZERO, over.id)),
        OverrideAction::Limit(limit) if limit < grain.min => Some((W::ZERO, over.id)),
        OverrideAction::Limit(limit) => Some((limit, over.id)),
        OverrideAction::Boost | OverrideAction::Strategy(_) => None,
    };
    if let Some((limit, id)) = overrides.iter().filter_map(limit).min()
        && limit < offer.ask
    {
        (offer.ask, offer.over, asked.bounded_by) = (limit, Some(id), SetpointReason::Override);
        offer.service.planned = offer.service.planned.map(|planned| planned.min(limit));
    }
}
