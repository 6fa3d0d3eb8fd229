//! `PATCH /alert-rules/{id}`

use axum::{Json, extract::State};
use http_kit::{Answer, Caller, ETag, IfMatch, Patch, PathId, ValidJson, not_null};
use kernel::{AlertRuleId, Change, Invalid};
use notification::ChangeAlertRule;
use serde::Deserialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::body::{PaceBody, QuietBody, RuleWritten, WebhookWrite, zone};
use crate::{
    App,
    alerts::{KindWord, SeverityWord},
};

/// A merge patch; lists, the webhook and quiet hours are replaced as a whole.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct AlertRuleChange {
    #[serde(default, deserialize_with = "not_null")]
    name: Option<String>,
    #[serde(default, deserialize_with = "not_null")]
    enabled: Option<bool>,
    #[serde(default, deserialize_with = "not_null")]
    kinds: Option<Vec<KindWord>>,
    #[serde(default, deserialize_with = "not_null")]
    min_severity: Option<SeverityWord>,
    #[serde(default, deserialize_with = "not_null")]
    depot_ids: Option<Vec<Uuid>>,
    #[serde(default, deserialize_with = "not_null")]
    emails: Option<Vec<String>>,
    #[serde(default)]
    #[schema(value_type = Option<WebhookWrite>)]
    webhook: Patch<WebhookWrite>,
    #[serde(default, deserialize_with = "not_null")]
    pace: Option<PaceBody>,
    #[serde(default, deserialize_with = "not_null")]
    delay_seconds: Option<u32>,
    #[serde(default, deserialize_with = "not_null")]
    timezone: Option<String>,
    #[serde(default)]
    #[schema(value_type = Option<QuietBody>)]
    quiet_hours: Patch<QuietBody>,
    #[serde(default, deserialize_with = "not_null")]
    tell_cleared: Option<bool>,
}

impl AlertRuleChange {
    fn command(self) -> Result<ChangeAlertRule, Invalid> {
        let mut invalid = Invalid::default();
        let quiet = match Change::from(self.quiet_hours) {
            Change::Keep => Change::Keep,
            Change::Clear => Change::Clear,
            Change::Set(quiet) => quiet.quiet(&mut invalid).map_or(Change::Keep, Change::Set),
        };
        let command = ChangeAlertRule {
            name: self.name,
            enabled: self.enabled,
            kinds: self.kinds.map(|kinds| kinds.into_iter().map(Into::into).collect()),
            min_severity: self.min_severity.map(Into::into),
            depots: self.depot_ids.map(|ids| ids.into_iter().map(Into::into).collect()),
            emails: self.emails,
            webhook: Change::from(self.webhook).map(Into::into),
            pace: self.pace.map(Into::into),
            delay_seconds: self.delay_seconds,
            time_zone: self.timezone.map(|name| zone(&name, &mut invalid)),
            quiet,
            tell_cleared: self.tell_cleared,
        };
        invalid.into_result().map(|()| command)
    }
}

/// Change who is told of what, and when. Messages that are on their way to recipients whom the rule
/// does not name any more are not sent.
#[utoipa::path(
    patch,
    path = "/alert-rules/{id}",
    tag = "alerts",
    params(("id" = Uuid, Path)),
    request_body = AlertRuleChange,
    responses((status = 200, description = "The rule as it is now.", body = RuleWritten, headers(("ETag" = String))))
)]
pub(crate) async fn alert_rule_change(
    State(app): State<App>,
    Caller(scope): Caller,
    PathId(id): PathId<AlertRuleId>,
    IfMatch(expected): IfMatch,
    ValidJson(body): ValidJson<AlertRuleChange>,
) -> Answer<(ETag, Json<RuleWritten>)> {
    let (rule, secret) = app.alerts.rule_change(&scope, id, expected, body.command()?).await?;
    let version = rule.version;
    let webhook_secret = secret.map(|secret| secret.expose());
    Ok((ETag(version), Json(RuleWritten { rule: rule.into(), webhook_secret })))
}
