//! `GET /reports`

use axum::{Json, extract::State};
use chrono::{DateTime, Utc};
use http_kit::{Answer, Caller, PageBody, PageParams, PagedQuery};
use report::EntryFilter;
use serde::Deserialize;
use utoipa::IntoParams;
use uuid::Uuid;

use super::{body::ReportBody, words::KindWord};
use crate::App;

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct ReportParams {
    #[param(inline)]
    kind: Option<KindWord>,
    schedule_id: Option<Uuid>,
    /// Only those that are about this depot alone.
    depot_id: Option<Uuid>,
    /// Finished at or after.
    from: Option<DateTime<Utc>>,
    /// Finished before.
    to: Option<DateTime<Utc>>,
}

/// Finished reports whose files are still kept, the newest first. One that has just been finished
/// may take a moment to show. A page may hold fewer than `limit`, even none, though there are more:
/// read on for as long as there is a `next_cursor`.
#[utoipa::path(
    get,
    path = "/reports",
    tag = "reports",
    params(ReportParams, PageParams),
    responses((status = 200, description = "One page.", body = PageBody<ReportBody>))
)]
pub(crate) async fn report_list(
    State(app): State<App>,
    Caller(scope): Caller,
    query: PagedQuery<ReportParams>,
) -> Answer<Json<PageBody<ReportBody>>> {
    let ReportParams { kind, schedule_id, depot_id, from, to } = query.filter;
    let filter = EntryFilter {
        kind: kind.map(Into::into),
        schedule: schedule_id.map(Into::into),
        within: depot_id.map(|depot| vec![depot.into()]),
        from,
        to,
    };
    let page = app.reports.report_list(&scope, filter, query.page).await?;
    Ok(Json(PageBody::of(page, ReportBody::from)))
}
