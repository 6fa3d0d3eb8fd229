//! What every slice writes beside its own tables: the outbox and the audit trail.

mod audit;
pub(crate) mod audit_entry;
mod feed;
mod fence;
mod outbox;
pub(crate) mod outbox_event;
mod position;
