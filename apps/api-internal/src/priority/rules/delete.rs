//! `DELETE /priority/rules/{id}`

use axum::extract::State;
use http_kit::{Answer, Caller, IfMatch, NoContent, PathId};
use kernel::PriorityRuleId;

use crate::App;

/// Remove a rule. Those behind move up.
#[utoipa::path(
    delete,
    path = "/priority/rules/{id}",
    tag = "priority",
    params(("id" = Uuid, Path)),
    responses((status = 204, description = "It is gone."))
)]
pub(crate) async fn priority_rule_delete(
    State(app): State<App>,
    Caller(scope): Caller,
    PathId(id): PathId<PriorityRuleId>,
    IfMatch(expected): IfMatch,
) -> Answer<NoContent> {
    app.priorities.rule_delete(&scope, id, expected).await?;
    Ok(NoContent)
}
