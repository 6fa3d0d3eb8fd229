//! `PATCH /webhooks/{id}`

use access::hears_something;
use axum::{Json, extract::State};
use http_kit::{Answer, Caller, ETag, IfMatch, Patch, PathId, ValidJson, not_null};
use kernel::WebhookId;
use notification::ChangeWebhook;
use serde::Deserialize;
use utoipa::ToSchema;

use super::body::WebhookBody;
use crate::App;

/// A merge patch: what is absent stays, `null` clears. `types` is replaced as a whole.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct WebhookChange {
    #[serde(default, deserialize_with = "not_null")]
    url: Option<String>,
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    description: Patch<String>,
    #[serde(default, deserialize_with = "not_null")]
    types: Option<Vec<String>>,
    /// To enable it again forgets that it failed.
    #[serde(default, deserialize_with = "not_null")]
    enabled: Option<bool>,
}

impl From<WebhookChange> for ChangeWebhook {
    fn from(body: WebhookChange) -> Self {
        Self { url: body.url, description: body.description.0, types: body.types, enabled: body.enabled }
    }
}

/// Change a webhook, stop it or start it again. What happens while it is stopped is not posted later.
#[utoipa::path(
    patch,
    path = "/webhooks/{id}",
    tag = "webhooks",
    params(("id" = Uuid, Path)),
    request_body = WebhookChange,
    responses((status = 200, description = "The webhook as it is now.", body = WebhookBody, headers(("ETag" = String))))
)]
pub(crate) async fn webhook_change(
    State(app): State<App>,
    Caller(scope): Caller,
    PathId(id): PathId<WebhookId>,
    IfMatch(expected): IfMatch,
    ValidJson(body): ValidJson<WebhookChange>,
) -> Answer<(ETag, Json<WebhookBody>)> {
    hears_something(&scope)?;
    let webhook = app.webhooks.webhook_change(&scope, id, expected, body.into()).await?;
    Ok((ETag(webhook.version), Json(webhook.into())))
}
