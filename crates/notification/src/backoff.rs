//! When to try again what was not received.

use chrono::TimeDelta;
use kernel::IdSource;

/// The first wait after a failure; it doubles up to the longest.
const FIRST_WAIT: TimeDelta = TimeDelta::seconds(15);
const LONGEST_WAIT: TimeDelta = TimeDelta::hours(1);
/// For how long a message is tried.
pub(crate) const WORTH_TRYING: TimeDelta = TimeDelta::days(1);

/// The wait after so many attempts, up to a fifth longer: those who failed together do not come
/// back together.
pub(crate) fn wait(ids: &dyn IdSource, attempts: u32) -> TimeDelta {
    let doublings = attempts.saturating_sub(1).min(12);
    let wait = FIRST_WAIT.checked_mul(1 << doublings).unwrap_or(LONGEST_WAIT).min(LONGEST_WAIT);
    let mut byte = [0; 1];
    ids.secret(&mut byte);
    wait + wait * i32::from(byte[0]) / (5 * 255)
}
