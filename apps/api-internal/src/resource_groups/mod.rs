//! `/resource-groups`

mod body;
mod change;
mod contents;
mod create;
mod delete;
mod get;
mod list;
mod members;

use utoipa_axum::{router::OpenApiRouter, routes};

use crate::App;

pub(crate) fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list::resource_group_list, create::resource_group_create))
        .routes(routes!(
            get::resource_group_get,
            change::resource_group_change,
            delete::resource_group_delete
        ))
        .routes(routes!(contents::resource_group_contents))
        .routes(routes!(members::resource_group_members_put))
        .routes(routes!(members::resource_group_member_add, members::resource_group_member_remove))
}
