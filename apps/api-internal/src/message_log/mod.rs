//! `/message-log`

mod body;
mod export;
mod list;
mod query;

use utoipa_axum::{router::OpenApiRouter, routes};

use crate::App;

pub(crate) fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(list::frame_list)).routes(routes!(export::frame_export))
}
