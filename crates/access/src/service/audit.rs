//! Reading the audit trail. Writing it is part of every use case.

use std::sync::Arc;

use kernel::{Page, PageRequest, Permission, Scope};

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

    /// The newest first.
    ///
    /// # Errors
    /// [`AccessError::Denied`] and store errors only.
    pub async fn audit_list(
        &self,
        scope: &Scope,
        filter: &AuditFilter,
        page: PageRequest,
    ) -> Result<Page<AuditRecord>, AccessError> {
        scope.require_everywhere(Permission::AuditRead)?;
        Ok(self.reader.audit_list(scope.organisation(), filter, page).await?)
    }
}
