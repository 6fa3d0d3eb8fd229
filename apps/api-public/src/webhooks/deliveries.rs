//! `GET /webhooks/{id}/deliveries`

use access::hears_something;
use axum::{Json, extract::State};
use http_kit::{Answer, Caller, PageBody, PageParams, PagedQuery, PathId};
use kernel::WebhookId;
use serde::Deserialize;
use utoipa::IntoParams;

use super::body::{DeliveryBody, DeliveryWord};
use crate::App;

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct DeliveryQuery {
    #[param(inline)]
    state: Option<DeliveryWord>,
}

/// What was and will be posted to a webhook, newest first, for 30 days after its end.
#[utoipa::path(
    get,
    path = "/webhooks/{id}/deliveries",
    tag = "webhooks",
    params(("id" = Uuid, Path), DeliveryQuery, PageParams),
    responses((status = 200, description = "One page.", body = PageBody<DeliveryBody>))
)]
pub(crate) async fn webhook_delivery_list(
    State(app): State<App>,
    Caller(scope): Caller,
    PathId(id): PathId<WebhookId>,
    query: PagedQuery<DeliveryQuery>,
) -> Answer<Json<PageBody<DeliveryBody>>> {
    hears_something(&scope)?;
    let state = query.filter.state.map(Into::into);
    let page = app.webhooks.delivery_list(&scope, id, state, query.page).await?;
    Ok(Json(PageBody::of(page, DeliveryBody::from)))
}
