//! A depot's plan as callers see it.

use charging::{
    DepotOutlook,
    outlook::{CircuitOutlook, Grid, PlanCost, TargetOutlook},
};
use chrono::{DateTime, Utc};
use kernel::W;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::{vehicle::StayBody, words::TriggerWord};

#[derive(Default, Serialize, ToSchema)]
#[schema(as = Plan)]
pub(crate) struct PlanBody {
    /// Null before the first plan, as is all that belongs to one.
    #[schema(required)]
    computed_at: Option<DateTime<Utc>>,
    #[schema(required)]
    trigger: Option<TriggerWord>,
    /// The beginning of the first slot, which had begun already.
    #[schema(required)]
    starts_at: Option<DateTime<Utc>>,
    #[schema(required)]
    slot_minutes: Option<u16>,
    #[schema(required)]
    bill: Option<BillBody>,
    /// Null where the depot has none.
    #[schema(required)]
    demand_target: Option<TargetBody>,
    /// What chargers draw together.
    charging: Vec<SlotBody>,
    /// Parents before their children; the first is the site.
    circuits: Vec<CircuitBody>,
    /// A vehicle with runs has several stays.
    vehicles: Vec<StayBody>,
}

#[derive(Serialize, ToSchema)]
#[schema(as = PlanBill)]
pub(crate) struct BillBody {
    /// What the planned energy costs; null where the depot has no tariff.
    #[schema(required)]
    energy: Option<MoneyBody>,
    /// What it costs that the peak rises above that of the month so far.
    #[schema(required)]
    demand: Option<MoneyBody>,
    /// The site's highest mean of a quarter of an hour, with its unmanaged load.
    peak_kw: f64,
    /// The highest of the month until now.
    peak_so_far_kw: f64,
}

#[derive(Serialize, ToSchema)]
#[schema(as = PlanDemandTarget)]
pub(crate) struct TargetBody {
    target_kw: f64,
    may_be_broken: bool,
    /// By how much the peak exceeds it, so that no vehicle misses energy.
    excess_kw: f64,
    /// What that costs.
    cost: MoneyBody,
}

#[derive(Clone, Serialize, ToSchema)]
#[schema(as = Money)]
pub(crate) struct MoneyBody {
    /// To the hundredth.
    amount: String,
    /// ISO 4217.
    currency: String,
}

#[derive(Serialize, ToSchema)]
#[schema(as = PlanSlot)]
pub(crate) struct SlotBody {
    from: DateTime<Utc>,
    planned_kw: f64,
}

#[derive(Serialize, ToSchema)]
#[schema(as = PlanCircuit)]
pub(crate) struct CircuitBody {
    circuit_id: Uuid,
    slots: Vec<CircuitSlotBody>,
}

#[derive(Serialize, ToSchema)]
#[schema(as = PlanCircuitSlot)]
pub(crate) struct CircuitSlotBody {
    from: DateTime<Utc>,
    /// The lowest limit of the slot, before its margin.
    #[schema(required)]
    limit_kw: Option<f64>,
    /// What others draw and what is kept free for chargers that cannot be reached, here and below.
    unmanaged_kw: f64,
    /// What chargers here and below draw.
    planned_kw: f64,
}

impl From<DepotOutlook> for PlanBody {
    fn from(outlook: DepotOutlook) -> Self {
        let plan = outlook.plan;
        let grid = plan.grid();
        let currency = plan.bill.currency.clone();
        let charging = plan.charging.iter().enumerate();
        Self {
            computed_at: Some(plan.computed_at),
            trigger: Some(plan.trigger.into()),
            starts_at: Some(plan.starts_at),
            slot_minutes: Some(plan.slot_minutes),
            charging: charging
                .map(|(slot, power)| SlotBody { from: grid.at(slot), planned_kw: power.to_kilo() })
                .collect(),
            demand_target: plan
                .target
                .zip(currency)
                .map(|(target, currency)| TargetBody::of(target, &currency)),
            bill: Some(plan.bill.into()),
            circuits: outlook.circuits.iter().map(|circuit| CircuitBody::of(circuit, &grid)).collect(),
            vehicles: plan.vehicles.into_iter().map(|vehicle| StayBody::of(vehicle, &grid)).collect(),
        }
    }
}

impl From<PlanCost> for BillBody {
    fn from(bill: PlanCost) -> Self {
        let money = |micros| bill.currency.as_deref().map(|currency| MoneyBody::of(micros, currency));
        Self {
            energy: money(bill.energy),
            demand: money(bill.demand),
            peak_kw: bill.peak.to_kilo(),
            peak_so_far_kw: bill.peak_so_far.to_kilo(),
        }
    }
}

impl TargetBody {
    fn of(target: TargetOutlook, currency: &str) -> Self {
        Self {
            target_kw: target.target.to_kilo(),
            may_be_broken: target.may_be_broken,
            excess_kw: target.excess.to_kilo(),
            cost: MoneyBody::of(target.cost, currency),
        }
    }
}

impl MoneyBody {
    /// Millionths of the currency, to the nearest hundredth.
    fn of(micros: i64, currency: &str) -> Self {
        let hundredths = (i128::from(micros) + 5_000).div_euclid(10_000);
        let (sign, size) = (if hundredths < 0 { "-" } else { "" }, hundredths.unsigned_abs());
        let amount = format!("{sign}{}.{:02}", size / 100, size % 100);
        Self { amount, currency: currency.to_owned() }
    }
}

impl CircuitBody {
    fn of(circuit: &CircuitOutlook, grid: &Grid) -> Self {
        let slots = circuit.limit.iter().zip(&circuit.unmanaged).zip(&circuit.planned).enumerate();
        let slots = slots.map(|(slot, ((limit, unmanaged), planned))| CircuitSlotBody {
            from: grid.at(slot),
            limit_kw: limit.map(W::to_kilo),
            unmanaged_kw: unmanaged.to_kilo(),
            planned_kw: planned.to_kilo(),
        });
        Self { circuit_id: circuit.circuit.into(), slots: slots.collect() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn money_is_shown_to_the_cent() {
        let shown = |micros| MoneyBody::of(micros, "EUR").amount;
        assert_eq!(shown(12_345_000), "12.35");
        assert_eq!(shown(4_999), "0.00");
        assert_eq!(shown(-1_250_000), "-1.25");
        assert_eq!(shown(-4_000), "0.00");
    }
}
