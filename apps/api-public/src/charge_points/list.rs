//! `GET /charge-points`

use axum::{Json, extract::State};
use charge_point::ChargePointFilter;
use http_kit::{Answer, Caller, PageBody, PageParams, PagedQuery};
use serde::Deserialize;
use utoipa::IntoParams;
use uuid::Uuid;

use super::body::ChargePointBody;
use crate::App;

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct ChargePointQuery {
    depot_id: Option<Uuid>,
    online: Option<bool>,
    /// Part of the identity, in any case.
    search: Option<String>,
}

/// Charge points, oldest first.
#[utoipa::path(
    get,
    path = "/charge-points",
    tag = "charge points",
    params(ChargePointQuery, PageParams),
    responses((status = 200, description = "One page.", body = PageBody<ChargePointBody>))
)]
pub(crate) async fn charge_point_list(
    State(app): State<App>,
    Caller(scope): Caller,
    query: PagedQuery<ChargePointQuery>,
) -> Answer<Json<PageBody<ChargePointBody>>> {
    let filter = ChargePointFilter {
        depot: query.filter.depot_id.map(Into::into),
        online: query.filter.online,
        identity: query.filter.search,
        ..ChargePointFilter::default()
    };
    let page = app.charge_points.charge_point_list(&scope, &filter, query.page).await?;
    Ok(Json(PageBody::of(page, ChargePointBody::from)))
}
