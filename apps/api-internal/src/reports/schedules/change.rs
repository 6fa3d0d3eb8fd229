//! `PATCH /reports/schedules/{id}`

use axum::{Json, extract::State};
use http_kit::{Answer, Caller, ETag, IfMatch, PathId, ValidJson, not_null};
use kernel::ReportScheduleId;
use report::ChangeSchedule;
use serde::Deserialize;
use utoipa::ToSchema;

use super::body::ScheduleBody;
use crate::{
    App,
    reports::words::{CatchUpWord, FormatWord, PeriodWord},
};

/// A merge patch. What a schedule is about does not change: make another.
#[derive(Deserialize, ToSchema)]
#[schema(as = ReportScheduleChange)]
#[serde(deny_unknown_fields)]
pub(crate) struct ScheduleChange {
    #[serde(default, deserialize_with = "not_null")]
    name: Option<String>,
    #[serde(default, deserialize_with = "not_null")]
    format: Option<FormatWord>,
    #[serde(default, deserialize_with = "not_null")]
    cron: Option<String>,
    #[serde(default, deserialize_with = "not_null")]
    timezone: Option<String>,
    #[serde(default, deserialize_with = "not_null")]
    period: Option<PeriodWord>,
    #[serde(default, deserialize_with = "not_null")]
    catch_up: Option<CatchUpWord>,
    /// What passes while it is paused is not made up for.
    #[serde(default, deserialize_with = "not_null")]
    paused: Option<bool>,
}

/// Change a schedule, pause it, or let it go on.
#[utoipa::path(
    patch,
    path = "/reports/schedules/{id}",
    tag = "reports",
    params(("id" = Uuid, Path)),
    request_body = ScheduleChange,
    responses((status = 200, description = "The schedule.", body = ScheduleBody, headers(("ETag" = String))))
)]
pub(crate) async fn report_schedule_change(
    State(app): State<App>,
    Caller(scope): Caller,
    PathId(id): PathId<ReportScheduleId>,
    IfMatch(expected): IfMatch,
    ValidJson(body): ValidJson<ScheduleChange>,
) -> Answer<(ETag, Json<ScheduleBody>)> {
    let command = ChangeSchedule {
        name: body.name,
        format: body.format.map(Into::into),
        cron: body.cron,
        timezone: body.timezone,
        period: body.period.map(Into::into),
        catch_up: body.catch_up.map(Into::into),
        paused: body.paused,
    };
    let schedule = app.reports.schedule_change(&scope, id, command, expected).await?;
    Ok((ETag(schedule.version), Json(schedule.into())))
}
