//! `POST /reports/runs`

use axum::extract::State;
use chrono::{DateTime, Utc};
use http_kit::{Accepted, Answer, Caller, ValidJson};
use report::CreateRun;
use serde::Deserialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::{
    body::RunBody,
    words::{FormatWord, KindWord},
};
use crate::App;

#[derive(Deserialize, ToSchema)]
#[schema(as = ReportRunCreate)]
#[serde(deny_unknown_fields)]
pub(crate) struct RunCreate {
    kind: KindWord,
    format: FormatWord,
    /// Inclusive; at most 367 days before `to`.
    from: DateTime<Utc>,
    /// Exclusive.
    to: DateTime<Utc>,
    /// All depots unless told.
    depot_id: Option<Uuid>,
}

/// Have a report made. The answer is its run, to be followed until it has ended.
#[utoipa::path(
    post,
    path = "/reports/runs",
    tag = "reports",
    request_body = RunCreate,
    responses(
        (status = 202, description = "The run, not yet begun.", body = RunBody, headers(("Location" = String))),
        (status = 409, description = "`too_many_reports`: fifty are under way."),
    )
)]
pub(crate) async fn report_run_create(
    State(app): State<App>,
    Caller(scope): Caller,
    ValidJson(body): ValidJson<RunCreate>,
) -> Answer<Accepted<RunBody>> {
    let command = CreateRun {
        kind: body.kind.into(),
        format: body.format.into(),
        depot: body.depot_id.map(Into::into),
        from: body.from,
        to: body.to,
    };
    let run = app.reports.run_create(&scope, command).await?;
    Ok(Accepted::new(format!("/api/v1/reports/runs/{}", run.id), run.into()))
}
