//! The level that holds, and what gave it. Pure: the same facts give the same answer.

use chrono::Weekday;
use kernel::{
    ChargePointId, DepotId, PriorityLevel, PriorityOverrideId, PriorityRuleId, RunId, Soc, TimeOfDay,
    Timestamp, VehicleId,
};
use serde::{Deserialize, Serialize};

use crate::model::{Conditions, Override, OverrideTarget, Rule, RuleTarget};

/// What is known of whoever stands somewhere. What is not known is absent, and no condition on it
/// holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Facts {
    pub now: Timestamp,
    /// What the depot's clock shows now.
    pub wall_clock: (Weekday, TimeOfDay),
    /// Where it is plugged in, else where it is at home.
    pub depot: DepotId,
    /// Where it is plugged in.
    pub charge_point: Option<ChargePointId>,
    /// Nobody where whoever charges was not recognised.
    pub vehicle: Option<VehicleId>,
    /// The vehicle's own level.
    pub own_level: Option<PriorityLevel>,
    pub soc: Option<Soc>,
    /// To the next departure; negative once it is overdue.
    pub minutes_to_departure: Option<i64>,
    /// The run it leaves for next, and the block of that run.
    pub run: Option<RunId>,
    pub block: Option<String>,
    /// How important that run is by itself.
    pub run_level: Option<PriorityLevel>,
}

/// The level that holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Effective {
    pub level: PriorityLevel,
    pub source: Source,
    /// The name of the rule, the block of the run, or the reason of the override.
    pub because: Option<String>,
}

/// What gave a level.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Source {
    Override(PriorityOverrideId),
    Rule(PriorityRuleId),
    /// The vehicle's next run.
    Run(RunId),
    /// The vehicle's own level.
    Vehicle,
    /// Nothing is known: the middle of the scale.
    #[default]
    Default,
}

/// The newest active override; else the first enabled rule by position that applies; else the level
/// of the vehicle's next run; else its own; else the usual one. The order of the slices does not matter.
pub fn effective(facts: &Facts, rules: &[Rule], overrides: &[Override]) -> Effective {
    let newest = overrides
        .iter()
        .filter(|over| over.active(facts.now) && over.target.concerns(facts))
        .max_by_key(|over| (over.created_at, over.id));
    if let Some(over) = newest {
        let source = Source::Override(over.id);
        return Effective { level: over.level, source, because: Some(over.reason.clone()) };
    }
    let first = rules
        .iter()
        .filter(|rule| rule.enabled && rule.target.concerns(facts) && rule.conditions.hold(facts))
        .min_by_key(|rule| (rule.position, rule.id));
    if let Some(rule) = first {
        let source = Source::Rule(rule.id);
        return Effective { level: rule.level, source, because: Some(rule.name.clone()) };
    }
    if let (Some(run), Some(level)) = (facts.run, facts.run_level) {
        return Effective { level, source: Source::Run(run), because: facts.block.clone() };
    }
    match facts.own_level {
        Some(level) => Effective { level, source: Source::Vehicle, because: None },
        None => Effective { level: PriorityLevel::default(), source: Source::Default, because: None },
    }
}

impl OverrideTarget {
    fn concerns(self, facts: &Facts) -> bool {
        match self {
            Self::Vehicle(vehicle) => facts.vehicle == Some(vehicle),
            Self::ChargePoint(charge_point) => facts.charge_point == Some(charge_point),
        }
    }
}

impl RuleTarget {
    fn concerns(&self, facts: &Facts) -> bool {
        match self {
            Self::Everybody => true,
            Self::Vehicle(vehicle) => facts.vehicle == Some(*vehicle),
            Self::Vehicles(vehicles) => facts.vehicle.is_some_and(|vehicle| vehicles.contains(&vehicle)),
            Self::ChargePoint(charge_point) => facts.charge_point == Some(*charge_point),
            Self::Depot(depot) => facts.depot == *depot,
            Self::Block(block) => facts.block.as_ref() == Some(block),
        }
    }
}

impl Conditions {
    fn hold(&self, facts: &Facts) -> bool {
        let soc_is = |holds: &dyn Fn(Soc) -> bool| facts.soc.is_some_and(holds);
        self.soc_below.is_none_or(|bound| soc_is(&|soc| soc < bound))
            && self.soc_above.is_none_or(|bound| soc_is(&|soc| soc > bound))
            && self.minutes_to_departure_below.is_none_or(|bound| {
                facts.minutes_to_departure.is_some_and(|minutes| minutes < i64::from(bound))
            })
            && self.window.is_none_or(|band| band.contains(facts.wall_clock.0, facts.wall_clock.1))
    }
}
