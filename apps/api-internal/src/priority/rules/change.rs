//! `PATCH /priority/rules/{id}`

use axum::{Json, extract::State};
use http_kit::{Answer, Caller, ETag, IfMatch, PathId, ValidJson, not_null};
use kernel::{Invalid, PriorityRuleId};
use priority::ChangeRule;
use serde::Deserialize;
use utoipa::ToSchema;

use super::body::{ConditionsBody, RuleBody, TargetBody};
use crate::{App, priority::words};

/// A merge patch; target and conditions are replaced as a whole.
#[derive(Deserialize, ToSchema)]
#[schema(as = PriorityRuleChange)]
#[serde(deny_unknown_fields)]
pub(crate) struct RuleChange {
    /// Where it moves to; those between make room.
    #[serde(default, deserialize_with = "not_null")]
    #[schema(minimum = 1)]
    position: Option<u32>,
    #[serde(default, deserialize_with = "not_null")]
    name: Option<String>,
    #[serde(default, deserialize_with = "not_null")]
    enabled: Option<bool>,
    #[serde(default, deserialize_with = "not_null")]
    target: Option<TargetBody>,
    #[serde(default, deserialize_with = "not_null")]
    conditions: Option<ConditionsBody>,
    #[serde(default, deserialize_with = "not_null")]
    #[schema(minimum = 1, maximum = 9)]
    level: Option<u8>,
}

impl RuleChange {
    fn command(self) -> Result<ChangeRule, Invalid> {
        let mut invalid = Invalid::default();
        let command = ChangeRule {
            position: self.position,
            name: self.name,
            enabled: self.enabled,
            target: self.target.map(Into::into),
            conditions: self.conditions.map(|conditions| conditions.conditions(&mut invalid)),
            level: self.level.map(|level| words::level(level, &mut invalid)),
        };
        invalid.into_result().map(|()| command)
    }
}

/// Change a rule, or move it. Rules that make room for it become new versions too.
#[utoipa::path(
    patch,
    path = "/priority/rules/{id}",
    tag = "priority",
    params(("id" = Uuid, Path)),
    request_body = RuleChange,
    responses((status = 200, description = "The rule as it is now.", body = RuleBody, headers(("ETag" = String))))
)]
pub(crate) async fn priority_rule_change(
    State(app): State<App>,
    Caller(scope): Caller,
    PathId(id): PathId<PriorityRuleId>,
    IfMatch(expected): IfMatch,
    ValidJson(body): ValidJson<RuleChange>,
) -> Answer<(ETag, Json<RuleBody>)> {
    let rule = app.priorities.rule_change(&scope, id, expected, body.command()?).await?;
    Ok((ETag(rule.version), Json(rule.into())))
}
