//! `/dispatch`

mod readiness;
mod runs;
mod words;

use utoipa_axum::{router::OpenApiRouter, routes};

use crate::App;

pub(crate) fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new().merge(runs::router()).routes(routes!(readiness::dispatch_readiness))
}
