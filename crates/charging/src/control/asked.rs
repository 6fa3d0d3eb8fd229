//! What somebody at an EVSE wants, how important that is, and how long it can wait.

use charge_point::{ChargePoint, ConnectorStatus, CurrentType, Evse};
use chrono::TimeDelta;
use dispatch::Run;
use kernel::{Soc, Timestamp, TransactionId, W};
use priority::{Effective, Source};
use serde::{Deserialize, Serialize};
use transaction::OpenSession;
use vehicle::Vehicle;

use super::{
    setpoint::{Setpoint, SetpointReason},
    step::TierSource,
};

/// How long a vehicle must draw less than it may before the rest is given to others.
const GIVES_BACK_AFTER: TimeDelta = TimeDelta::seconds(60);
/// Less is not worth another limit.
const WORTH_LEAVING: W = W(500);
/// When a vehicle without a run is taken to leave.
const FAR_DEPARTURE: TimeDelta = TimeDelta::hours(48);
/// The tier of vehicles that have what they need, and that of those nobody knows.
const LAST_TIER: u8 = 9;
pub(super) const USUAL_TIER: u8 = 5;

/// What somebody at an EVSE wants.
pub(super) struct Asked {
    /// All it can take.
    pub(super) demand: W,
    pub(super) bounded_by: SetpointReason,
    pub(super) tier: u8,
    pub(super) tier_source: TierSource,
    /// Seconds to the departure less those that charging still needs at full rate.
    pub(super) laxity: i64,
    /// It draws nothing although it may.
    pub(super) idle: bool,
}

/// Whoever is at an EVSE.
#[derive(Clone, Copy)]
pub(super) struct Guest<'a> {
    pub(super) session: &'a OpenSession,
    pub(super) vehicle: Option<&'a Vehicle>,
    pub(super) priority: Option<&'a Effective>,
    /// What its vehicle has to do next.
    pub(super) run: Option<&'a Run>,
}

impl Asked {
    pub(super) fn nobody() -> Self {
        Self {
            demand: W::ZERO,
            bounded_by: SetpointReason::NotCharging,
            tier: LAST_TIER,
            tier_source: TierSource::NotCharging,
            laxity: 0,
            idle: false,
        }
    }

    pub(super) fn of(charger: &ChargePoint, evse: &Evse, guest: Guest<'_>, now: Timestamp) -> Self {
        let Guest { session, vehicle, priority, run } = guest;
        let out_of_order = evse.connectors.iter().any(|connector| {
            connector.flat_number == session.place.connector
                && connector.live.status() == ConnectorStatus::Faulted
        });
        if out_of_order {
            return Self::nobody();
        }
        let strength = charger.evse_max_power(evse);
        let (tier, source) =
            priority.map_or((USUAL_TIER, Source::Default), |found| (found.level.get(), found.source));
        let unknown = Self {
            demand: strength,
            bounded_by: SetpointReason::ChargerLimit,
            tier,
            tier_source: TierSource::Priority(source),
            laxity: FAR_DEPARTURE.num_seconds(),
            idle: false,
        };
        let Some(vehicle) = vehicle else { return unknown };
        let takes = match charger.electrics.current {
            CurrentType::Ac => vehicle.max_ac,
            CurrentType::Dc => vehicle.max_dc,
        };
        let (demand, bounded_by) = match takes < strength {
            true => (takes, SetpointReason::VehicleLimit),
            false => (strength, SetpointReason::ChargerLimit),
        };
        let known = session.latest.and_then(|latest| latest.soc).or(vehicle.soc.map(|observed| observed.soc));
        let needed = run.map_or(vehicle.target_soc, |run| run.soc_needed(vehicle));
        let satisfied = known.is_some_and(|soc| soc >= vehicle.target_soc.max(needed));
        let (tier, tier_source) = match satisfied {
            true => (LAST_TIER, TierSource::TargetReached),
            false => (tier, unknown.tier_source),
        };
        let departure = run.map_or(now + FAR_DEPARTURE, |run| run.departure_at);
        let laxity = (departure - now).num_seconds() - seconds_to(vehicle, known, needed, demand);
        Self { demand, bounded_by, tier, tier_source, laxity, idle: false }
    }

    /// A vehicle that draws clearly less than it may leaves the rest to others.
    pub(super) fn take_back(&mut self, left: Option<Left>, drawn: Option<W>, told: Option<W>) {
        let Some(left) = left else { return };
        self.idle = drawn.zip(told).is_some_and(|(drawn, told)| drawn.get() * 10 < told.get());
        if left.limit < self.demand {
            self.demand = left.limit;
            self.bounded_by = SetpointReason::VehicleLimit;
        }
    }
}

/// What a vehicle is left that drew less than it might.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Left {
    pub transaction: TransactionId,
    pub limit: W,
}

impl Left {
    /// Takes up what is drawn since it had the time to follow its limit: clearly less for a minute
    /// leaves it that and some more, and always the least it can charge with; once it draws what it
    /// was left, it may have all again.
    pub(super) fn follow(
        before: Option<Self>,
        transaction: TransactionId,
        (drawn, min): (Option<W>, W),
        setpoint: &Setpoint,
        now: Timestamp,
    ) -> Option<Self> {
        let before = before.filter(|left| left.transaction == transaction);
        let (Some(drawn), Some(confirmed), Some(since)) = (drawn, setpoint.confirmed, setpoint.since) else {
            return before;
        };
        if confirmed == W::ZERO {
            return before;
        }
        let share = drawn.get().saturating_mul(100) / confirmed.get();
        let limit = W(drawn.get() + drawn.get() / 8 + 1_000).max(min);
        match share {
            92.. => None,
            ..80 if now - since >= GIVES_BACK_AFTER => {
                let lower = before.is_none_or(|left| limit + WORTH_LEAVING < left.limit);
                if lower { Some(Self { transaction, limit }) } else { before }
            }
            _ => before,
        }
    }
}

/// How long charging takes at a rate; from empty where nobody knows the state of charge.
fn seconds_to(vehicle: &Vehicle, known: Option<Soc>, needed: Soc, rate: W) -> i64 {
    let missing = i64::from(needed.hundredths()) - known.map_or(0, |soc| i64::from(soc.hundredths()));
    let energy = vehicle.battery.get().saturating_mul(missing.max(0)) / 10_000;
    energy.saturating_mul(3_600) / rate.get().max(1)
}
