//! `DELETE /webhooks/{id}`

use access::hears_something;
use axum::extract::State;
use http_kit::{Answer, Caller, IfMatch, NoContent, PathId};
use kernel::WebhookId;

use crate::App;

/// Remove a webhook with its deliveries.
#[utoipa::path(
    delete,
    path = "/webhooks/{id}",
    tag = "webhooks",
    params(("id" = Uuid, Path)),
    responses((status = 204, description = "It is gone."))
)]
pub(crate) async fn webhook_delete(
    State(app): State<App>,
    Caller(scope): Caller,
    PathId(id): PathId<WebhookId>,
    IfMatch(expected): IfMatch,
) -> Answer<NoContent> {
    hears_something(&scope)?;
    app.webhooks.webhook_delete(&scope, id, expected).await?;
    Ok(NoContent)
}
