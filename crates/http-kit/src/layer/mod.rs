//! Layers around every route of a server, outermost first: who asked the proxy in front, the request's id, its span and metrics,
//! the headers that protect browsers, the limit of its body, and the guard that turns panics and
//! endless work into problems. Around the routes of an API also: quotas,
//! and repeatable writes.

mod behind;
mod body;
mod guard;
mod headers;
mod idempotency;
mod observe;
mod quota;
mod request_id;

pub(crate) use behind::behind;
pub(crate) use body::{limit_body, read_body};
pub(crate) use guard::{ANSWER_WITHIN, guard};
pub(crate) use headers::protect_browsers;
pub use idempotency::OnReplay;
pub(crate) use idempotency::idempotency;
pub(crate) use observe::observe;
pub use quota::Metering;
pub(crate) use quota::meter;
pub use request_id::RequestId;
pub(crate) use request_id::identify;
