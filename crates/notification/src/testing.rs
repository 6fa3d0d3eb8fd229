//! A store in memory, builders, and the contract that every adapter of the ports must pass.

pub mod contract;
mod fake;
mod fake_readers;
mod senders;
pub mod webhook_contract;

pub use fake::FakeAlerts;
pub use senders::Recorder;

use kernel::{Clock, IdSource, OrganisationId, Timestamp, Version, testing::FakeClock};
use serde_json::json;

use crate::{
    finding::Sighting,
    model::{
        About, Alert, AlertKind, AlertRule, Channel, Delivery, DeliveryState, Matching, Pace, Severity,
        Timing, Zone,
    },
};

/// A warning about nothing in particular.
pub fn sighting(kind: AlertKind, subject: &str) -> Sighting {
    Sighting {
        kind,
        subject: subject.to_owned(),
        severity: Severity::Warning,
        summary: format!("something is wrong with {subject}"),
        about: About::default(),
        details: json!({}),
    }
}

/// An open alert, seen once.
pub fn alert(ids: &dyn IdSource, organisation: OrganisationId, kind: AlertKind, subject: &str) -> Alert {
    Alert::raised(ids.uuid().into(), organisation, sighting(kind, subject), FakeClock::default().now())
}

/// A rule that tells one address of everything within a minute.
pub fn rule(ids: &dyn IdSource, organisation: OrganisationId) -> AlertRule {
    let now = FakeClock::default().now();
    AlertRule {
        id: ids.uuid().into(),
        organisation,
        version: Version::FIRST,
        name: "everything".to_owned(),
        enabled: true,
        matching: Matching { kinds: Vec::new(), min_severity: Severity::Info, depots: Vec::new() },
        emails: vec!["ada@depot.example".to_owned()],
        webhook: None,
        timing: Timing {
            pace: Pace::AtOnce { group_seconds: 60 },
            delay_seconds: 0,
            time_zone: Zone::UTC,
            quiet: None,
            tell_cleared: false,
        },
        created_at: now,
        updated_at: now,
    }
}

/// A message of a rule to its first address that collects until `due_at`.
pub fn delivery(ids: &dyn IdSource, rule: &AlertRule, due_at: Timestamp) -> Delivery {
    Delivery {
        id: ids.uuid().into(),
        organisation: rule.organisation,
        rule: rule.id,
        channel: Channel::Email,
        recipient: rule.emails[0].clone(),
        state: DeliveryState::Pending,
        level: 0,
        created_at: FakeClock::default().now(),
        first_due_at: due_at,
        due_at,
        claimed_until: None,
        attempts: 0,
        message: None,
        last_error: None,
        finished_at: None,
    }
}
