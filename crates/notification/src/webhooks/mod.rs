//! Webhooks of partners: what happens, posted to where they want it.
//!
//! A webhook belongs to the API key that made it: no other key sees it, and it is told what that key
//! may hear, as it may at that time. [`Fanout`] turns published events into deliveries, each once;
//! [`WebhookCourier`] posts them until they are received or given up, and ends webhooks that nobody
//! answers.

mod courier;
mod error;
mod fanout;
mod model;
mod port;
mod service;
mod told;

pub use courier::WebhookCourier;
pub use error::WebhookError;
pub use fanout::Fanout;
pub use model::{ChangeWebhook, CreateWebhook, DisabledWhy, EventDelivery, PartnerWebhook, PreviousSecret};
pub use port::{HasWebhooks, Hearing, WebhookReader, WebhookRepository, WebhookTx};
pub use service::{MOST_WEBHOOKS, WebhookService};
pub use told::{told, type_matches};
