//! A rule as callers see it and write it.

use chrono::{DateTime, Utc};
use kernel::{Invalid, Soc};
use priority::{Conditions, Rule, RuleTarget};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{units::soc, week::WeekBandBody};

#[derive(Serialize, ToSchema)]
#[schema(as = PriorityRule)]
pub(crate) struct RuleBody {
    id: Uuid,
    /// From 1, without gaps: the first rule that applies counts.
    position: u32,
    name: String,
    enabled: bool,
    target: TargetBody,
    conditions: ConditionsBody,
    /// 1 is the most important, 9 the least.
    #[schema(minimum = 1, maximum = 9)]
    level: u8,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
}

/// Whom a rule concerns.
#[derive(Serialize, Deserialize, ToSchema)]
#[schema(as = PriorityTarget)]
#[serde(tag = "type", rename_all = "snake_case", deny_unknown_fields)]
pub(crate) enum TargetBody {
    // With braces, fields that do not belong here are refused.
    Everybody {},
    Vehicle {
        vehicle_id: Uuid,
    },
    /// A group or class, by its members.
    Vehicles {
        #[schema(min_items = 1, max_items = 2000)]
        vehicle_ids: Vec<Uuid>,
    },
    /// Whoever is plugged in there.
    ChargePoint {
        charge_point_id: Uuid,
    },
    /// Whoever is plugged in there, or at home there and plugged in nowhere.
    Depot {
        depot_id: Uuid,
    },
    /// Whoever runs this block next.
    Block {
        #[schema(max_length = 64)]
        block: String,
    },
}

/// When a rule applies: all that is named must hold, and what is not known does not hold.
#[derive(Default, Serialize, Deserialize, ToSchema)]
#[schema(as = PriorityConditions)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct ConditionsBody {
    #[schema(minimum = 0, maximum = 100)]
    soc_below_percent: Option<f64>,
    #[schema(minimum = 0, maximum = 100)]
    soc_above_percent: Option<f64>,
    /// The next departure is less than so many minutes away.
    #[schema(minimum = 1, maximum = 10080)]
    minutes_to_departure_below: Option<u32>,
    /// By the clock of the depot.
    window: Option<WeekBandBody>,
}

impl From<Rule> for RuleBody {
    fn from(rule: Rule) -> Self {
        Self {
            id: rule.id.into(),
            position: rule.position,
            name: rule.name,
            enabled: rule.enabled,
            target: rule.target.into(),
            conditions: rule.conditions.into(),
            level: rule.level.get(),
            created_at: rule.created_at,
            updated_at: rule.updated_at,
        }
    }
}

impl Default for TargetBody {
    fn default() -> Self {
        Self::Everybody {}
    }
}

impl From<RuleTarget> for TargetBody {
    fn from(target: RuleTarget) -> Self {
        match target {
            RuleTarget::Everybody => Self::Everybody {},
            RuleTarget::Vehicle(id) => Self::Vehicle { vehicle_id: id.into() },
            RuleTarget::Vehicles(ids) => {
                Self::Vehicles { vehicle_ids: ids.into_iter().map(Into::into).collect() }
            }
            RuleTarget::ChargePoint(id) => Self::ChargePoint { charge_point_id: id.into() },
            RuleTarget::Depot(id) => Self::Depot { depot_id: id.into() },
            RuleTarget::Block(block) => Self::Block { block },
        }
    }
}

impl From<TargetBody> for RuleTarget {
    fn from(target: TargetBody) -> Self {
        match target {
            TargetBody::Everybody {} => Self::Everybody,
            TargetBody::Vehicle { vehicle_id } => Self::Vehicle(vehicle_id.into()),
            TargetBody::Vehicles { vehicle_ids } => {
                Self::Vehicles(vehicle_ids.into_iter().map(Into::into).collect())
            }
            TargetBody::ChargePoint { charge_point_id } => Self::ChargePoint(charge_point_id.into()),
            TargetBody::Depot { depot_id } => Self::Depot(depot_id.into()),
            TargetBody::Block { block } => Self::Block(block),
        }
    }
}

impl From<Conditions> for ConditionsBody {
    fn from(conditions: Conditions) -> Self {
        Self {
            soc_below_percent: conditions.soc_below.map(Soc::to_percent),
            soc_above_percent: conditions.soc_above.map(Soc::to_percent),
            minutes_to_departure_below: conditions.minutes_to_departure_below,
            window: conditions.window.map(Into::into),
        }
    }
}

impl ConditionsBody {
    pub(super) fn conditions(self, invalid: &mut Invalid) -> Conditions {
        let mut percent = |field: &str, percent: Option<f64>| {
            percent.map(|percent| soc(&format!("/conditions/{field}"), percent, invalid))
        };
        Conditions {
            soc_below: percent("soc_below_percent", self.soc_below_percent),
            soc_above: percent("soc_above_percent", self.soc_above_percent),
            minutes_to_departure_below: self.minutes_to_departure_below,
            window: self.window.and_then(|window| window.band("/conditions/window", invalid)),
        }
    }
}
