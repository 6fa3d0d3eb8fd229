//! `GET /priority/overrides`

use axum::{Json, extract::State};
use http_kit::{Answer, Caller, PageBody, PageParams, PagedQuery};
use priority::OverrideFilter;
use serde::Deserialize;
use utoipa::IntoParams;
use uuid::Uuid;

use super::body::OverrideBody;
use crate::App;

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct OverrideQuery {
    vehicle_id: Option<Uuid>,
    charge_point_id: Option<Uuid>,
    /// Whether those that have expired are listed too.
    #[serde(default)]
    #[param(required = false)]
    include_expired: bool,
}

/// Overrides, oldest first.
#[utoipa::path(
    get,
    path = "/priority/overrides",
    tag = "priority",
    params(OverrideQuery, PageParams),
    responses((status = 200, description = "One page.", body = PageBody<OverrideBody>))
)]
pub(crate) async fn priority_override_list(
    State(app): State<App>,
    Caller(scope): Caller,
    query: PagedQuery<OverrideQuery>,
) -> Answer<Json<PageBody<OverrideBody>>> {
    let OverrideQuery { vehicle_id, charge_point_id, include_expired } = query.filter;
    let filter = OverrideFilter {
        vehicle: vehicle_id.map(Into::into),
        charge_point: charge_point_id.map(Into::into),
        active_at: None,
    };
    let page = app.priorities.override_list(&scope, filter, include_expired, query.page).await?;
    Ok(Json(PageBody::of(page, OverrideBody::from)))
}
