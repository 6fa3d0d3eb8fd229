//! `GET /depots/{id}`

use axum::{Json, extract::State};
use http_kit::{Answer, Caller, ETag, PathId};
use kernel::DepotId;

use super::body::DepotBody;
use crate::App;

/// One depot.
#[utoipa::path(
    get,
    path = "/depots/{id}",
    tag = "depots",
    params(("id" = Uuid, Path)),
    responses((status = 200, description = "The depot.", body = DepotBody, headers(("ETag" = String))))
)]
pub(crate) async fn depot_get(
    State(app): State<App>,
    Caller(scope): Caller,
    PathId(id): PathId<DepotId>,
) -> Answer<(ETag, Json<DepotBody>)> {
    let depot = app.depots.depot_get(&scope, id).await?;
    Ok((ETag(depot.version), Json(depot.into())))
}
