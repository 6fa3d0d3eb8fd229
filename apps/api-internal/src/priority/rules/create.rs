//! `POST /priority/rules`

use axum::extract::State;
use http_kit::{Answer, Caller, Created, ValidJson};
use kernel::Invalid;
use priority::CreateRule;
use serde::Deserialize;
use utoipa::ToSchema;

use super::body::{ConditionsBody, RuleBody, TargetBody};
use crate::{App, priority::words};

#[derive(Deserialize, ToSchema)]
#[schema(as = PriorityRuleCreate)]
#[serde(deny_unknown_fields)]
pub(crate) struct RuleCreate {
    /// Where it is put; those behind make room. Last, unless told.
    #[schema(minimum = 1)]
    position: Option<u32>,
    #[schema(max_length = 128)]
    name: String,
    #[serde(default = "enabled")]
    #[schema(default = true)]
    enabled: bool,
    /// Everybody, unless told.
    #[serde(default)]
    target: TargetBody,
    /// None, unless told: the rule always applies.
    #[serde(default)]
    conditions: ConditionsBody,
    /// 1 is the most important, 9 the least.
    #[schema(minimum = 1, maximum = 9)]
    level: u8,
}

fn enabled() -> bool {
    true
}

impl RuleCreate {
    fn command(self) -> Result<CreateRule, Invalid> {
        let mut invalid = Invalid::default();
        let command = CreateRule {
            position: self.position,
            name: self.name,
            enabled: self.enabled,
            target: self.target.into(),
            conditions: self.conditions.conditions(&mut invalid),
            level: words::level(self.level, &mut invalid),
        };
        invalid.into_result().map(|()| command)
    }
}

/// Add a rule.
#[utoipa::path(
    post,
    path = "/priority/rules",
    tag = "priority",
    request_body = RuleCreate,
    responses((status = 201, description = "The rule.", body = RuleBody,
               headers(("Location" = String), ("ETag" = String))))
)]
pub(crate) async fn priority_rule_create(
    State(app): State<App>,
    Caller(scope): Caller,
    ValidJson(body): ValidJson<RuleCreate>,
) -> Answer<Created<RuleBody>> {
    let rule = app.priorities.rule_create(&scope, body.command()?).await?;
    let (location, version) = (format!("/api/v1/priority/rules/{}", rule.id), rule.version);
    Ok(Created::new(location, RuleBody::from(rule)).version(version))
}
