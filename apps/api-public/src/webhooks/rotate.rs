//! `POST /webhooks/{id}/secret`

use access::hears_something;
use axum::{Extension, Json, extract::State};
use http_kit::{Answer, Caller, ETag, IfMatch, OnReplay, PathId};
use kernel::WebhookId;

use super::body::SecretBody;
use crate::App;

/// Give a webhook another secret. For a day events are signed with both, so that the receiver can
/// change over without refusing any.
#[utoipa::path(
    post,
    path = "/webhooks/{id}/secret",
    tag = "webhooks",
    params(("id" = Uuid, Path)),
    responses((status = 200, description = "The webhook, with its new secret.", body = SecretBody,
               headers(("ETag" = String))))
)]
pub(crate) async fn webhook_secret_rotate(
    State(app): State<App>,
    Caller(scope): Caller,
    PathId(id): PathId<WebhookId>,
    IfMatch(expected): IfMatch,
) -> Answer<(Extension<OnReplay>, ETag, Json<SecretBody>)> {
    hears_something(&scope)?;
    let webhook = app.webhooks.secret_rotate(&scope, id, expected).await?;
    let version = webhook.version;
    let (shown, repeated) = SecretBody::of(webhook);
    Ok((Extension(OnReplay::json(&repeated)), ETag(version), Json(shown)))
}
