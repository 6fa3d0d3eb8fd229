//! `GET /reports/runs`

use axum::{Json, extract::State};
use http_kit::{Answer, Caller, PageBody, PageParams, PagedQuery};
use report::RunFilter;
use serde::Deserialize;
use utoipa::IntoParams;

use super::{body::RunBody, words::StateWord};
use crate::App;

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct RunParams {
    #[param(inline)]
    state: Option<StateWord>,
}

/// Runs, the newest first.
#[utoipa::path(
    get,
    path = "/reports/runs",
    tag = "reports",
    params(RunParams, PageParams),
    responses((status = 200, description = "One page.", body = PageBody<RunBody>))
)]
pub(crate) async fn report_run_list(
    State(app): State<App>,
    Caller(scope): Caller,
    query: PagedQuery<RunParams>,
) -> Answer<Json<PageBody<RunBody>>> {
    let filter = RunFilter { state: query.filter.state.map(Into::into) };
    let page = app.reports.run_list(&scope, filter, query.page).await?;
    Ok(Json(PageBody::of(page, RunBody::from)))
}
