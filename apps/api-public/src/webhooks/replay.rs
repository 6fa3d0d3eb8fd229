//! `POST /webhooks/{id}/deliveries/{delivery_id}/replay`

use access::hears_something;
use axum::{Json, extract::State, http::StatusCode};
use http_kit::{Answer, Caller, PathId};
use kernel::{WebhookDeliveryId, WebhookId};

use super::body::DeliveryBody;
use crate::App;

/// Post an event again, whatever became of it: as it was, with the same `webhook-id`.
///
/// 409 `webhook_disabled` where it is told nothing now.
#[utoipa::path(
    post,
    path = "/webhooks/{id}/deliveries/{delivery_id}/replay",
    tag = "webhooks",
    params(("id" = Uuid, Path), ("delivery_id" = Uuid, Path)),
    responses((status = 202, description = "The delivery, due at once.", body = DeliveryBody))
)]
pub(crate) async fn webhook_delivery_replay(
    State(app): State<App>,
    Caller(scope): Caller,
    PathId((id, delivery)): PathId<(WebhookId, WebhookDeliveryId)>,
) -> Answer<(StatusCode, Json<DeliveryBody>)> {
    hears_something(&scope)?;
    let delivery = app.webhooks.delivery_replay(&scope, id, delivery).await?;
    Ok((StatusCode::ACCEPTED, Json(delivery.into())))
}
