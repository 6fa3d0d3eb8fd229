//! Alerts, and who is told of them.
//!
//! What happens elsewhere is found in events ([`finding`]) and in looks at states; [`Keeper`] keeps
//! at most one standing alert of a kind and subject, counts repeats, and clears it when it is over.
//! Rules say who is told of which alerts and when; what is to be told is put into messages in the
//! unit of work that raised the alert, and [`DeliveryService`] sends them until they are received
//! or given up. [`webhooks`] does the same for partners and whatever happens, without rules. This crate
//! does not know chargers, runs or circuits, nor how mail and webhooks
//! travel.

mod backoff;
pub mod command;
pub mod error;
pub mod event;
pub mod finding;
pub mod message;
pub mod model;
pub mod port;
pub mod service;
#[cfg(any(test, feature = "testing"))]
pub mod testing;
pub mod timing;
pub mod webhooks;

pub use command::{ChangeAlertRule, CreateAlertRule, NewWebhook, Recipients};
pub use error::AlertError;
pub use finding::{Finding, Patience, Sighting, Thing, find};
pub use message::Message;
pub use model::{
    About, Alert, AlertKind, AlertRule, AlertState, Change, Channel, Delivery, DeliveryState, Matching, Pace,
    Quiet, Severity, Timing, UnknownZone, Watch, Webhook, WebhookSecret, Zone,
};
pub use port::{
    AlertFilter, AlertReader, AlertRepository, AlertRuleRepository, AlertTx, DeliveryRepository,
    ExpiringKeys, HasAlertRules, HasAlerts, HasDeliveries, KeyExpiry, KnownDepots, Mail, MailSender,
    NameReader, SendError, WebhookCall, WebhookSender,
};
pub use service::{AlertService, DeliveryService, Follower, Keeper, Outcome};
pub use webhooks::{
    ChangeWebhook, CreateWebhook, DisabledWhy, EventDelivery, Fanout, HasWebhooks, Hearing, MOST_WEBHOOKS,
    PartnerWebhook, PreviousSecret, WebhookCourier, WebhookError, WebhookReader, WebhookRepository,
    WebhookService, WebhookTx,
};
