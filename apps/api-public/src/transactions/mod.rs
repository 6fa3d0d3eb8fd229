//! `/transactions`

mod body;
mod get;
mod list;
mod readings;

use utoipa_axum::{router::OpenApiRouter, routes};

use crate::App;

pub(crate) fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list::transaction_list))
        .routes(routes!(get::transaction_get))
        .routes(routes!(readings::reading_list))
}
