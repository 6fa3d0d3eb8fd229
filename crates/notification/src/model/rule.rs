//! Who is told of which alerts, and when.

use std::{fmt, str::FromStr};

use base64::{Engine, engine::general_purpose::STANDARD};
use chrono_tz::Tz;
use kernel::{AlertRuleId, DepotId, IdSource, OrganisationId, TimeOfDay, Timestamp, Version, WeekBand};
use serde::{Deserialize, Serialize};

use super::{Alert, AlertKind, Severity};

#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct AlertRule {
    pub id: AlertRuleId,
    pub organisation: OrganisationId,
    pub version: Version,
    pub name: String,
    pub enabled: bool,
    pub matching: Matching,
    /// Each address gets messages of its own.
    pub emails: Vec<String>,
    pub webhook: Option<Webhook>,
    pub timing: Timing,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
}

/// Which alerts a rule is about. An empty list means all.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Matching {
    pub kinds: Vec<AlertKind>,
    pub min_severity: Severity,
    pub depots: Vec<DepotId>,
}

impl Matching {
    pub const MOST_DEPOTS: usize = 500;

    pub fn takes(&self, alert: &Alert) -> bool {
        alert.severity >= self.min_severity
            && (self.kinds.is_empty() || self.kinds.contains(&alert.kind))
            && (self.depots.is_empty() || alert.about.depot.is_some_and(|depot| self.depots.contains(&depot)))
    }
}

/// Where messages are posted, signed as Standard Webhooks says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Webhook {
    pub url: String,
    #[serde(skip)]
    pub secret: WebhookSecret,
}

/// The key of signatures, written `whsec_<base64>`. Shown once; never in logs.
#[derive(Clone, PartialEq, Eq)]
pub struct WebhookSecret(Vec<u8>);

#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("must be `whsec_` and 24 to 64 bytes in base64")]
pub struct BadWebhookSecret;

impl WebhookSecret {
    const PREFIX: &str = "whsec_";

    pub fn generate(ids: &dyn IdSource) -> Self {
        let mut key = vec![0; 32];
        ids.secret(&mut key);
        Self(key)
    }

    /// What signatures are made with.
    pub fn key(&self) -> &[u8] {
        &self.0
    }

    /// As it is written, for whoever stores it or is shown it.
    pub fn expose(&self) -> String {
        format!("{}{}", Self::PREFIX, STANDARD.encode(&self.0))
    }
}

impl FromStr for WebhookSecret {
    type Err = BadWebhookSecret;

    fn from_str(text: &str) -> Result<Self, BadWebhookSecret> {
        let encoded = text.strip_prefix(Self::PREFIX).ok_or(BadWebhookSecret)?;
        let key = STANDARD.decode(encoded).map_err(|_| BadWebhookSecret)?;
        if (24..=64).contains(&key.len()) { Ok(Self(key)) } else { Err(BadWebhookSecret) }
    }
}

impl fmt::Debug for WebhookSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("WebhookSecret(…)")
    }
}

/// When messages are sent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Timing {
    pub pace: Pace,
    /// Only what stands for so long is told.
    pub delay_seconds: u32,
    /// Of quiet hours and daily digests.
    pub time_zone: Zone,
    pub quiet: Option<Quiet>,
    /// Whether the end of an alert is told too.
    pub tell_cleared: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Pace {
    /// What comes within so many seconds of the first goes into the same message.
    AtOnce { group_seconds: u32 },
    /// With the next full hour.
    Hourly,
    /// With the next time the clock shows this.
    Daily { at: TimeOfDay },
}

/// When messages wait until it is over, unless they are about something severe enough.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Quiet {
    pub hours: WeekBand,
    pub breaks_through: Option<Severity>,
}

/// A time zone of the IANA database.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Zone(pub Tz);

#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("no such time zone in the IANA database")]
pub struct UnknownZone;

impl Zone {
    pub const UTC: Self = Self(Tz::UTC);
}

impl FromStr for Zone {
    type Err = UnknownZone;

    fn from_str(name: &str) -> Result<Self, UnknownZone> {
        name.parse().map(Self).map_err(|_| UnknownZone)
    }
}

impl TryFrom<String> for Zone {
    type Error = UnknownZone;

    fn try_from(name: String) -> Result<Self, UnknownZone> {
        name.parse()
    }
}

impl From<Zone> for String {
    fn from(zone: Zone) -> Self {
        zone.0.name().to_owned()
    }
}

#[cfg(test)]
mod tests {
    use kernel::testing::CountingIds;

    use super::*;

    #[test]
    fn a_secret_is_written_as_the_specification_says_and_never_shown_by_accident() {
        let secret = WebhookSecret::generate(&CountingIds::default());
        let written = secret.expose();
        assert!(written.starts_with("whsec_"));
        assert_eq!(written.parse(), Ok(secret.clone()));
        assert_eq!(format!("{secret:?}"), "WebhookSecret(…)");
        for bad in ["", "whsec_", "whsec_AAAA", "secret", "whsec_!!!!"] {
            assert_eq!(bad.parse::<WebhookSecret>(), Err(BadWebhookSecret), "{bad}");
        }
    }
}
