//! `GET /charging/overrides/{id}`

use axum::{Json, extract::State};
use http_kit::{Answer, Caller, ETag, PathId};
use kernel::ChargingOverrideId;

use super::body::OverrideBody;
use crate::App;

/// One override, expired or not.
#[utoipa::path(
    get,
    path = "/charging/overrides/{id}",
    tag = "charging",
    params(("id" = Uuid, Path)),
    responses((status = 200, description = "The override.", body = OverrideBody, headers(("ETag" = String))))
)]
pub(crate) async fn charging_override_get(
    State(app): State<App>,
    Caller(scope): Caller,
    PathId(id): PathId<ChargingOverrideId>,
) -> Answer<(ETag, Json<OverrideBody>)> {
    let over = app.charging_overrides.override_get(&scope, id).await?;
    Ok((ETag(over.version), Json(over.into())))
}
