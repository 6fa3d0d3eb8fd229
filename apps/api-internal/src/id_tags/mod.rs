//! `/id-tags`

mod body;
mod change;
mod create;
mod delete;
mod get;
mod list;

use utoipa_axum::{router::OpenApiRouter, routes};

use crate::App;

pub(crate) fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(list::id_tag_list, create::id_tag_create)).routes(routes!(
        get::id_tag_get,
        change::id_tag_change,
        delete::id_tag_delete
    ))
}
