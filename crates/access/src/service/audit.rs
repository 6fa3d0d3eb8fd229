//! Reading the audit trail. Writing it is part of every use case.

use std::sync::Arc;

use kernel::{AuditId, Page, PageRequest, Permission, Scope};

use crate::{
    error::AccessError,
    model::AuditRecord,
    port::{AuditFilter, AuditReader},
};

pub struct AuditService {
    reader: Arc<dyn AuditReader>,
}

impl AuditService {
    pub(super) fn new(reader: Arc<dyn AuditReader>) -> Self {
        Self { reader }
    }

    /// The newest first. Who reads it within groups only sees what was done to what these hold, and
    /// what they did themselves.
    ///
    /// # Errors
    /// [`AccessError::Denied`] and store errors only.
    pub async fn audit_list(
        &self,
        scope: &Scope,
        filter: &AuditFilter,
        page: PageRequest,
    ) -> Result<Page<AuditRecord>, AccessError> {
        let reach = scope.require(Permission::AuditRead)?;
        Ok(self.reader.audit_list(&reach, scope.actor(), filter, page).await?)
    }

    /// # Errors
    /// [`AccessError::NoSuchAuditEntry`] also for entries of others.
    pub async fn audit_get(&self, scope: &Scope, id: AuditId) -> Result<AuditRecord, AccessError> {
        let reach = scope.require(Permission::AuditRead)?;
        let found = self.reader.audit_get(scope.organisation(), id).await?;
        let record = found.ok_or(AccessError::NoSuchAuditEntry)?;
        if record.actor != scope.actor() {
            reach.sees(id).await?.ok_or(AccessError::NoSuchAuditEntry)?;
        }
        Ok(record)
    }
}
