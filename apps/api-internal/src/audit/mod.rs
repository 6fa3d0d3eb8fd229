//! `/admin/audit`

mod body;
mod list;

pub(crate) use body::ActorBody;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::App;

pub(crate) fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(list::audit_list))
}
