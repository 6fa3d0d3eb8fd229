//! `POST /dispatch/runs/{id}/depart`

use axum::{Json, extract::State};
use chrono::{DateTime, Utc};
use http_kit::{Answer, Caller, ETag, PathId, ValidJson};
use kernel::RunId;
use serde::Deserialize;
use utoipa::ToSchema;

use super::body::RunBody;
use crate::App;

#[derive(Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct RunDeparture {
    /// When the vehicle left; now, unless told. Less than a day before the planned departure.
    at: Option<DateTime<Utc>>,
}

/// Note that the vehicle of a run has left.
#[utoipa::path(
    post,
    path = "/dispatch/runs/{id}/depart",
    tag = "dispatch",
    params(("id" = Uuid, Path)),
    request_body = Option<RunDeparture>,
    responses((status = 200, description = "The run as it is now.", body = RunBody, headers(("ETag" = String))))
)]
pub(crate) async fn run_depart(
    State(app): State<App>,
    Caller(scope): Caller,
    PathId(id): PathId<RunId>,
    body: Option<ValidJson<RunDeparture>>,
) -> Answer<(ETag, Json<RunBody>)> {
    let departure = body.map(|ValidJson(body)| body).unwrap_or_default();
    let run = app.dispatch.run_depart(&scope, id, departure.at).await?;
    Ok((ETag(run.version), Json(run.into())))
}
