//! `/depots/{id}/zones`

use axum::{Json, extract::State};
use chrono::{DateTime, Utc};
use depot::{ChangeZone, CreateZone, Zone};
use http_kit::{
    Answer, Caller, Created, ETag, IfMatch, NoContent, PageBody, PageParams, PagedQuery, PathId, ValidJson,
    not_null,
};
use kernel::{DepotId, ZoneId};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{App, units::NoFilter};

#[derive(Serialize, ToSchema)]
#[schema(as = Zone)]
pub(crate) struct ZoneBody {
    id: Uuid,
    depot_id: Uuid,
    /// Unique within the depot.
    code: String,
    name: String,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
}

impl From<Zone> for ZoneBody {
    fn from(zone: Zone) -> Self {
        Self {
            id: zone.id.into(),
            depot_id: zone.depot.into(),
            code: zone.code,
            name: zone.name,
            created_at: zone.created_at,
            updated_at: zone.updated_at,
        }
    }
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ZoneCreate {
    #[schema(max_length = 32)]
    code: String,
    #[schema(max_length = 100)]
    name: String,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ZoneChange {
    #[serde(default, deserialize_with = "not_null")]
    code: Option<String>,
    #[serde(default, deserialize_with = "not_null")]
    name: Option<String>,
}

/// Add a zone.
#[utoipa::path(
    post,
    path = "/depots/{id}/zones",
    tag = "depots",
    params(("id" = Uuid, Path)),
    request_body = ZoneCreate,
    responses((status = 201, description = "The zone.", body = ZoneBody,
               headers(("Location" = String), ("ETag" = String))))
)]
pub(crate) async fn zone_create(
    State(app): State<App>,
    Caller(scope): Caller,
    PathId(depot): PathId<DepotId>,
    ValidJson(body): ValidJson<ZoneCreate>,
) -> Answer<Created<ZoneBody>> {
    let zone = app.depots.zone_create(&scope, CreateZone { depot, code: body.code, name: body.name }).await?;
    let (location, version) = (format!("/api/v1/depots/{depot}/zones/{}", zone.id), zone.version);
    Ok(Created::new(location, ZoneBody::from(zone)).version(version))
}

/// Zones, oldest first.
#[utoipa::path(
    get,
    path = "/depots/{id}/zones",
    tag = "depots",
    params(("id" = Uuid, Path), PageParams),
    responses((status = 200, description = "One page.", body = PageBody<ZoneBody>))
)]
pub(crate) async fn zone_list(
    State(app): State<App>,
    Caller(scope): Caller,
    PathId(depot): PathId<DepotId>,
    query: PagedQuery<NoFilter>,
) -> Answer<Json<PageBody<ZoneBody>>> {
    let page = app.depots.zone_list(&scope, depot, query.page).await?;
    Ok(Json(PageBody::of(page, ZoneBody::from)))
}

/// One zone.
#[utoipa::path(
    get,
    path = "/depots/{id}/zones/{zone_id}",
    tag = "depots",
    params(("id" = Uuid, Path), ("zone_id" = Uuid, Path)),
    responses((status = 200, description = "The zone.", body = ZoneBody, headers(("ETag" = String))))
)]
pub(crate) async fn zone_get(
    State(app): State<App>,
    Caller(scope): Caller,
    PathId((depot, id)): PathId<(DepotId, ZoneId)>,
) -> Answer<(ETag, Json<ZoneBody>)> {
    let zone = app.depots.zone_get(&scope, depot, id).await?;
    Ok((ETag(zone.version), Json(zone.into())))
}

/// Change a zone.
#[utoipa::path(
    patch,
    path = "/depots/{id}/zones/{zone_id}",
    tag = "depots",
    params(("id" = Uuid, Path), ("zone_id" = Uuid, Path)),
    request_body = ZoneChange,
    responses((status = 200, description = "The zone as it is now.", body = ZoneBody, headers(("ETag" = String))))
)]
pub(crate) async fn zone_change(
    State(app): State<App>,
    Caller(scope): Caller,
    PathId(place): PathId<(DepotId, ZoneId)>,
    IfMatch(expected): IfMatch,
    ValidJson(body): ValidJson<ZoneChange>,
) -> Answer<(ETag, Json<ZoneBody>)> {
    let change = ChangeZone { code: body.code, name: body.name };
    let zone = app.depots.zone_change(&scope, place, expected, change).await?;
    Ok((ETag(zone.version), Json(zone.into())))
}

/// Remove a zone; 409 `zone_in_use` while bays or charge points belong to it.
#[utoipa::path(
    delete,
    path = "/depots/{id}/zones/{zone_id}",
    tag = "depots",
    params(("id" = Uuid, Path), ("zone_id" = Uuid, Path)),
    responses((status = 204, description = "It is gone."))
)]
pub(crate) async fn zone_delete(
    State(app): State<App>,
    Caller(scope): Caller,
    PathId(place): PathId<(DepotId, ZoneId)>,
    IfMatch(expected): IfMatch,
) -> Answer<NoContent> {
    app.depots.zone_delete(&scope, place, expected).await?;
    Ok(NoContent)
}
