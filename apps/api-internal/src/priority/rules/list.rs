//! `GET /priority/rules`

use axum::{Json, extract::State};
use http_kit::{Answer, Caller, PageBody, PageParams, PagedQuery};

use super::body::RuleBody;
use crate::{
    App,
    units::{NoFilter, page_of},
};

/// Rules by position: the first that applies counts.
#[utoipa::path(
    get,
    path = "/priority/rules",
    tag = "priority",
    params(PageParams),
    responses((status = 200, description = "One page.", body = PageBody<RuleBody>))
)]
pub(crate) async fn priority_rule_list(
    State(app): State<App>,
    Caller(scope): Caller,
    query: PagedQuery<NoFilter>,
) -> Answer<Json<PageBody<RuleBody>>> {
    let rules = app.priorities.rule_list(&scope).await?;
    let page = page_of(rules, query.page, |rule| rule.id.into());
    Ok(Json(PageBody::of(page, RuleBody::from)))
}
