//! What leaves the installation for addresses that operators name: mail by SMTP, and signed
//! webhooks that cannot be turned against the network they come from.
//!
//! TLS is rustls with ring. Nothing here retries or remembers: whoever sends decides what an error
//! means for the next attempt.

mod guard;
mod mail;
mod sign;
mod webhook;

pub use guard::is_public;
pub use mail::{MailFault, MailSecurity, MailSettings, NoMail, Smtp};
pub use sign::signature;
pub use webhook::{Resolve, SystemResolver, WebhookFault, WebhookSettings, Webhooks};
