//! `/dispatch`

mod imports;
mod readiness;
mod runs;
mod words;

use utoipa_axum::{router::OpenApiRouter, routes};

pub(crate) use imports::LARGEST_IMPORT;

use crate::App;

pub(crate) fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .merge(runs::router())
        .routes(routes!(imports::run_import))
        .routes(routes!(readiness::dispatch_readiness))
}
