//! Writing the audit trail within the unit of work that makes the change.

use ::kernel::{AuditEntry, AuditLog, HasAudit, StoreError};
use async_trait::async_trait;
use sea_orm::{ActiveValue::Set, EntityTrait};

use super::audit_entry::{ActiveModel, Entity};
use crate::{error::store_error, unit::SeaTx, word};

/// Rows in one statement: engines limit how many values it may have.
const AT_ONCE: usize = 1_000;

fn row(entry: AuditEntry) -> Result<ActiveModel, StoreError> {
    Ok(ActiveModel {
        id: Set(entry.id.into()),
        organisation_id: Set(entry.organisation.into()),
        at: Set(entry.at),
        actor_kind: Set(entry.actor.kind().to_owned()),
        actor_id: Set(entry.actor.id()),
        verb: Set(word::write(&entry.verb)?),
        resource: Set(entry.resource.to_owned()),
        resource_id: Set(entry.resource_id),
        before: Set(entry.before),
        after: Set(entry.after),
        request_id: Set(entry.request_id),
        address: Set(entry.address.map(|address| address.to_string())),
    })
}

impl HasAudit for SeaTx {
    fn audit(&mut self) -> &mut dyn AuditLog {
        self
    }
}

#[async_trait]
impl AuditLog for SeaTx {
    async fn record(&mut self, entry: AuditEntry) -> Result<(), StoreError> {
        self.record_all(vec![entry]).await
    }

    async fn record_all(&mut self, mut entries: Vec<AuditEntry>) -> Result<(), StoreError> {
        while !entries.is_empty() {
            let some = entries.drain(..entries.len().min(AT_ONCE)).map(row);
            let rows: Vec<_> = some.collect::<Result<_, _>>()?;
            Entity::insert_many(rows).exec_without_returning(self.connection()).await.map_err(store_error)?;
        }
        Ok(())
    }
}
