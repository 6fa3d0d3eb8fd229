//! `/dispatch`

mod imports;
mod readiness;
mod runs;
mod series;
mod suggestions;
mod words;

use utoipa_axum::{router::OpenApiRouter, routes};

pub(crate) use imports::LARGEST_IMPORT;

use crate::App;

pub(crate) fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .merge(runs::router())
        .merge(series::router())
        .routes(routes!(imports::run_import))
        .routes(routes!(readiness::dispatch_readiness))
        .routes(routes!(suggestions::assignment_suggest))
}
