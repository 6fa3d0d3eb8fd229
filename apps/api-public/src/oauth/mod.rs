//! `/oauth`: the only resources that need no credentials of a caller.

mod refusal;
mod token;

use utoipa_axum::{router::OpenApiRouter, routes};

use crate::App;

pub(crate) fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(token::oauth_token))
}
