//! `GET /alerts/{id}/deliveries`

use axum::{Json, extract::State};
use http_kit::{Answer, Caller, PageBody, PageParams, PagedQuery, PathId};
use kernel::AlertId;

use super::body::DeliveryBody;
use crate::{App, units::NoFilter};

/// The messages that tell of an alert, newest first: who was told, and what became of it.
#[utoipa::path(
    get,
    path = "/alerts/{id}/deliveries",
    tag = "alerts",
    params(("id" = Uuid, Path), PageParams),
    responses((status = 200, description = "One page.", body = PageBody<DeliveryBody>))
)]
pub(crate) async fn alert_delivery_list(
    State(app): State<App>,
    Caller(scope): Caller,
    PathId(id): PathId<AlertId>,
    query: PagedQuery<NoFilter>,
) -> Answer<Json<PageBody<DeliveryBody>>> {
    let page = app.alerts.alert_deliveries(&scope, id, query.page).await?;
    Ok(Json(PageBody::of(page, DeliveryBody::from)))
}
