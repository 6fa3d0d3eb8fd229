//! `GET /webhooks`

use access::hears_something;
use axum::{Json, extract::State};
use http_kit::{Answer, Caller, PageBody, PageParams, PagedQuery};

use super::body::WebhookBody;
use crate::{App, units::NoFilter};

/// The webhooks of the key that asks, oldest first.
#[utoipa::path(
    get,
    path = "/webhooks",
    tag = "webhooks",
    params(PageParams),
    responses((status = 200, description = "One page.", body = PageBody<WebhookBody>))
)]
pub(crate) async fn webhook_list(
    State(app): State<App>,
    Caller(scope): Caller,
    query: PagedQuery<NoFilter>,
) -> Answer<Json<PageBody<WebhookBody>>> {
    hears_something(&scope)?;
    let page = app.webhooks.webhook_list(&scope, query.page).await?;
    Ok(Json(PageBody::of(page, WebhookBody::from)))
}
