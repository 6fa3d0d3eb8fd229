//! `/admin/organisation`

mod body;
mod change;
mod get;

use utoipa_axum::{router::OpenApiRouter, routes};

pub(crate) use body::OrganisationBody;

use crate::App;

pub(crate) fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(get::organisation_get, change::organisation_change))
}
