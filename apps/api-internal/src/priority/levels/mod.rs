//! `/priority/levels`

mod body;
mod change;
mod create;
mod delete;
mod get;
mod list;

use utoipa_axum::{router::OpenApiRouter, routes};

use crate::App;

pub(super) fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(list::priority_level_list, create::priority_level_create)).routes(
        routes!(get::priority_level_get, change::priority_level_change, delete::priority_level_delete),
    )
}
