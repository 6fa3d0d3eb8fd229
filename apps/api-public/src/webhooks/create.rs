//! `POST /webhooks`

use access::hears_something;
use axum::{Extension, extract::State};
use http_kit::{Answer, Caller, Created, OnReplay, ValidJson};
use notification::CreateWebhook;
use serde::Deserialize;
use utoipa::ToSchema;

use super::body::SecretBody;
use crate::App;

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct WebhookCreate {
    /// An http or https URL of the internet.
    #[schema(max_length = 2000)]
    url: String,
    #[schema(max_length = 200)]
    description: Option<String>,
    /// Types of events, or their beginnings with `*`; all, unless told.
    #[serde(default)]
    #[schema(max_items = 50)]
    types: Vec<String>,
}

impl From<WebhookCreate> for CreateWebhook {
    fn from(body: WebhookCreate) -> Self {
        Self { url: body.url, description: body.description, types: body.types }
    }
}

/// Have events posted to a URL from now on, as the Standard Webhooks specification says.
///
/// It belongs to the key that makes it: no other key sees it, and it is told what that key may hear,
/// as it may at that time. Events are `{id, type, timestamp, subject, data}`, signed with the secret
/// (`webhook-id`, `webhook-timestamp`, `webhook-signature`). What is not answered with 2xx is tried
/// again for a day, less and less often; redirects are not followed, and addresses that are not
/// public are not called. Three days without any success disable it, and so does a 410. At most 20
/// for one key (409 `too_many_webhooks`).
#[utoipa::path(
    post,
    path = "/webhooks",
    tag = "webhooks",
    request_body = WebhookCreate,
    responses((status = 201, description = "The webhook, with its secret.", body = SecretBody,
               headers(("Location" = String), ("ETag" = String))))
)]
pub(crate) async fn webhook_create(
    State(app): State<App>,
    Caller(scope): Caller,
    ValidJson(body): ValidJson<WebhookCreate>,
) -> Answer<(Extension<OnReplay>, Created<SecretBody>)> {
    hears_something(&scope)?;
    let webhook = app.webhooks.webhook_create(&scope, body.into()).await?;
    let (location, version) = (format!("/v1/webhooks/{}", webhook.id), webhook.version);
    let (shown, repeated) = SecretBody::of(webhook);
    Ok((Extension(OnReplay::json(&repeated)), Created::new(location, shown).version(version)))
}
