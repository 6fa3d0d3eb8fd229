//! `/events`

mod list;

use utoipa_axum::{router::OpenApiRouter, routes};

use crate::App;

pub(crate) fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(list::event_list))
}
