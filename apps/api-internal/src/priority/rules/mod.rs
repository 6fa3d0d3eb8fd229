//! `/priority/rules`

mod body;
mod change;
mod create;
mod delete;
mod get;
mod list;

use utoipa_axum::{router::OpenApiRouter, routes};

use crate::App;

pub(super) fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list::priority_rule_list, create::priority_rule_create))
        .routes(routes!(get::priority_rule_get, change::priority_rule_change, delete::priority_rule_delete))
}
