//! A rule as callers see it and write it.

use chrono::{DateTime, Utc};
use kernel::{Invalid, TimeOfDay};
use notification::{AlertRule, NewWebhook, Pace, Quiet, Zone};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{
    alerts::{KindWord, SeverityWord},
    week::WeekBandBody,
};

#[derive(Clone, Serialize, ToSchema)]
#[schema(as = AlertRule)]
pub(super) struct RuleBody {
    id: Uuid,
    name: String,
    enabled: bool,
    /// Which kinds of alerts; all where empty.
    kinds: Vec<KindWord>,
    min_severity: SeverityWord,
    /// Alerts of which depots; all, and those of no depot, where empty.
    depot_ids: Vec<Uuid>,
    emails: Vec<String>,
    #[schema(required)]
    webhook: Option<WebhookBody>,
    pace: PaceBody,
    /// Only what stands for so long is told.
    delay_seconds: u32,
    /// Of quiet hours and daily digests.
    timezone: String,
    #[schema(required)]
    quiet_hours: Option<QuietBody>,
    /// Whether the end of an alert is told too.
    tell_cleared: bool,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
}

/// A rule right after its webhook was set.
#[derive(Clone, Serialize, ToSchema)]
#[schema(as = AlertRuleWritten)]
pub(super) struct RuleWritten {
    #[serde(flatten)]
    pub(super) rule: RuleBody,
    /// The secret that was made for the webhook. It is shown this once: `null` where none was made,
    /// and where the answer is repeated for an `Idempotency-Key`.
    #[schema(required)]
    pub(super) webhook_secret: Option<String>,
}

/// Where messages are posted, signed as [Standard Webhooks](https://www.standardwebhooks.com) says.
#[derive(Clone, Serialize, ToSchema)]
#[schema(as = AlertWebhook)]
pub(super) struct WebhookBody {
    url: String,
}

#[derive(Deserialize, ToSchema)]
#[schema(as = AlertWebhookWrite)]
#[serde(deny_unknown_fields)]
pub(super) struct WebhookWrite {
    #[schema(max_length = 2000, example = "https://hooks.example.com/alerts")]
    url: String,
    /// `whsec_` and 24 to 64 bytes in base64. One is made where none is given, unless the URL stays
    /// the same: then the secret stays too.
    secret: Option<String>,
}

/// When messages are sent.
#[derive(Clone, Copy, Serialize, Deserialize, ToSchema)]
#[schema(as = AlertPace)]
#[serde(tag = "type", rename_all = "snake_case", deny_unknown_fields)]
pub(super) enum PaceBody {
    /// What comes within so many seconds of the first goes into the same message.
    AtOnce {
        #[serde(default = "minute")]
        #[schema(maximum = 3600, default = 60)]
        group_seconds: u32,
    },
    /// With the next full hour.
    Hourly {},
    /// With the next time the clock shows this.
    Daily {
        /// `HH:MM`
        #[schema(value_type = String, example = "07:00")]
        at: TimeOfDay,
    },
}

fn minute() -> u32 {
    60
}

impl Default for PaceBody {
    fn default() -> Self {
        Self::AtOnce { group_seconds: minute() }
    }
}

/// When messages wait until it is over.
#[derive(Clone, Serialize, Deserialize, ToSchema)]
#[schema(as = AlertQuietHours)]
#[serde(deny_unknown_fields)]
pub(super) struct QuietBody {
    hours: WeekBandBody,
    /// What is at least so severe does not wait.
    breaks_through: Option<SeverityWord>,
}

impl From<AlertRule> for RuleBody {
    fn from(rule: AlertRule) -> Self {
        let (matching, timing) = (rule.matching, rule.timing);
        Self {
            id: rule.id.into(),
            name: rule.name,
            enabled: rule.enabled,
            kinds: matching.kinds.into_iter().map(Into::into).collect(),
            min_severity: matching.min_severity.into(),
            depot_ids: matching.depots.into_iter().map(Into::into).collect(),
            emails: rule.emails,
            webhook: rule.webhook.map(|webhook| WebhookBody { url: webhook.url }),
            pace: timing.pace.into(),
            delay_seconds: timing.delay_seconds,
            timezone: timing.time_zone.into(),
            quiet_hours: timing.quiet.map(Into::into),
            tell_cleared: timing.tell_cleared,
            created_at: rule.created_at,
            updated_at: rule.updated_at,
        }
    }
}

impl From<WebhookWrite> for NewWebhook {
    fn from(webhook: WebhookWrite) -> Self {
        Self { url: webhook.url, secret: webhook.secret }
    }
}

impl From<Pace> for PaceBody {
    fn from(pace: Pace) -> Self {
        match pace {
            Pace::AtOnce { group_seconds } => Self::AtOnce { group_seconds },
            Pace::Hourly => Self::Hourly {},
            Pace::Daily { at } => Self::Daily { at },
        }
    }
}

impl From<PaceBody> for Pace {
    fn from(pace: PaceBody) -> Self {
        match pace {
            PaceBody::AtOnce { group_seconds } => Self::AtOnce { group_seconds },
            PaceBody::Hourly {} => Self::Hourly,
            PaceBody::Daily { at } => Self::Daily { at },
        }
    }
}

impl From<Quiet> for QuietBody {
    fn from(quiet: Quiet) -> Self {
        Self { hours: quiet.hours.into(), breaks_through: quiet.breaks_through.map(Into::into) }
    }
}

impl QuietBody {
    pub(super) fn quiet(self, invalid: &mut Invalid) -> Option<Quiet> {
        let hours = self.hours.band("/quiet_hours/hours", invalid)?;
        Some(Quiet { hours, breaks_through: self.breaks_through.map(Into::into) })
    }
}

/// A time zone by its name; notes a field error for one that there is not.
pub(super) fn zone(name: &str, invalid: &mut Invalid) -> Zone {
    name.parse().unwrap_or_else(|error: notification::UnknownZone| {
        invalid.push("/timezone", "unknown_time_zone", error.to_string());
        Zone::UTC
    })
}
