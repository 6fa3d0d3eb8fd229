//! The plan of a depot, as it is kept.

use dispatch::Cause;
use kernel::{CircuitId, DepotId, EvseId, RunId, Soc, Timestamp, VehicleId, W, Wh};
use serde::{Deserialize, Serialize};

use super::grid::Grid;

/// The newest plan of a depot.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DepotPlan {
    pub depot: DepotId,
    pub computed_at: Timestamp,
    /// What it was made for.
    pub trigger: Trigger,
    /// The beginning of the first slot: a whole multiple of the slot.
    pub starts_at: Timestamp,
    pub slot_minutes: u16,
    pub slots: usize,
    pub vehicles: Vec<VehiclePlan>,
    /// What chargers draw together, by slot: the mean of the whole slot, with what the first one had
    /// drawn before.
    pub charging: Vec<W>,
    pub bill: PlanCost,
    /// Where the depot wants to keep a peak.
    pub target: Option<TargetOutlook>,
}

/// What one vehicle is to take, in one stay at the depot.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct VehiclePlan {
    pub vehicle: VehicleId,
    /// Where it is plugged in, or will be; `None` where no place is free.
    pub evse: Option<EvseId>,
    pub run: Option<RunId>,
    /// Priority level, 1 is served first.
    pub tier: u8,
    pub arrival_at: Timestamp,
    pub departure_at: Timestamp,
    /// At the grid's side, from the plan's first slot on.
    pub need: Wh,
    pub unmet: Wh,
    /// Circuits that are full while it lacks energy: what limits most comes first.
    pub binding: Vec<FullCircuit>,
    /// By slot of the horizon, the power while it stands there; what it is preconditioned with counts.
    pub power: Vec<W>,
    pub battery: BatteryOutlook,
    /// At the departure; `None` where its state of charge is not known.
    pub predicted_soc: Option<Soc>,
    /// When it has what it needs; `None` where it never has.
    pub ready_at: Option<Timestamp>,
    /// What stands in its way.
    pub reason: Option<Cause>,
    /// How it charged until now, where it stands there.
    pub progress: Option<Progress>,
}

/// How a battery fills: from its state of charge at the arrival, or at the beginning of the plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BatteryOutlook {
    pub capacity: Wh,
    pub soc: Soc,
    /// Whether nobody knows that, and it is only assumed.
    pub assumed: bool,
    /// Share of the energy from the grid that the battery keeps, in thousandths.
    pub efficiency: u16,
    /// What it took already in the slot in which the plan was made.
    pub taken: Wh,
    /// Power besides charging, for so many minutes before the departure.
    pub precondition: Option<(W, u16)>,
}

/// How a vehicle has been charging, from one plan to the next.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Progress {
    /// What its session had counted when the plan was made.
    pub session: Wh,
    /// The most it is believed to take, since it was seen to draw less than it may.
    pub slow: Option<(W, Timestamp)>,
    /// Since when it draws nothing though it may and should.
    pub idle_since: Option<Timestamp>,
}

/// A circuit without room, for a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FullCircuit {
    pub circuit: CircuitId,
    pub from: Timestamp,
    pub to: Timestamp,
    /// Whether it is the target for the peak that is full, and not a wire.
    pub target: bool,
}

/// Money, in millionths of the currency.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlanCost {
    /// Of the tariff; `None` where the depot has none, and nothing costs anything.
    pub currency: Option<String>,
    pub energy: i64,
    /// For what the peak rises above that of the month so far.
    pub demand: i64,
    /// The site's highest power by quarter of an hour, with its unmanaged load.
    pub peak: W,
    /// The highest of the month until now.
    pub peak_so_far: W,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TargetOutlook {
    pub target: W,
    pub may_be_broken: bool,
    /// By how much the peak exceeds it, for vehicles that would miss energy otherwise.
    pub excess: W,
    /// What that excess costs, in millionths of the currency.
    pub cost: i64,
}

/// What a circuit carries, by slot.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CircuitOutlook {
    pub circuit: CircuitId,
    /// The lowest limit of the slot, before its margin; `None` where nothing limits it.
    pub limit: Vec<Option<W>>,
    /// What others draw and what is kept free for chargers that cannot be steered, here and below.
    pub unmanaged: Vec<W>,
    /// What chargers draw, as the mean of the slot.
    pub planned: Vec<W>,
}

/// A plan with what its circuits carry.
#[derive(Clone, Debug, PartialEq)]
pub struct DepotOutlook {
    pub plan: DepotPlan,
    /// Parents before their children.
    pub circuits: Vec<CircuitOutlook>,
}

/// Why a plan was made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Trigger {
    /// There was none.
    First,
    /// A slot began.
    NewSlot,
    PluggedIn,
    Unplugged,
    RunChanged,
    /// A limit, a window or an external limit.
    LimitChanged,
    TariffChanged,
    /// What is known of a vehicle.
    VehicleChanged,
    /// A charger came, went, or changed its state.
    ChargerChanged,
    PriorityChanged,
    /// A vehicle is off its plan.
    Deviation,
    /// Somebody asked for it.
    Requested,
}

impl Trigger {
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::First => "first",
            Self::NewSlot => "new_slot",
            Self::PluggedIn => "plugged_in",
            Self::Unplugged => "unplugged",
            Self::RunChanged => "run_changed",
            Self::LimitChanged => "limit_changed",
            Self::TariffChanged => "tariff_changed",
            Self::VehicleChanged => "vehicle_changed",
            Self::ChargerChanged => "charger_changed",
            Self::PriorityChanged => "priority_changed",
            Self::Deviation => "deviation",
            Self::Requested => "requested",
        }
    }
}

impl DepotPlan {
    /// The slot that an instant lies in; `None` outside the horizon.
    pub fn slot_at(&self, at: Timestamp) -> Option<usize> {
        let minutes = (at - self.starts_at).num_seconds().div_euclid(60);
        let slot = usize::try_from(minutes.div_euclid(i64::from(self.slot_minutes.max(1)))).ok()?;
        (slot < self.slots).then_some(slot)
    }

    /// What a vehicle is to take at an instant; `None` where the plan says nothing of it.
    pub fn power_of(&self, vehicle: VehicleId, at: Timestamp) -> Option<W> {
        let slot = self.slot_at(at)?;
        let staying =
            |plan: &&VehiclePlan| plan.vehicle == vehicle && plan.arrival_at <= at && at < plan.departure_at;
        let plan = self.vehicles.iter().find(staying)?;
        plan.power.get(slot).copied()
    }

    /// What it lacks, all vehicles together.
    pub fn unmet(&self) -> Wh {
        self.vehicles.iter().map(|vehicle| vehicle.unmet).sum()
    }

    /// The slots it was made for.
    pub fn grid(&self) -> Grid {
        Grid { now: self.computed_at, starts_at: self.starts_at, slots: self.slots }
    }
}

impl VehiclePlan {
    /// Energy from the grid that it is to have taken from the making of the plan until an instant.
    pub fn energy_until(&self, grid: &Grid, at: Timestamp) -> Wh {
        let until = |slot: usize, power: W| {
            let seconds = grid.seconds(slot, self.arrival_at, self.departure_at.min(at));
            Wh(power.get().saturating_mul(seconds) / 3_600)
        };
        self.power.iter().enumerate().map(|(slot, power)| until(slot, *power)).sum()
    }

    /// The state of charge at the end of each slot of its stay, with the slot; empty where its state of
    /// charge is only assumed.
    pub fn soc_by_slot(&self, grid: &Grid) -> Vec<(usize, Soc)> {
        if self.battery.assumed {
            return Vec::new();
        }
        // Watt-seconds, so that short slots lose nothing.
        let mut taken = i128::from(self.battery.taken.get()) * 3_600;
        let mut found = Vec::new();
        for (slot, power) in self.power.iter().enumerate() {
            let seconds = grid.seconds(slot, self.arrival_at, self.departure_at);
            if seconds == 0 {
                continue;
            }
            taken +=
                i128::from((*power - self.besides(grid, slot)).at_least_zero().get()) * i128::from(seconds);
            found.push((slot, self.battery.charged(taken / 3_600)));
        }
        found
    }

    /// What of a slot's power is no charging: the mean while it stands there.
    fn besides(&self, grid: &Grid, slot: usize) -> W {
        let Some((power, minutes)) = self.battery.precondition else { return W::ZERO };
        let from = self.arrival_at.max(self.departure_at - chrono::TimeDelta::minutes(minutes.into()));
        let (all, some) = (
            grid.seconds(slot, self.arrival_at, self.departure_at),
            grid.seconds(slot, from, self.departure_at),
        );
        W(power.get() * some / all.max(1)).min(self.power[slot])
    }
}

impl BatteryOutlook {
    fn charged(&self, energy: i128) -> Soc {
        let capacity = i128::from(self.capacity.get().max(1));
        let gained = energy.max(0) * i128::from(self.efficiency) * 10 / capacity;
        let reached = i128::from(self.soc.hundredths()) + gained;
        u16::try_from(reached).ok().and_then(Soc::from_hundredths).unwrap_or(Soc::FULL)
    }

    /// The state of charge once so much came from the grid.
    pub fn charged_with(&self, energy: Wh) -> Soc {
        self.charged(energy.get().into())
    }

    /// What the grid has to give until a state of charge is reached, rounded up.
    pub(super) fn missing(&self, until: Soc) -> Wh {
        let lacks = i64::from(until.hundredths().saturating_sub(self.soc.hundredths()));
        let share = i64::from(self.efficiency.max(1)) * 10;
        Wh((self.capacity.get().saturating_mul(lacks) + share - 1) / share)
    }
}
