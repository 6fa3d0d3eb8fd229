//! The caller's own organisation and the caller themselves.

use std::sync::Arc;

use kernel::{Actor, AuditVerb, Invalid, Permission, Scope, StoreError, Version};

use super::Desk;
use crate::{
    command::NAME_CHARS,
    error::AccessError,
    event,
    model::{Organisation, User},
    port::AccessReader,
};

pub struct OrganisationService {
    desk: Desk,
    reader: Arc<dyn AccessReader>,
}

/// Who is asking.
#[derive(Clone, Debug)]
pub struct Profile {
    pub organisation: Organisation,
    pub user: User,
}

impl OrganisationService {
    pub(super) fn new(desk: Desk, reader: Arc<dyn AccessReader>) -> Self {
        Self { desk, reader }
    }

    /// Everybody may know who they are.
    ///
    /// # Errors
    /// [`AccessError::NoSuchUser`] where the caller is no user, or not any more.
    pub async fn profile(&self, scope: &Scope) -> Result<Profile, AccessError> {
        let Actor::User(id) = scope.actor() else { return Err(AccessError::NoSuchUser) };
        let user = self.reader.user_get(scope.organisation(), id).await?.ok_or(AccessError::NoSuchUser)?;
        Ok(Profile { organisation: self.read(scope).await?, user })
    }

    /// # Errors
    /// [`AccessError::Denied`], [`AccessError::NoSuchOrganisation`].
    pub async fn organisation_get(&self, scope: &Scope) -> Result<Organisation, AccessError> {
        scope.require_everywhere(Permission::OrganisationRead)?;
        self.read(scope).await
    }

    /// # Errors
    /// [`AccessError::Invalid`], [`AccessError::NoSuchOrganisation`], [`StoreError::Stale`].
    pub async fn organisation_rename(
        &self,
        scope: &Scope,
        expected: Option<Version>,
        name: &str,
    ) -> Result<Organisation, AccessError> {
        scope.require_everywhere(Permission::OrganisationWrite)?;
        let mut invalid = Invalid::default();
        let name = invalid.text("/name", name, NAME_CHARS);
        invalid.into_result()?;
        let mut tx = self.desk.begin().await?;
        let before = tx
            .organisations()
            .organisation_find(scope.organisation())
            .await?
            .ok_or(AccessError::NoSuchOrganisation)?;
        if expected.is_some_and(|expected| expected != before.version) {
            return Err(StoreError::Stale.into());
        }
        let after = Organisation {
            version: before.version.next(),
            name,
            updated_at: self.desk.clock.now(),
            ..before.clone()
        };
        tx.organisations().organisation_update(&after, before.version).await?;
        tx.outbox().append(event::organisation(&*self.desk.clock, &*self.desk.ids, &after)).await?;
        let entry = self.desk.audit(scope, AuditVerb::Update, "organisation", after.id);
        tx.audit().record(entry.before(&before).after(&after)).await?;
        self.desk.commit(tx).await?;
        Ok(after)
    }

    async fn read(&self, scope: &Scope) -> Result<Organisation, AccessError> {
        let found = self.reader.organisation_get(scope.organisation()).await?;
        found.ok_or(AccessError::NoSuchOrganisation)
    }
}
