//! `DELETE /alert-rules/{id}`

use axum::extract::State;
use http_kit::{Answer, Caller, IfMatch, NoContent, PathId};
use kernel::AlertRuleId;

use crate::App;

/// Delete a rule. Its messages that are on their way are not sent.
#[utoipa::path(
    delete,
    path = "/alert-rules/{id}",
    tag = "alerts",
    params(("id" = Uuid, Path)),
    responses((status = 204, description = "It is gone."))
)]
pub(crate) async fn alert_rule_delete(
    State(app): State<App>,
    Caller(scope): Caller,
    PathId(id): PathId<AlertRuleId>,
    IfMatch(expected): IfMatch,
) -> Answer<NoContent> {
    app.alerts.rule_delete(&scope, id, expected).await?;
    Ok(NoContent)
}
