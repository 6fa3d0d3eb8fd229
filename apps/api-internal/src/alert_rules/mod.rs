//! `/alert-rules`

mod body;
mod change;
mod create;
mod delete;
mod get;
mod list;

use utoipa_axum::{router::OpenApiRouter, routes};

use crate::App;

pub(crate) fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(list::alert_rule_list, create::alert_rule_create)).routes(routes!(
        get::alert_rule_get,
        change::alert_rule_change,
        delete::alert_rule_delete
    ))
}
