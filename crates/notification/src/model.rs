//! Alerts, rules, and messages on their way.

mod alert;
mod delivery;
mod rule;

pub use alert::{About, Alert, AlertKind, AlertState, Severity, Watch};
pub use delivery::{Change, Channel, Delivery, DeliveryState};
pub use rule::{
    AlertRule, BadWebhookSecret, Matching, Pace, Quiet, Timing, UnknownZone, Webhook, WebhookSecret, Zone,
};
