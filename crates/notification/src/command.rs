//! What callers may ask for, and the checks that turn input into valid values.

use kernel::{Change, DepotId, Invalid, TimeOfDay, Weekdays};

use crate::model::{AlertKind, AlertRule, Matching, Pace, Quiet, Severity, Timing, Zone};

/// Recipients by mail of one rule.
const MOST_EMAILS: usize = 50;
/// A day, the longest that telling may be delayed; an hour, the longest that is grouped.
const LONGEST_DELAY: u32 = 24 * 60 * 60;
const LONGEST_GROUP: u32 = 60 * 60;

/// Who is told.
#[derive(Clone, Debug, Default)]
pub struct Recipients {
    pub emails: Vec<String>,
    pub webhook: Option<NewWebhook>,
}

#[derive(Clone, Debug)]
pub struct NewWebhook {
    pub url: String,
    /// `whsec_…`; one is made where none is given.
    pub secret: Option<String>,
}

#[derive(Clone, Debug)]
pub struct CreateAlertRule {
    pub name: String,
    pub enabled: bool,
    pub matching: Matching,
    pub recipients: Recipients,
    pub timing: Timing,
}

/// A merge patch of a rule; lists and quiet hours are replaced as a whole.
#[derive(Clone, Debug, Default)]
pub struct ChangeAlertRule {
    pub name: Option<String>,
    pub enabled: Option<bool>,
    pub kinds: Option<Vec<AlertKind>>,
    pub min_severity: Option<Severity>,
    pub depots: Option<Vec<DepotId>>,
    pub emails: Option<Vec<String>>,
    /// With the URL it has and no secret, the secret stays.
    pub webhook: Change<NewWebhook>,
    pub pace: Option<Pace>,
    pub delay_seconds: Option<u32>,
    pub time_zone: Option<Zone>,
    pub quiet: Change<Quiet>,
    pub tell_cleared: Option<bool>,
}

impl ChangeAlertRule {
    /// Applies the patch but for the webhook, whose secret is not the caller's to keep.
    pub(crate) fn apply(self, rule: &mut AlertRule) -> Change<NewWebhook> {
        fn set<T>(field: &mut T, value: Option<T>) {
            if let Some(value) = value {
                *field = value;
            }
        }
        set(&mut rule.name, self.name);
        set(&mut rule.enabled, self.enabled);
        set(&mut rule.matching.kinds, self.kinds);
        set(&mut rule.matching.min_severity, self.min_severity);
        set(&mut rule.matching.depots, self.depots);
        set(&mut rule.emails, self.emails);
        set(&mut rule.timing.pace, self.pace);
        set(&mut rule.timing.delay_seconds, self.delay_seconds);
        set(&mut rule.timing.time_zone, self.time_zone);
        set(&mut rule.timing.tell_cleared, self.tell_cleared);
        self.quiet.apply(&mut rule.timing.quiet);
        self.webhook
    }
}

/// Tidies a rule and notes what is wrong with it.
pub(crate) fn check_rule(rule: &mut AlertRule) -> Invalid {
    let mut invalid = Invalid::default();
    rule.name = invalid.text("/name", &rule.name, 128);
    let matching = &mut rule.matching;
    matching.kinds.sort_unstable();
    matching.kinds.dedup();
    matching.depots.sort_unstable();
    matching.depots.dedup();
    if matching.depots.len() > Matching::MOST_DEPOTS {
        let detail = format!("must be at most {} depots", Matching::MOST_DEPOTS);
        invalid.push("/depot_ids", "too_many", detail);
    }
    check_emails(rule, &mut invalid);
    if let Some(webhook) = &mut rule.webhook {
        webhook.url = invalid.text("/webhook/url", &webhook.url, 2_000);
        if !is_web(&webhook.url) && invalid.errors.iter().all(|error| error.pointer != "/webhook/url") {
            invalid.push("/webhook/url", "malformed", "must be an http or https URL");
        }
    }
    if rule.emails.is_empty() && rule.webhook.is_none() {
        invalid.push("/emails", "required", "must name an address or a webhook");
    }
    check_timing(&rule.timing, &mut invalid);
    invalid
}

fn check_emails(rule: &mut AlertRule, invalid: &mut Invalid) {
    if rule.emails.len() > MOST_EMAILS {
        invalid.push("/emails", "too_many", format!("must be at most {MOST_EMAILS} addresses"));
        return;
    }
    for (index, email) in rule.emails.iter_mut().enumerate() {
        let pointer = format!("/emails/{index}");
        let before = invalid.errors.len();
        *email = invalid.text(&pointer, email, 254);
        if invalid.errors.len() == before && !is_address(email) {
            invalid.push(pointer, "malformed", "must be an email address");
        }
    }
    rule.emails.sort_unstable();
    rule.emails.dedup();
}

fn check_timing(timing: &Timing, invalid: &mut Invalid) {
    invalid.range("/delay_seconds", timing.delay_seconds, 0, LONGEST_DELAY);
    match timing.pace {
        Pace::AtOnce { group_seconds } => {
            invalid.range("/pace/group_seconds", group_seconds, 0, LONGEST_GROUP);
        }
        Pace::Daily { at } if at == TimeOfDay::END => {
            invalid.push("/pace/at", "out_of_range", "must be before 24:00");
        }
        Pace::Daily { .. } | Pace::Hourly => {}
    }
    let always = |hours: &kernel::WeekBand| {
        let whole = hours.from() == TimeOfDay::MIDNIGHT && hours.to() == TimeOfDay::END;
        whole && hours.weekdays() == Weekdays::ALL
    };
    if timing.quiet.as_ref().is_some_and(|quiet| always(&quiet.hours)) {
        invalid.push("/quiet_hours/hours", "never_ends", "must leave some time of the week");
    }
}

/// One name, one domain, nothing that could be more than an address.
fn is_address(text: &str) -> bool {
    let plain = |c: char| !c.is_whitespace() && !matches!(c, '<' | '>' | ',' | ';' | '"' | '(' | ')' | '\\');
    text.chars().all(plain)
        && text.split_once('@').is_some_and(|(name, domain)| {
            let parts = domain.split('.').all(|part| !part.is_empty());
            !name.is_empty() && !domain.contains('@') && parts
        })
}

pub(crate) fn is_web(url: &str) -> bool {
    let rest = url.strip_prefix("https://").or_else(|| url.strip_prefix("http://"));
    let sound = |rest: &str| !rest.is_empty() && !rest.starts_with(['/', '?', '#', ':']);
    rest.is_some_and(sound) && !url.contains(char::is_whitespace)
}
