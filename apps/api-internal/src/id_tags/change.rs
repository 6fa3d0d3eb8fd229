//! `PATCH /id-tags/{id}`

use axum::{Json, extract::State};
use chrono::{DateTime, Utc};
use http_kit::{Answer, Caller, ETag, IfMatch, Patch, PathId, ValidJson, not_null};
use kernel::IdTagId;
use serde::Deserialize;
use utoipa::ToSchema;
use uuid::Uuid;
use vehicle::ChangeIdTag;

use super::body::{IdTagBody, StatusWord};
use crate::App;

/// A merge patch: what is absent stays, `null` clears. Value and type are what the tag is, and do
/// not change.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct IdTagChange {
    #[serde(default)]
    #[schema(value_type = Option<Uuid>)]
    vehicle_id: Patch<Uuid>,
    #[serde(default, deserialize_with = "not_null")]
    status: Option<StatusWord>,
    #[serde(default)]
    #[schema(value_type = Option<DateTime<Utc>>)]
    expires_at: Patch<DateTime<Utc>>,
}

impl From<IdTagChange> for ChangeIdTag {
    fn from(body: IdTagChange) -> Self {
        Self {
            vehicle: body.vehicle_id.0.map(Into::into),
            status: body.status.map(Into::into),
            expires_at: body.expires_at.0,
        }
    }
}

/// Change an id tag: give it to a vehicle, block it, let it expire.
#[utoipa::path(
    patch,
    path = "/id-tags/{id}",
    tag = "id tags",
    params(("id" = Uuid, Path)),
    request_body = IdTagChange,
    responses((status = 200, description = "The id tag as it is now.", body = IdTagBody, headers(("ETag" = String))))
)]
pub(crate) async fn id_tag_change(
    State(app): State<App>,
    Caller(scope): Caller,
    PathId(id): PathId<IdTagId>,
    IfMatch(expected): IfMatch,
    ValidJson(body): ValidJson<IdTagChange>,
) -> Answer<(ETag, Json<IdTagBody>)> {
    let tag = app.id_tags.id_tag_change(&scope, id, expected, body.into()).await?;
    Ok((ETag(tag.version), Json(tag.into())))
}
