//! `/depots/{id}/bays`

use axum::{Json, extract::State};
use chrono::{DateTime, Utc};
use depot::{Bay, ChangeBay, CreateBay};
use http_kit::{
    Answer, Caller, Created, ETag, IfMatch, NoContent, PageBody, PageParams, PagedQuery, Patch, PathId,
    ValidJson, not_null,
};
use kernel::{BayId, DepotId};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{App, units::NoFilter};

#[derive(Serialize, ToSchema)]
#[schema(as = Bay)]
pub(crate) struct BayBody {
    id: Uuid,
    depot_id: Uuid,
    #[schema(required)]
    zone_id: Option<Uuid>,
    /// The charger that reaches this bay.
    #[schema(required)]
    charge_point_id: Option<Uuid>,
    /// Unique within the depot.
    code: String,
    name: String,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
}

impl From<Bay> for BayBody {
    fn from(bay: Bay) -> Self {
        Self {
            id: bay.id.into(),
            depot_id: bay.depot.into(),
            zone_id: bay.zone.map(Into::into),
            charge_point_id: bay.charge_point.map(Into::into),
            code: bay.code,
            name: bay.name,
            created_at: bay.created_at,
            updated_at: bay.updated_at,
        }
    }
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct BayCreate {
    zone_id: Option<Uuid>,
    charge_point_id: Option<Uuid>,
    #[schema(max_length = 32)]
    code: String,
    #[schema(max_length = 100)]
    name: String,
}

/// A merge patch: what is absent stays, `null` clears.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct BayChange {
    #[serde(default)]
    #[schema(value_type = Option<Uuid>)]
    zone_id: Patch<Uuid>,
    #[serde(default)]
    #[schema(value_type = Option<Uuid>)]
    charge_point_id: Patch<Uuid>,
    #[serde(default, deserialize_with = "not_null")]
    code: Option<String>,
    #[serde(default, deserialize_with = "not_null")]
    name: Option<String>,
}

/// Add a bay.
#[utoipa::path(
    post,
    path = "/depots/{id}/bays",
    tag = "depots",
    params(("id" = Uuid, Path)),
    request_body = BayCreate,
    responses((status = 201, description = "The bay.", body = BayBody,
               headers(("Location" = String), ("ETag" = String))))
)]
pub(crate) async fn bay_create(
    State(app): State<App>,
    Caller(scope): Caller,
    PathId(depot): PathId<DepotId>,
    ValidJson(body): ValidJson<BayCreate>,
) -> Answer<Created<BayBody>> {
    let command = CreateBay {
        depot,
        zone: body.zone_id.map(Into::into),
        charge_point: body.charge_point_id.map(Into::into),
        code: body.code,
        name: body.name,
    };
    let bay = app.depots.bay_create(&scope, command).await?;
    let (location, version) = (format!("/api/v1/depots/{depot}/bays/{}", bay.id), bay.version);
    Ok(Created::new(location, BayBody::from(bay)).version(version))
}

/// Bays, oldest first.
#[utoipa::path(
    get,
    path = "/depots/{id}/bays",
    tag = "depots",
    params(("id" = Uuid, Path), PageParams),
    responses((status = 200, description = "One page.", body = PageBody<BayBody>))
)]
pub(crate) async fn bay_list(
    State(app): State<App>,
    Caller(scope): Caller,
    PathId(depot): PathId<DepotId>,
    query: PagedQuery<NoFilter>,
) -> Answer<Json<PageBody<BayBody>>> {
    let page = app.depots.bay_list(&scope, depot, query.page).await?;
    Ok(Json(PageBody::of(page, BayBody::from)))
}

/// One bay.
#[utoipa::path(
    get,
    path = "/depots/{id}/bays/{bay_id}",
    tag = "depots",
    params(("id" = Uuid, Path), ("bay_id" = Uuid, Path)),
    responses((status = 200, description = "The bay.", body = BayBody, headers(("ETag" = String))))
)]
pub(crate) async fn bay_get(
    State(app): State<App>,
    Caller(scope): Caller,
    PathId((depot, id)): PathId<(DepotId, BayId)>,
) -> Answer<(ETag, Json<BayBody>)> {
    let bay = app.depots.bay_get(&scope, depot, id).await?;
    Ok((ETag(bay.version), Json(bay.into())))
}

/// Change a bay.
#[utoipa::path(
    patch,
    path = "/depots/{id}/bays/{bay_id}",
    tag = "depots",
    params(("id" = Uuid, Path), ("bay_id" = Uuid, Path)),
    request_body = BayChange,
    responses((status = 200, description = "The bay as it is now.", body = BayBody, headers(("ETag" = String))))
)]
pub(crate) async fn bay_change(
    State(app): State<App>,
    Caller(scope): Caller,
    PathId(place): PathId<(DepotId, BayId)>,
    IfMatch(expected): IfMatch,
    ValidJson(body): ValidJson<BayChange>,
) -> Answer<(ETag, Json<BayBody>)> {
    let change = ChangeBay {
        zone: body.zone_id.0.map(Into::into),
        charge_point: body.charge_point_id.0.map(Into::into),
        code: body.code,
        name: body.name,
    };
    let bay = app.depots.bay_change(&scope, place, expected, change).await?;
    Ok((ETag(bay.version), Json(bay.into())))
}

/// Remove a bay.
#[utoipa::path(
    delete,
    path = "/depots/{id}/bays/{bay_id}",
    tag = "depots",
    params(("id" = Uuid, Path), ("bay_id" = Uuid, Path)),
    responses((status = 204, description = "It is gone."))
)]
pub(crate) async fn bay_delete(
    State(app): State<App>,
    Caller(scope): Caller,
    PathId(place): PathId<(DepotId, BayId)>,
    IfMatch(expected): IfMatch,
) -> Answer<NoContent> {
    app.depots.bay_delete(&scope, place, expected).await?;
    Ok(NoContent)
}
