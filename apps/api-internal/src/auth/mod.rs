//! `/auth`: the only resources that need no signed-in caller.

mod accept_invitation;
mod authenticator;
mod body;
mod refresh;
mod refusal;
mod sign_out;
mod token;

use utoipa_axum::{router::OpenApiRouter, routes};

pub use authenticator::authenticator;

use crate::App;

pub(crate) fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(token::auth_token))
        .routes(routes!(refresh::auth_refresh))
        .routes(routes!(sign_out::auth_sign_out))
        .routes(routes!(accept_invitation::auth_accept_invitation))
}
