//! `GET /webhooks/{id}`

use access::hears_something;
use axum::{Json, extract::State};
use http_kit::{Answer, Caller, ETag, PathId};
use kernel::WebhookId;

use super::body::WebhookBody;
use crate::App;

/// One webhook. What its receiver does with events does not change its version.
#[utoipa::path(
    get,
    path = "/webhooks/{id}",
    tag = "webhooks",
    params(("id" = Uuid, Path)),
    responses((status = 200, description = "The webhook.", body = WebhookBody, headers(("ETag" = String))))
)]
pub(crate) async fn webhook_get(
    State(app): State<App>,
    Caller(scope): Caller,
    PathId(id): PathId<WebhookId>,
) -> Answer<(ETag, Json<WebhookBody>)> {
    hears_something(&scope)?;
    let webhook = app.webhooks.webhook_get(&scope, id).await?;
    Ok((ETag(webhook.version), Json(webhook.into())))
}
