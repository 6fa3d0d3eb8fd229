//! `POST /alerts/{id}/acknowledge`

use axum::{Json, extract::State};
use http_kit::{Answer, Caller, ETag, IfMatch, PathId, ValidJson};
use kernel::AlertId;
use serde::Deserialize;
use utoipa::ToSchema;

use super::body::AlertBody;
use crate::App;

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct AlertAcknowledge {
    #[schema(max_length = 500)]
    note: Option<String>,
}

/// Say that somebody looks after it. Saying it again changes nothing; an alert that gets worse, or
/// comes back, is open again.
#[utoipa::path(
    post,
    path = "/alerts/{id}/acknowledge",
    tag = "alerts",
    params(("id" = Uuid, Path)),
    request_body = AlertAcknowledge,
    responses((status = 200, description = "The alert as it is now.", body = AlertBody, headers(("ETag" = String))))
)]
pub(crate) async fn alert_acknowledge(
    State(app): State<App>,
    Caller(scope): Caller,
    PathId(id): PathId<AlertId>,
    IfMatch(expected): IfMatch,
    ValidJson(body): ValidJson<AlertAcknowledge>,
) -> Answer<(ETag, Json<AlertBody>)> {
    let alert = app.alerts.alert_acknowledge(&scope, id, expected, body.note).await?;
    Ok((ETag(alert.version), Json(alert.into())))
}
