//! `/depots/{id}/circuits`, and what limits them from outside.

mod body;
mod external_limits;
mod list;

use utoipa_axum::{router::OpenApiRouter, routes};

use crate::App;

pub(crate) fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list::circuit_list))
        .routes(routes!(external_limits::external_limits_put))
}
