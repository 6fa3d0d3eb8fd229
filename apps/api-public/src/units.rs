//! From the units of the API to those of the domains, refusing what has none.

use kernel::{Invalid, Soc};
use serde::Deserialize;

/// A percentage as a state of charge; notes a field error outside 0 to 100.
pub(crate) fn soc(pointer: &str, percent: f64, invalid: &mut Invalid) -> Soc {
    Soc::from_percent(percent).unwrap_or_else(|| {
        invalid.push(pointer, "out_of_range", "must be between 0 and 100");
        Soc::EMPTY
    })
}

/// The filter of a list that has none.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct NoFilter {}
