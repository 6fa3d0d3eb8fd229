//! What callers may ask for, and its checks.

use chrono::TimeDelta;
use kernel::{Invalid, Timestamp, W};

use super::model::{ChargingOverride, OverrideAction, OverrideTarget};

/// How far ahead an override may end.
const LONGEST: TimeDelta = TimeDelta::days(31);
/// 10 MW: more than any charger gives.
const MOST: W = W(10_000_000);

#[derive(Clone, Debug)]
pub struct CreateOverride {
    pub target: OverrideTarget,
    pub action: OverrideAction,
    pub reason: String,
    /// In the future, at most 31 days ahead.
    pub expires_at: Timestamp,
}

/// Tidies an override and notes what is wrong with it.
pub(super) fn check(over: &mut ChargingOverride, now: Timestamp) -> Invalid {
    let mut invalid = Invalid::default();
    over.reason = invalid.text("/reason", &over.reason, 500);
    if let OverrideAction::Limit(limit) = over.action {
        invalid.range("/max_kw", limit.get(), 0, MOST.get());
    }
    over.expires_at = kernel::clock::to_micros(over.expires_at);
    if over.expires_at <= now {
        invalid.push("/expires_at", "in_the_past", "must lie in the future");
    } else if over.expires_at > now + LONGEST {
        invalid.push("/expires_at", "out_of_range", "must be at most 31 days ahead");
    }
    invalid
}
