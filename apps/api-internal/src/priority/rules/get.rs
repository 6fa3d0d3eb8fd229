//! `GET /priority/rules/{id}`

use axum::{Json, extract::State};
use http_kit::{Answer, Caller, ETag, PathId};
use kernel::PriorityRuleId;

use super::body::RuleBody;
use crate::App;

/// One rule.
#[utoipa::path(
    get,
    path = "/priority/rules/{id}",
    tag = "priority",
    params(("id" = Uuid, Path)),
    responses((status = 200, description = "The rule.", body = RuleBody, headers(("ETag" = String))))
)]
pub(crate) async fn priority_rule_get(
    State(app): State<App>,
    Caller(scope): Caller,
    PathId(id): PathId<PriorityRuleId>,
) -> Answer<(ETag, Json<RuleBody>)> {
    let rule = app.priorities.rule_get(&scope, id).await?;
    Ok((ETag(rule.version), Json(rule.into())))
}
