//! `GET /reports/schedules`

use axum::{Json, extract::State};
use http_kit::{Answer, Caller, PageBody, PageParams, PagedQuery};
use serde::Deserialize;
use utoipa::IntoParams;

use super::body::ScheduleBody;
use crate::App;

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct ScheduleParams {}

/// Schedules, oldest first.
#[utoipa::path(
    get,
    path = "/reports/schedules",
    tag = "reports",
    params(PageParams),
    responses((status = 200, description = "One page.", body = PageBody<ScheduleBody>))
)]
pub(crate) async fn report_schedule_list(
    State(app): State<App>,
    Caller(scope): Caller,
    query: PagedQuery<ScheduleParams>,
) -> Answer<Json<PageBody<ScheduleBody>>> {
    let page = app.reports.schedule_list(&scope, query.page).await?;
    Ok(Json(PageBody::of(page, ScheduleBody::from)))
}
