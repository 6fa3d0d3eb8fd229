//! How far a vehicle is, measured by the plan it follows.

use kernel::{Timestamp, TransactionId, Wh};
use serde::{Deserialize, Serialize};
use transaction::OpenSession;

use crate::outlook::{DepotPlan, VehiclePlan};

/// Less is no more than how readings are spaced.
const WORTH_CATCHING_UP: Wh = Wh(500);

/// From where the energy of a plan is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Progress {
    /// When the plan was made.
    pub plan: Timestamp,
    pub transaction: TransactionId,
    pub from: Timestamp,
    /// What the transaction had received by then.
    pub received: Wh,
}

impl Progress {
    /// Goes on with what was counted, or begins anew with a new plan or another transaction.
    pub(super) fn follow(
        before: Option<Self>,
        plan: &DepotPlan,
        session: &OpenSession,
        now: Timestamp,
    ) -> Self {
        let from = session.latest.map_or(now, |latest| latest.at);
        let new =
            Self { plan: plan.computed_at, transaction: session.transaction, from, received: session.energy };
        before.filter(|old| (old.plan, old.transaction) == (new.plan, new.transaction)).unwrap_or(new)
    }

    /// Whether the vehicle has received clearly less than planned, by its last reading.
    pub(super) fn is_behind(&self, plan: &DepotPlan, vehicle: &VehiclePlan, session: &OpenSession) -> bool {
        let until = session.latest.map_or(self.from, |latest| latest.at);
        let planned = planned(plan, vehicle, self.from, until);
        let lacks = planned - (session.energy - self.received);
        lacks > WORTH_CATCHING_UP.max(Wh(planned.get() / 20))
    }
}

/// The energy planned between two instants.
fn planned(plan: &DepotPlan, vehicle: &VehiclePlan, from: Timestamp, until: Timestamp) -> Wh {
    let slot_seconds = i64::from(plan.slot_minutes.max(1)) * 60;
    let begins = |slot: usize| i64::try_from(slot).unwrap_or(i64::MAX).saturating_mul(slot_seconds);
    let (from, until) = ((from - plan.starts_at).num_seconds(), (until - plan.starts_at).num_seconds());
    let watt_seconds = vehicle.power.iter().enumerate().map(|(slot, power)| {
        let (start, end) = (begins(slot), begins(slot).saturating_add(slot_seconds));
        power.get().saturating_mul((until.min(end) - from.max(start)).max(0))
    });
    Wh(watt_seconds.sum::<i64>() / 3_600)
}
