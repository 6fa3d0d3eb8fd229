//! `/priority`

mod effective;
mod levels;
mod overrides;
mod rules;
mod words;

use utoipa_axum::{router::OpenApiRouter, routes};

pub(crate) use effective::{GivenBy, given_by};
pub(crate) use words::PriorityReason;

use crate::App;

pub(crate) fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .merge(levels::router())
        .merge(rules::router())
        .merge(overrides::router())
        .routes(routes!(effective::priority_effective))
}
