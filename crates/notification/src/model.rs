//! Alerts, rules, and messages on their way.

mod alert;
mod delivery;
mod rule;

pub use alert::{About, Alert, AlertKind, AlertState, Severity, Watch};
pub use delivery::{Change, Channel, Delivery, DeliveryState};
pub use rule::{AlertRule, Matching, Pace, Quiet, Timing, Webhook, WebhookSecret, Zone};
