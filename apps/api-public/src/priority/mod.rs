//! `/priority/overrides`

mod overrides;

use kernel::{Invalid, PriorityLevel};
use utoipa_axum::router::OpenApiRouter;

use crate::App;

pub(crate) fn router() -> OpenApiRouter<App> {
    overrides::router()
}

/// A number of the scale; notes a field error outside 1 to 9.
fn level(level: u8, invalid: &mut Invalid) -> PriorityLevel {
    PriorityLevel::new(level).unwrap_or_else(|| {
        invalid.push("/level", "out_of_range", "must be between 1 and 9");
        PriorityLevel::default()
    })
}
