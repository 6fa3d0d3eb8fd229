//! The audit trail: who changed what, from what, to what; written with the change or not at all.

use std::net::IpAddr;

use async_trait::async_trait;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use uuid::Uuid;

use crate::{
    clock::{Clock, IdSource, Timestamp},
    id::{AuditId, OrganisationId},
    scope::{Actor, Scope},
    store::StoreError,
};

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AuditVerb {
    Create,
    Update,
    Delete,
    /// An order that changes the outside world: a charger command, a stop.
    Command,
    SignIn,
}

#[derive(Clone, Debug, PartialEq)]
pub struct AuditEntry {
    pub id: AuditId,
    pub organisation: OrganisationId,
    pub at: Timestamp,
    pub actor: Actor,
    pub verb: AuditVerb,
    /// The kind of thing changed, as the API names it: `depot`, `vehicle`, …
    pub resource: &'static str,
    pub resource_id: Uuid,
    pub before: Option<Value>,
    pub after: Option<Value>,
    pub request_id: Option<String>,
    /// From where the caller asked.
    pub address: Option<IpAddr>,
}

impl AuditEntry {
    /// An entry by the caller of `scope`, now. `before` and `after` are snapshots without secrets.
    pub fn new(
        scope: &Scope,
        clock: &dyn Clock,
        ids: &dyn IdSource,
        verb: AuditVerb,
        resource: &'static str,
        resource_id: impl Into<Uuid>,
    ) -> Self {
        Self {
            id: ids.uuid().into(),
            organisation: scope.organisation(),
            at: clock.now(),
            actor: scope.actor(),
            verb,
            resource,
            resource_id: resource_id.into(),
            before: None,
            after: None,
            request_id: scope.request_id().map(str::to_owned),
            address: scope.address(),
        }
    }

    #[must_use]
    pub fn before(mut self, snapshot: &impl Serialize) -> Self {
        self.before = serde_json::to_value(snapshot).ok();
        self
    }

    #[must_use]
    pub fn after(mut self, snapshot: &impl Serialize) -> Self {
        self.after = serde_json::to_value(snapshot).ok();
        self
    }
}

#[async_trait]
pub trait AuditLog: Send {
    async fn record(&mut self, entry: AuditEntry) -> Result<(), StoreError>;

    /// Many at once.
    async fn record_all(&mut self, entries: Vec<AuditEntry>) -> Result<(), StoreError> {
        for entry in entries {
            self.record(entry).await?;
        }
        Ok(())
    }
}

pub trait HasAudit: Send {
    fn audit(&mut self) -> &mut dyn AuditLog;
}
