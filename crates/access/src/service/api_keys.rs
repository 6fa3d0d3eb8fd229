//! API keys as administrators keep them.

use std::sync::Arc;

use kernel::{
    Actor, ApiKeyId, AuditVerb, Denied, GroupSet, Invalid, OrganisationId, Page, PageRequest, Permission,
    Scope, Sight, StoreError, Timestamp, Version, clock::to_micros,
};

use super::{
    Desk,
    grant::{groups, holds, holds_within},
};
use crate::{
    command::{ChangeApiKey, CreateApiKey, NAME_CHARS},
    error::AccessError,
    event,
    model::ApiKey,
    port::{AccessTx, ApiKeyFilter, ApiKeyReader},
    secret::ApiKeySecret,
};

pub struct ApiKeyService {
    desk: Desk,
    reader: Arc<dyn ApiKeyReader>,
    sight: Arc<dyn Sight>,
}

impl ApiKeyService {
    pub(super) fn new(desk: Desk, reader: Arc<dyn ApiKeyReader>, sight: Arc<dyn Sight>) -> Self {
        Self { desk, reader, sight }
    }

    /// Makes a key. This is the only moment its secret exists here.
    ///
    /// # Errors
    /// [`AccessError::Invalid`], also without any permission or with an expiry in the past;
    /// [`AccessError::Denied`] for a permission that the caller lacks.
    pub async fn api_key_create(
        &self,
        scope: &Scope,
        command: CreateApiKey,
    ) -> Result<(ApiKey, ApiKeySecret), AccessError> {
        scope.require_everywhere(Permission::ApiKeyWrite)?;
        let now = self.desk.clock.now();
        let mut invalid = Invalid::default();
        let name = invalid.text("/name", &command.name, NAME_CHARS);
        if command.permissions.is_empty() {
            invalid.push("/permissions", "required", "a key without permissions is of no use");
        }
        if command.groups.as_ref().is_some_and(GroupSet::is_empty) {
            invalid.push("/resource_group_ids", "required", "a key that reaches nothing is of no use");
        }
        check_expiry(&mut invalid, command.expires_at, now);
        invalid.into_result()?;
        let secret = ApiKeySecret::generate(&*self.desk.ids);
        let key = ApiKey {
            id: self.desk.ids.uuid().into(),
            organisation: scope.organisation(),
            version: Version::FIRST,
            name,
            prefix: secret.prefix().to_owned(),
            digest: secret.digest(),
            permissions: command.permissions,
            groups: command.groups,
            expires_at: command.expires_at.map(to_micros),
            revoked_at: None,
            last_used_at: None,
            created_at: now,
            updated_at: now,
        };
        holds_key(scope, &key)?;
        let mut tx = self.desk.begin().await?;
        if let Some(wanted) = &key.groups {
            let pointer = |index| format!("/resource_group_ids/{index}");
            groups(&mut *tx, key.organisation, wanted.iter().copied(), pointer).await?;
        }
        tx.api_keys().api_key_insert(&key).await?;
        self.publish(&mut *tx, event::API_KEY_CREATED, &key).await?;
        let entry = self.desk.audit(scope, AuditVerb::Create, "api_key", key.id).after(&key);
        tx.audit().record(entry).await?;
        self.desk.commit(tx).await?;
        Ok((key, secret))
    }

    /// # Errors
    /// [`AccessError::NoSuchApiKey`] also for keys of others.
    pub async fn api_key_get(&self, scope: &Scope, id: ApiKeyId) -> Result<ApiKey, AccessError> {
        scope.require_everywhere(Permission::ApiKeyRead)?;
        self.reader.api_key_get(scope.organisation(), id).await?.ok_or(AccessError::NoSuchApiKey)
    }

    /// # Errors
    /// [`AccessError::Denied`] and store errors only.
    pub async fn api_key_list(
        &self,
        scope: &Scope,
        filter: &ApiKeyFilter,
        page: PageRequest,
    ) -> Result<Page<ApiKey>, AccessError> {
        scope.require_everywhere(Permission::ApiKeyRead)?;
        Ok(self.reader.api_key_list(scope.organisation(), filter, page).await?)
    }

    /// Whoever lets a key live longer gives its permissions anew, and must hold them.
    ///
    /// # Errors
    /// As [`Self::api_key_create`]; [`AccessError::KeyRevoked`]; [`StoreError::Stale`].
    pub async fn api_key_change(
        &self,
        scope: &Scope,
        id: ApiKeyId,
        expected: Option<Version>,
        command: ChangeApiKey,
    ) -> Result<ApiKey, AccessError> {
        scope.require_everywhere(Permission::ApiKeyWrite)?;
        let now = self.desk.clock.now();
        let mut tx = self.desk.begin().await?;
        let before = find(&mut *tx, scope, id, expected).await?;
        if before.revoked_at.is_some() {
            return Err(AccessError::KeyRevoked);
        }
        holds_key(scope, &before)?;
        let mut invalid = Invalid::default();
        let mut key = before.clone();
        if let Some(name) = command.name {
            key.name = invalid.text("/name", &name, NAME_CHARS);
        }
        command.expires_at.map(to_micros).apply(&mut key.expires_at);
        if key.expires_at != before.expires_at {
            check_expiry(&mut invalid, key.expires_at, now);
        }
        invalid.into_result()?;
        key.version = before.version.next();
        key.updated_at = now;
        tx.api_keys().api_key_update(&key, before.version).await?;
        self.publish(&mut *tx, event::API_KEY_CHANGED, &key).await?;
        let entry = self.desk.audit(scope, AuditVerb::Update, "api_key", id).before(&before).after(&key);
        tx.audit().record(entry).await?;
        self.desk.commit(tx).await?;
        Ok(key)
    }

    /// Ends a key for good. Ending it again changes nothing.
    ///
    /// # Errors
    /// [`AccessError::NoSuchApiKey`], [`StoreError::Stale`].
    pub async fn api_key_revoke(
        &self,
        scope: &Scope,
        id: ApiKeyId,
        expected: Option<Version>,
    ) -> Result<(), AccessError> {
        scope.require_everywhere(Permission::ApiKeyWrite)?;
        let now = self.desk.clock.now();
        let mut tx = self.desk.begin().await?;
        let before = find(&mut *tx, scope, id, expected).await?;
        if before.revoked_at.is_some() {
            return Ok(());
        }
        let key = ApiKey {
            version: before.version.next(),
            revoked_at: Some(now),
            updated_at: now,
            ..before.clone()
        };
        tx.api_keys().api_key_update(&key, before.version).await?;
        self.publish(&mut *tx, event::API_KEY_REVOKED, &key).await?;
        let entry = self.desk.audit(scope, AuditVerb::Delete, "api_key", id).before(&before).after(&key);
        tx.audit().record(entry).await?;
        self.desk.commit(tx).await?;
        Ok(())
    }

    /// What a key may do now, for work that is done on its behalf; `None` where it does not hold any
    /// more.
    ///
    /// # Errors
    /// Store errors only.
    pub async fn api_key_scope(
        &self,
        organisation: OrganisationId,
        id: ApiKeyId,
    ) -> Result<Option<Scope>, StoreError> {
        let key = self.reader.api_key_get(organisation, id).await?;
        let key = key.filter(|key| key.is_usable(self.desk.clock.now()));
        Ok(key.map(|key| Scope::limited(organisation, Actor::ApiKey(id), key.rights(), self.sight.clone())))
    }

    async fn publish(
        &self,
        tx: &mut dyn AccessTx,
        name: &'static str,
        key: &ApiKey,
    ) -> Result<(), StoreError> {
        tx.outbox().append(event::api_key(&*self.desk.clock, &*self.desk.ids, name, key)).await
    }
}

async fn find(
    tx: &mut dyn AccessTx,
    scope: &Scope,
    id: ApiKeyId,
    expected: Option<Version>,
) -> Result<ApiKey, AccessError> {
    let key = tx.api_keys().api_key_find(scope.organisation(), id).await?.ok_or(AccessError::NoSuchApiKey)?;
    if expected.is_some_and(|expected| expected != key.version) {
        return Err(StoreError::Stale.into());
    }
    Ok(key)
}

/// Whether the caller holds what a key may do, where it may.
fn holds_key(scope: &Scope, key: &ApiKey) -> Result<(), Denied> {
    match &key.groups {
        None => holds(scope, &key.permissions),
        Some(groups) => groups.iter().try_for_each(|group| holds_within(scope, *group, &key.permissions)),
    }
}

fn check_expiry(invalid: &mut Invalid, expires_at: Option<Timestamp>, now: Timestamp) {
    if expires_at.is_some_and(|expiry| expiry <= now) {
        invalid.push("/expires_at", "in_the_past", "must be in the future");
    }
}
