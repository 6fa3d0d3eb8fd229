//! `POST /reports/schedules`

use axum::extract::State;
use http_kit::{Answer, Caller, Created, ValidJson};
use report::CreateSchedule;
use serde::Deserialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::body::ScheduleBody;
use crate::{
    App,
    reports::words::{CatchUpWord, FormatWord, KindWord, PeriodWord},
};

#[derive(Deserialize, ToSchema)]
#[schema(as = ReportScheduleCreate)]
#[serde(deny_unknown_fields)]
pub(crate) struct ScheduleCreate {
    #[schema(max_length = 100)]
    name: String,
    kind: KindWord,
    format: FormatWord,
    /// All depots unless told.
    depot_id: Option<Uuid>,
    /// Minute, hour, day of the month, month, day of the week; at least a quarter of an hour apart.
    #[schema(example = "0 6 * * 1")]
    cron: String,
    /// On whose clock. A time that the clock skips is told when it has skipped; one that it tells twice
    /// counts once.
    #[schema(example = "Europe/Berlin")]
    timezone: String,
    period: PeriodWord,
    /// The latest unless told.
    catch_up: Option<CatchUpWord>,
    #[serde(default)]
    #[schema(required = false)]
    paused: bool,
}

/// Have a report made again and again, about the last whole period before each time.
#[utoipa::path(
    post,
    path = "/reports/schedules",
    tag = "reports",
    request_body = ScheduleCreate,
    responses((status = 201, description = "The schedule.", body = ScheduleBody,
               headers(("Location" = String), ("ETag" = String))))
)]
pub(crate) async fn report_schedule_create(
    State(app): State<App>,
    Caller(scope): Caller,
    ValidJson(body): ValidJson<ScheduleCreate>,
) -> Answer<Created<ScheduleBody>> {
    let command = CreateSchedule {
        name: body.name,
        kind: body.kind.into(),
        format: body.format.into(),
        depot: body.depot_id.map(Into::into),
        cron: body.cron,
        timezone: body.timezone,
        period: body.period.into(),
        catch_up: body.catch_up.unwrap_or(CatchUpWord::Latest).into(),
        paused: body.paused,
    };
    let schedule = app.reports.schedule_create(&scope, command).await?;
    let (location, version) = (format!("/api/v1/reports/schedules/{}", schedule.id), schedule.version);
    Ok(Created::new(location, ScheduleBody::from(schedule)).version(version))
}
