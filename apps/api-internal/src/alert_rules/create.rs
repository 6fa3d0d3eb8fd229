//! `POST /alert-rules`

use axum::{Extension, extract::State};
use http_kit::{Answer, Caller, Created, OnReplay, ValidJson};
use kernel::Invalid;
use notification::{CreateAlertRule, Matching, Recipients, Timing};
use serde::Deserialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::body::{PaceBody, QuietBody, RuleWritten, WebhookWrite, zone};
use crate::{
    App,
    alerts::{KindWord, SeverityWord},
};

/// Name an address, a webhook, or both.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct AlertRuleCreate {
    #[schema(max_length = 128)]
    name: String,
    #[serde(default = "enabled")]
    #[schema(default = true)]
    enabled: bool,
    /// Which kinds of alerts; all where empty.
    #[serde(default)]
    kinds: Vec<KindWord>,
    #[serde(default = "warning")]
    min_severity: SeverityWord,
    /// Alerts of which depots; all, and those of no depot, where empty.
    #[serde(default)]
    #[schema(max_items = 500)]
    depot_ids: Vec<Uuid>,
    #[serde(default)]
    #[schema(max_items = 50)]
    emails: Vec<String>,
    webhook: Option<WebhookWrite>,
    #[serde(default)]
    pace: PaceBody,
    /// Only what stands for so long is told.
    #[serde(default)]
    #[schema(maximum = 86400)]
    delay_seconds: u32,
    /// Of quiet hours and daily digests.
    #[serde(default = "utc")]
    #[schema(default = "UTC", example = "Europe/Berlin")]
    timezone: String,
    quiet_hours: Option<QuietBody>,
    /// Whether the end of an alert is told too.
    #[serde(default)]
    tell_cleared: bool,
}

fn enabled() -> bool {
    true
}

fn warning() -> SeverityWord {
    SeverityWord::Warning
}

fn utc() -> String {
    "UTC".to_owned()
}

impl AlertRuleCreate {
    fn command(self) -> Result<CreateAlertRule, Invalid> {
        let mut invalid = Invalid::default();
        let command = CreateAlertRule {
            name: self.name,
            enabled: self.enabled,
            matching: Matching {
                kinds: self.kinds.into_iter().map(Into::into).collect(),
                min_severity: self.min_severity.into(),
                depots: self.depot_ids.into_iter().map(Into::into).collect(),
            },
            recipients: Recipients { emails: self.emails, webhook: self.webhook.map(Into::into) },
            timing: Timing {
                pace: self.pace.into(),
                delay_seconds: self.delay_seconds,
                time_zone: zone(&self.timezone, &mut invalid),
                quiet: self.quiet_hours.and_then(|quiet| quiet.quiet(&mut invalid)),
                tell_cleared: self.tell_cleared,
            },
        };
        invalid.into_result().map(|()| command)
    }
}

/// Say who is told of which alerts, and when.
///
/// Messages that keep coming come less often; an alert that comes and goes is told only once it
/// stands for a while. Webhook URLs that lead to private addresses are refused when they are called,
/// unless the installation allows them.
#[utoipa::path(
    post,
    path = "/alert-rules",
    tag = "alerts",
    request_body = AlertRuleCreate,
    responses((status = 201, description = "The rule, with the secret of its webhook.", body = RuleWritten,
               headers(("Location" = String), ("ETag" = String))))
)]
pub(crate) async fn alert_rule_create(
    State(app): State<App>,
    Caller(scope): Caller,
    ValidJson(body): ValidJson<AlertRuleCreate>,
) -> Answer<(Extension<OnReplay>, Created<RuleWritten>)> {
    let (rule, secret) = app.alerts.rule_create(&scope, body.command()?).await?;
    let (location, version) = (format!("/api/v1/alert-rules/{}", rule.id), rule.version);
    let repeated = RuleWritten { rule: rule.into(), webhook_secret: None };
    let body = RuleWritten { webhook_secret: secret.map(|secret| secret.expose()), ..repeated.clone() };
    Ok((Extension(OnReplay::json(&repeated)), Created::new(location, body).version(version)))
}
