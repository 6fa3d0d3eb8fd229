//! `/admin/api-keys`

mod body;
mod change;
mod create;
mod get;
mod list;
mod revoke;

use utoipa_axum::{router::OpenApiRouter, routes};

use crate::App;

pub(crate) fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(list::api_key_list, create::api_key_create)).routes(routes!(
        get::api_key_get,
        change::api_key_change,
        revoke::api_key_revoke
    ))
}
