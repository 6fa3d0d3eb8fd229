//! `GET /resource-groups`

use axum::{Json, extract::State};
use http_kit::{Answer, Caller, PageBody, PageParams, PagedQuery};
use resource_group::{GroupFilter, Member};
use serde::Deserialize;
use utoipa::IntoParams;
use uuid::Uuid;

use super::body::GroupBody;
use crate::App;

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct ResourceGroupQuery {
    /// Groups directly below this one.
    parent_id: Option<Uuid>,
    /// Part of the name, in any case.
    search: Option<String>,
    /// Groups that hold this depot themselves.
    depot_id: Option<Uuid>,
    /// Groups that hold this charge point themselves; not together with `depot_id`.
    charge_point_id: Option<Uuid>,
    /// Groups that hold this vehicle themselves; not together with the two above.
    vehicle_id: Option<Uuid>,
}

impl From<ResourceGroupQuery> for GroupFilter {
    fn from(query: ResourceGroupQuery) -> Self {
        let depot = query.depot_id.map(|id| Member::Depot(id.into()));
        let charge_point = query.charge_point_id.map(|id| Member::ChargePoint(id.into()));
        let vehicle = query.vehicle_id.map(|id| Member::Vehicle(id.into()));
        Self {
            parent: query.parent_id.map(Into::into),
            search: query.search,
            holding: depot.or(charge_point).or(vehicle),
        }
    }
}

/// Groups that the caller's grants reach, oldest first.
#[utoipa::path(
    get,
    path = "/resource-groups",
    tag = "resource groups",
    params(ResourceGroupQuery, PageParams),
    responses((status = 200, description = "One page.", body = PageBody<GroupBody>))
)]
pub(crate) async fn resource_group_list(
    State(app): State<App>,
    Caller(scope): Caller,
    query: PagedQuery<ResourceGroupQuery>,
) -> Answer<Json<PageBody<GroupBody>>> {
    let page = app.resource_groups.group_list(&scope, &query.filter.into(), query.page).await?;
    Ok(Json(PageBody::of(page, GroupBody::from)))
}
