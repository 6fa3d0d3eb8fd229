//! `GET /alert-rules/{id}`

use axum::{Json, extract::State};
use http_kit::{Answer, Caller, ETag, PathId};
use kernel::AlertRuleId;

use super::body::RuleBody;
use crate::App;

/// One rule.
#[utoipa::path(
    get,
    path = "/alert-rules/{id}",
    tag = "alerts",
    params(("id" = Uuid, Path)),
    responses((status = 200, description = "The rule.", body = RuleBody, headers(("ETag" = String))))
)]
pub(crate) async fn alert_rule_get(
    State(app): State<App>,
    Caller(scope): Caller,
    PathId(id): PathId<AlertRuleId>,
) -> Answer<(ETag, Json<RuleBody>)> {
    let rule = app.alerts.rule_get(&scope, id).await?;
    Ok((ETag(rule.version), Json(rule.into())))
}
