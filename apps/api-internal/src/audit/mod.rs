//! `/admin/audit`

mod body;
mod export;
mod get;
mod list;

pub(crate) use body::ActorBody;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::App;

pub(crate) fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list::audit_list))
        .routes(routes!(get::audit_get))
        .routes(routes!(export::audit_export))
}
