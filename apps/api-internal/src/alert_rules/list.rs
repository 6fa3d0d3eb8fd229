//! `GET /alert-rules`

use axum::{Json, extract::State};
use http_kit::{Answer, Caller, PageBody, PageParams, PagedQuery};

use super::body::RuleBody;
use crate::{App, units::NoFilter};

/// Rules, oldest first.
#[utoipa::path(
    get,
    path = "/alert-rules",
    tag = "alerts",
    params(PageParams),
    responses((status = 200, description = "One page.", body = PageBody<RuleBody>))
)]
pub(crate) async fn alert_rule_list(
    State(app): State<App>,
    Caller(scope): Caller,
    query: PagedQuery<NoFilter>,
) -> Answer<Json<PageBody<RuleBody>>> {
    let page = app.alerts.rule_list(&scope, query.page).await?;
    Ok(Json(PageBody::of(page, RuleBody::from)))
}
