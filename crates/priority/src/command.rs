//! What callers may ask for, and the checks that turn input into valid values.

use chrono::TimeDelta;
use kernel::{Change, Invalid, PriorityLevel, Timestamp};

use crate::model::{Conditions, Level, Override, OverrideTarget, Rule, RuleTarget};

/// How far ahead an override may end.
const LONGEST_OVERRIDE: TimeDelta = TimeDelta::days(366);
/// A week: nothing leaves later than a rule may look.
const FARTHEST_DEPARTURE: u32 = 7 * 24 * 60;

#[derive(Clone, Debug)]
pub struct CreateLevel {
    pub level: PriorityLevel,
    pub name: String,
    pub description: Option<String>,
}

/// A merge patch of a level. Its number is its identity and does not change.
#[derive(Clone, Debug, Default)]
pub struct ChangeLevel {
    pub name: Option<String>,
    pub description: Change<String>,
}

#[derive(Clone, Debug)]
pub struct CreateRule {
    /// Where it is put, from 1; those behind make room. Last, unless told, and never later.
    pub position: Option<u32>,
    pub name: String,
    pub enabled: bool,
    pub target: RuleTarget,
    pub conditions: Conditions,
    pub level: PriorityLevel,
}

/// A merge patch of a rule. Target and conditions are replaced as a whole.
#[derive(Clone, Debug, Default)]
pub struct ChangeRule {
    /// Where it moves to, from 1; those between make room.
    pub position: Option<u32>,
    pub name: Option<String>,
    pub enabled: Option<bool>,
    pub target: Option<RuleTarget>,
    pub conditions: Option<Conditions>,
    pub level: Option<PriorityLevel>,
}

#[derive(Clone, Debug)]
pub struct CreateOverride {
    pub target: OverrideTarget,
    pub level: PriorityLevel,
    pub reason: String,
    /// In the future, at most 366 days ahead.
    pub expires_at: Timestamp,
}

impl ChangeLevel {
    pub(crate) fn apply(self, level: &mut Level) {
        if let Some(name) = self.name {
            level.name = name;
        }
        self.description.apply(&mut level.description);
    }
}

impl ChangeRule {
    /// Applies the patch but for the position, which concerns other rules too; the result still
    /// has to be checked.
    pub(crate) fn apply(self, rule: &mut Rule) {
        fn set<T>(field: &mut T, value: Option<T>) {
            if let Some(value) = value {
                *field = value;
            }
        }
        set(&mut rule.name, self.name);
        set(&mut rule.enabled, self.enabled);
        set(&mut rule.target, self.target);
        set(&mut rule.conditions, self.conditions);
        set(&mut rule.level, self.level);
    }
}

pub(crate) fn check_level(level: &mut Level) -> Result<(), Invalid> {
    let mut invalid = Invalid::default();
    level.name = invalid.text("/name", &level.name, 64);
    if let Some(description) = &mut level.description {
        *description = invalid.text("/description", description, 500);
    }
    invalid.into_result()
}

/// Tidies a rule and notes what is wrong with it. `position` is the one asked for.
pub(crate) fn check_rule(rule: &mut Rule, position: Option<u32>) -> Invalid {
    let mut invalid = Invalid::default();
    rule.name = invalid.text("/name", &rule.name, 128);
    if position == Some(0) {
        invalid.push("/position", "out_of_range", "must be at least 1");
    }
    match &mut rule.target {
        RuleTarget::Vehicles(vehicles) => {
            vehicles.sort_unstable();
            vehicles.dedup();
            if vehicles.is_empty() {
                invalid.push("/target/vehicle_ids", "required", "must name a vehicle");
            } else if vehicles.len() > RuleTarget::MOST_VEHICLES {
                let detail = format!("must be at most {} vehicles", RuleTarget::MOST_VEHICLES);
                invalid.push("/target/vehicle_ids", "too_many", detail);
            }
        }
        RuleTarget::Block(block) => *block = invalid.text("/target/block", block, 64),
        RuleTarget::Everybody
        | RuleTarget::Vehicle(_)
        | RuleTarget::ChargePoint(_)
        | RuleTarget::Depot(_) => {}
    }
    let conditions = &rule.conditions;
    if let Some(minutes) = conditions.minutes_to_departure_below {
        let pointer = "/conditions/minutes_to_departure_below";
        invalid.range(pointer, minutes, 1, FARTHEST_DEPARTURE);
    }
    if let (Some(above), Some(below)) = (conditions.soc_above, conditions.soc_below)
        && above >= below
    {
        let pointer = "/conditions/soc_above_percent";
        invalid.push(pointer, "out_of_order", "must be less than soc_below_percent");
    }
    invalid
}

/// Tidies an override and notes what is wrong with it.
pub(crate) fn check_override(over: &mut Override, now: Timestamp) -> Invalid {
    let mut invalid = Invalid::default();
    over.reason = invalid.text("/reason", &over.reason, 500);
    over.expires_at = kernel::clock::to_micros(over.expires_at);
    if over.expires_at <= now {
        invalid.push("/expires_at", "in_the_past", "must lie in the future");
    } else if over.expires_at > now + LONGEST_OVERRIDE {
        invalid.push("/expires_at", "out_of_range", "must be at most 366 days ahead");
    }
    invalid
}
