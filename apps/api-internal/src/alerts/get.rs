//! `GET /alerts/{id}`

use axum::{Json, extract::State};
use http_kit::{Answer, Caller, ETag, PathId};
use kernel::AlertId;

use super::body::AlertBody;
use crate::App;

/// One alert, cleared or not.
#[utoipa::path(
    get,
    path = "/alerts/{id}",
    tag = "alerts",
    params(("id" = Uuid, Path)),
    responses((status = 200, description = "The alert.", body = AlertBody, headers(("ETag" = String))))
)]
pub(crate) async fn alert_get(
    State(app): State<App>,
    Caller(scope): Caller,
    PathId(id): PathId<AlertId>,
) -> Answer<(ETag, Json<AlertBody>)> {
    let alert = app.alerts.alert_get(&scope, id).await?;
    Ok((ETag(alert.version), Json(alert.into())))
}
