//! Roles as administrators keep them.

use std::sync::Arc;

use kernel::{AuditVerb, Invalid, Page, PageRequest, Permission, RoleId, Scope, StoreError, Version};

use super::{
    Desk,
    grant::{holds, lock},
};
use crate::{
    command::{ChangeRole, CreateRole, NAME_CHARS},
    error::AccessError,
    event,
    model::Role,
    port::{AccessReader, AccessTx},
};

pub struct RoleService {
    desk: Desk,
    reader: Arc<dyn AccessReader>,
}

impl RoleService {
    pub(super) fn new(desk: Desk, reader: Arc<dyn AccessReader>) -> Self {
        Self { desk, reader }
    }

    /// # Errors
    /// [`AccessError::Invalid`], [`AccessError::RoleNameTaken`], [`AccessError::Denied`] for a
    /// permission that the caller lacks.
    pub async fn role_create(&self, scope: &Scope, command: CreateRole) -> Result<Role, AccessError> {
        scope.require_everywhere(Permission::RoleWrite)?;
        let mut invalid = Invalid::default();
        let name = invalid.text("/name", &command.name, NAME_CHARS);
        invalid.into_result()?;
        holds(scope, &command.permissions)?;
        let now = self.desk.clock.now();
        let role = Role {
            id: self.desk.ids.uuid().into(),
            organisation: scope.organisation(),
            version: Version::FIRST,
            name,
            built_in: None,
            permissions: command.permissions,
            created_at: now,
            updated_at: now,
        };
        let mut tx = self.desk.begin().await?;
        lock(&mut *tx, role.organisation).await?;
        tx.roles().role_insert(&role).await?;
        tx.outbox()
            .append(event::role(&*self.desk.clock, &*self.desk.ids, event::ROLE_CREATED, &role))
            .await?;
        tx.audit().record(self.desk.audit(scope, AuditVerb::Create, "role", role.id).after(&role)).await?;
        self.desk.commit(tx).await?;
        Ok(role)
    }

    /// # Errors
    /// [`AccessError::NoSuchRole`] also for roles of others.
    pub async fn role_get(&self, scope: &Scope, id: RoleId) -> Result<Role, AccessError> {
        scope.require_everywhere(Permission::RoleRead)?;
        self.reader.role_get(scope.organisation(), id).await?.ok_or(AccessError::NoSuchRole)
    }

    /// # Errors
    /// [`AccessError::Denied`] and store errors only.
    pub async fn role_list(&self, scope: &Scope, page: PageRequest) -> Result<Page<Role>, AccessError> {
        scope.require_everywhere(Permission::RoleRead)?;
        Ok(self.reader.role_list(scope.organisation(), page).await?)
    }

    /// # Errors
    /// As [`Self::role_create`], also for permissions that the role loses;
    /// [`AccessError::RoleBuiltIn`]; [`StoreError::Stale`].
    pub async fn role_change(
        &self,
        scope: &Scope,
        id: RoleId,
        expected: Option<Version>,
        command: ChangeRole,
    ) -> Result<Role, AccessError> {
        scope.require_everywhere(Permission::RoleWrite)?;
        let mut invalid = Invalid::default();
        let name = command.name.map(|name| invalid.text("/name", &name, NAME_CHARS));
        invalid.into_result()?;
        let mut tx = self.desk.begin().await?;
        let before = find(&mut *tx, scope, id, expected).await?;
        let role = Role {
            version: before.version.next(),
            name: name.unwrap_or_else(|| before.name.clone()),
            permissions: command.permissions.unwrap_or_else(|| before.permissions.clone()),
            updated_at: self.desk.clock.now(),
            ..before.clone()
        };
        let changed = role.permissions.symmetric_difference(&before.permissions).copied().collect();
        holds(scope, &changed)?;
        tx.roles().role_update(&role, before.version).await?;
        tx.outbox()
            .append(event::role(&*self.desk.clock, &*self.desk.ids, event::ROLE_CHANGED, &role))
            .await?;
        let entry = self.desk.audit(scope, AuditVerb::Update, "role", id).before(&before).after(&role);
        tx.audit().record(entry).await?;
        self.desk.commit(tx).await?;
        Ok(role)
    }

    /// # Errors
    /// [`AccessError::NoSuchRole`], [`AccessError::RoleBuiltIn`], [`AccessError::RoleInUse`],
    /// [`StoreError::Stale`].
    pub async fn role_delete(
        &self,
        scope: &Scope,
        id: RoleId,
        expected: Option<Version>,
    ) -> Result<(), AccessError> {
        scope.require_everywhere(Permission::RoleWrite)?;
        let mut tx = self.desk.begin().await?;
        let role = find(&mut *tx, scope, id, expected).await?;
        match tx.roles().role_delete(role.organisation, id, role.version).await {
            Err(StoreError::Reference) => return Err(AccessError::RoleInUse),
            outcome => outcome?,
        }
        tx.outbox()
            .append(event::role(&*self.desk.clock, &*self.desk.ids, event::ROLE_DELETED, &role))
            .await?;
        tx.audit().record(self.desk.audit(scope, AuditVerb::Delete, "role", id).before(&role)).await?;
        self.desk.commit(tx).await?;
        Ok(())
    }
}

/// A role that may be changed.
async fn find(
    tx: &mut dyn AccessTx,
    scope: &Scope,
    id: RoleId,
    expected: Option<Version>,
) -> Result<Role, AccessError> {
    let role = tx.roles().role_find(scope.organisation(), id).await?.ok_or(AccessError::NoSuchRole)?;
    if role.built_in.is_some() {
        return Err(AccessError::RoleBuiltIn);
    }
    if expected.is_some_and(|expected| expected != role.version) {
        return Err(StoreError::Stale.into());
    }
    Ok(role)
}
