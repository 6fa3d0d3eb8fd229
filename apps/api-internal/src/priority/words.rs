//! Words that the resources of priority share.

use kernel::{Invalid, PriorityLevel};
use serde::Serialize;
use utoipa::ToSchema;

/// What gave a level.
#[derive(Clone, Copy, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum PriorityReason {
    Override,
    Rule,
    /// The vehicle's next run.
    Run,
    /// The vehicle's own level.
    Vehicle,
    /// Nothing is known: the middle of the scale.
    Default,
    /// The vehicle has what it needs, and takes what nobody else wants.
    TargetReached,
    /// The depot shares alike.
    EqualShare,
    /// An override of charging puts it ahead of everybody.
    Boost,
    NotCharging,
}

/// A number of the scale; notes a field error outside 1 to 9.
pub(super) fn level(level: u8, invalid: &mut Invalid) -> PriorityLevel {
    PriorityLevel::new(level).unwrap_or_else(|| {
        invalid.push("/level", "out_of_range", "must be between 1 and 9");
        PriorityLevel::default()
    })
}
