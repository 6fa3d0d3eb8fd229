//! The ports over maps: a unit of work is a copy that replaces the original when it commits.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard},
};

use async_trait::async_trait;
use kernel::{
    ApiKeyId, AuditEntry, AuditLog, Begin, Commit, Event, GroupSet, HasAudit, HasOutbox, OrganisationId,
    Outbox, ResourceGroupId, RoleId, StoreError, Timestamp, UserId, Version,
};
use uuid::Uuid;

use crate::{
    model::{ApiKey, Attempts, BuiltInRole, Organisation, RefreshToken, Role, SessionId, User},
    port::{
        AccessTx, ApiKeyRepository, AttemptRepository, HasApiKeys, HasAttempts, HasKnownGroups,
        HasOrganisations, HasRefreshTokens, HasRoles, HasUsers, KnownGroups, OrganisationRepository,
        RefreshTokenRepository, RoleRepository, UserRepository,
    },
    secret::Digest,
};

#[derive(Clone, Debug, Default)]
pub(super) struct State {
    pub(super) organisations: BTreeMap<OrganisationId, Organisation>,
    pub(super) users: BTreeMap<UserId, User>,
    pub(super) roles: BTreeMap<RoleId, Role>,
    pub(super) api_keys: BTreeMap<ApiKeyId, ApiKey>,
    pub(super) tokens: BTreeMap<Uuid, RefreshToken>,
    pub(super) audit: Vec<AuditEntry>,
    groups: Vec<(OrganisationId, ResourceGroupId)>,
    attempts: BTreeMap<String, Attempts>,
    events: Vec<Event>,
}

/// A store in memory. Clones share their content.
#[derive(Clone, Debug, Default)]
pub struct FakeAccess(Arc<Mutex<State>>);

impl FakeAccess {
    pub(super) fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().expect("no test panics while holding the state")
    }

    /// Names of the events that became durable, in order.
    pub fn event_names(&self) -> Vec<String> {
        self.state().events.iter().map(|event| event.name.to_string()).collect()
    }

    /// Makes a group known that roles may be granted on.
    pub fn add_group(&self, organisation: OrganisationId, group: ResourceGroupId) {
        self.state().groups.push((organisation, group));
    }

    pub fn audit(&self) -> Vec<AuditEntry> {
        self.state().audit.clone()
    }
}

struct FakeTx {
    store: FakeAccess,
    state: State,
}

#[async_trait]
impl Begin<dyn AccessTx> for FakeAccess {
    async fn begin(&self) -> Result<Box<dyn AccessTx>, StoreError> {
        Ok(Box::new(FakeTx { store: self.clone(), state: self.state().clone() }))
    }
}

#[async_trait]
impl Commit for FakeTx {
    async fn commit(self: Box<Self>) -> Result<(), StoreError> {
        *self.store.state() = self.state;
        Ok(())
    }
}

macro_rules! has {
    ($($capability:ident $method:ident $port:ident),* $(,)?) => {$(
        impl $capability for FakeTx {
            fn $method(&mut self) -> &mut dyn $port {
                self
            }
        }
    )*};
}

has! {
    HasOrganisations organisations OrganisationRepository,
    HasUsers users UserRepository,
    HasRoles roles RoleRepository,
    HasKnownGroups known_groups KnownGroups,
    HasAttempts attempts AttemptRepository,
    HasApiKeys api_keys ApiKeyRepository,
    HasRefreshTokens refresh_tokens RefreshTokenRepository,
    HasOutbox outbox Outbox,
    HasAudit audit AuditLog,
}

#[async_trait]
impl Outbox for FakeTx {
    async fn append(&mut self, event: Event) -> Result<(), StoreError> {
        self.state.events.push(event);
        Ok(())
    }
}

#[async_trait]
impl AuditLog for FakeTx {
    async fn record(&mut self, entry: AuditEntry) -> Result<(), StoreError> {
        self.state.audit.push(entry);
        Ok(())
    }
}

fn duplicate(rule: &str) -> StoreError {
    StoreError::Duplicate { rule: rule.to_owned() }
}

#[async_trait]
impl OrganisationRepository for FakeTx {
    async fn organisation_insert(&mut self, organisation: &Organisation) -> Result<(), StoreError> {
        let same = |other: &Organisation| other.handle.is_some() && other.handle == organisation.handle;
        if self.state.organisations.values().any(same) {
            return Err(duplicate("handle"));
        }
        self.state.organisations.insert(organisation.id, organisation.clone());
        Ok(())
    }

    async fn organisation_find(&mut self, id: OrganisationId) -> Result<Option<Organisation>, StoreError> {
        Ok(self.state.organisations.get(&id).cloned())
    }

    async fn organisation_find_by_handle(
        &mut self,
        handle: &str,
    ) -> Result<Option<Organisation>, StoreError> {
        let same = |other: &&Organisation| other.handle.as_deref() == Some(handle);
        Ok(self.state.organisations.values().find(same).cloned())
    }

    async fn organisation_update(
        &mut self,
        organisation: &Organisation,
        read: Version,
    ) -> Result<(), StoreError> {
        match self.state.organisations.get_mut(&organisation.id) {
            Some(row) if row.version == read => {
                *row = organisation.clone();
                Ok(())
            }
            _ => Err(StoreError::Stale),
        }
    }
}

impl FakeTx {
    fn unique(&self, user: &User) -> Result<(), StoreError> {
        let others = || self.state.users.values().filter(|other| other.id != user.id);
        if others().any(|other| other.email == user.email) {
            return Err(duplicate("email"));
        }
        if user.identity.is_some() && others().any(|other| other.identity == user.identity) {
            return Err(duplicate("subject"));
        }
        Ok(())
    }
}

#[async_trait]
impl UserRepository for FakeTx {
    async fn user_insert(&mut self, user: &User) -> Result<(), StoreError> {
        self.unique(user)?;
        self.state.users.insert(user.id, user.clone());
        Ok(())
    }

    async fn user_find(
        &mut self,
        organisation: OrganisationId,
        id: UserId,
    ) -> Result<Option<User>, StoreError> {
        Ok(self.state.users.get(&id).filter(|user| user.organisation == organisation).cloned())
    }

    async fn user_update(&mut self, user: &User, read: Version) -> Result<(), StoreError> {
        self.unique(user)?;
        match self.state.users.get_mut(&user.id) {
            Some(row) if row.version == read => {
                *row = user.clone();
                Ok(())
            }
            _ => Err(StoreError::Stale),
        }
    }

    async fn user_delete(
        &mut self,
        organisation: OrganisationId,
        id: UserId,
        read: Version,
    ) -> Result<(), StoreError> {
        if self.state.users.get(&id).is_none_or(|row| row.organisation != organisation || row.version != read)
        {
            return Err(StoreError::Stale);
        }
        self.state.users.remove(&id);
        self.state.tokens.retain(|_, token| token.user != id);
        Ok(())
    }

    async fn administrators(&mut self, organisation: OrganisationId) -> Result<u64, StoreError> {
        let administrates = |id: &RoleId| {
            self.state.roles.get(id).and_then(|role| role.built_in) == Some(BuiltInRole::Administrator)
        };
        let administrators = self.state.users.values().filter(|user| {
            user.organisation == organisation && user.active && user.roles.iter().any(administrates)
        });
        Ok(administrators.count() as u64)
    }
}

#[async_trait]
impl RoleRepository for FakeTx {
    async fn role_insert(&mut self, role: &Role) -> Result<(), StoreError> {
        let same = |other: &Role| other.organisation == role.organisation && other.name == role.name;
        if self.state.roles.values().any(same) {
            return Err(duplicate("name"));
        }
        self.state.roles.insert(role.id, role.clone());
        Ok(())
    }

    async fn role_find(
        &mut self,
        organisation: OrganisationId,
        id: RoleId,
    ) -> Result<Option<Role>, StoreError> {
        Ok(self.state.roles.get(&id).filter(|role| role.organisation == organisation).cloned())
    }

    async fn role_find_built_in(
        &mut self,
        organisation: OrganisationId,
        built_in: BuiltInRole,
    ) -> Result<Option<Role>, StoreError> {
        let same = |role: &&Role| role.organisation == organisation && role.built_in == Some(built_in);
        Ok(self.state.roles.values().find(same).cloned())
    }

    async fn roles_find(
        &mut self,
        organisation: OrganisationId,
        ids: &[RoleId],
    ) -> Result<Vec<Role>, StoreError> {
        let among = |role: &&Role| role.organisation == organisation && ids.contains(&role.id);
        Ok(self.state.roles.values().filter(among).cloned().collect())
    }

    async fn role_update(&mut self, role: &Role, read: Version) -> Result<(), StoreError> {
        let same = |other: &Role| {
            other.organisation == role.organisation && other.name == role.name && other.id != role.id
        };
        if self.state.roles.values().any(same) {
            return Err(duplicate("name"));
        }
        match self.state.roles.get_mut(&role.id) {
            Some(row) if row.version == read => {
                *row = role.clone();
                Ok(())
            }
            _ => Err(StoreError::Stale),
        }
    }

    async fn role_delete(
        &mut self,
        organisation: OrganisationId,
        id: RoleId,
        read: Version,
    ) -> Result<(), StoreError> {
        if self.state.users.values().any(|user| user.all_roles().contains(&id)) {
            return Err(StoreError::Reference);
        }
        if self.state.roles.get(&id).is_none_or(|row| row.organisation != organisation || row.version != read)
        {
            return Err(StoreError::Stale);
        }
        self.state.roles.remove(&id);
        Ok(())
    }
}

#[async_trait]
impl AttemptRepository for FakeTx {
    async fn attempts_lock(&mut self, key: &str, now: Timestamp) -> Result<Attempts, StoreError> {
        Ok(self.state.attempts.get(key).copied().unwrap_or(Attempts { count: 0, last: now }))
    }

    async fn attempts_put(&mut self, key: &str, attempts: Attempts) -> Result<(), StoreError> {
        self.state.attempts.insert(key.to_owned(), attempts);
        Ok(())
    }

    async fn attempts_forget(&mut self, key: &str) -> Result<(), StoreError> {
        self.state.attempts.remove(key);
        Ok(())
    }

    async fn attempts_forget_before(&mut self, before: Timestamp) -> Result<(), StoreError> {
        self.state.attempts.retain(|_, attempts| attempts.last >= before);
        Ok(())
    }
}

#[async_trait]
impl KnownGroups for FakeTx {
    async fn groups_known(
        &mut self,
        organisation: OrganisationId,
        ids: &GroupSet,
    ) -> Result<GroupSet, StoreError> {
        let ours = |id: &&ResourceGroupId| self.state.groups.contains(&(organisation, **id));
        Ok(ids.iter().filter(ours).copied().collect())
    }
}

#[async_trait]
impl ApiKeyRepository for FakeTx {
    async fn api_key_insert(&mut self, key: &ApiKey) -> Result<(), StoreError> {
        if self.state.api_keys.values().any(|other| other.prefix == key.prefix) {
            return Err(duplicate("prefix"));
        }
        self.state.api_keys.insert(key.id, key.clone());
        Ok(())
    }

    async fn api_key_find(
        &mut self,
        organisation: OrganisationId,
        id: ApiKeyId,
    ) -> Result<Option<ApiKey>, StoreError> {
        Ok(self.state.api_keys.get(&id).filter(|key| key.organisation == organisation).cloned())
    }

    async fn api_key_update(&mut self, key: &ApiKey, read: Version) -> Result<(), StoreError> {
        match self.state.api_keys.get_mut(&key.id) {
            Some(row) if row.version == read => {
                *row = ApiKey { last_used_at: row.last_used_at, ..key.clone() };
                Ok(())
            }
            _ => Err(StoreError::Stale),
        }
    }

    async fn api_key_used(&mut self, id: ApiKeyId, at: Timestamp) -> Result<(), StoreError> {
        if let Some(row) = self.state.api_keys.get_mut(&id) {
            row.last_used_at = row.last_used_at.max(Some(at));
        }
        Ok(())
    }
}

#[async_trait]
impl RefreshTokenRepository for FakeTx {
    async fn token_insert(&mut self, token: &RefreshToken) -> Result<(), StoreError> {
        self.state.tokens.insert(token.id, token.clone());
        Ok(())
    }

    async fn token_find(&mut self, digest: Digest) -> Result<Option<RefreshToken>, StoreError> {
        Ok(self.state.tokens.values().find(|token| token.digest == digest).cloned())
    }

    async fn token_mark_used(&mut self, id: Uuid, at: Timestamp) -> Result<(), StoreError> {
        if let Some(token) = self.state.tokens.get_mut(&id) {
            token.used_at = Some(at);
        }
        Ok(())
    }

    async fn session_delete(&mut self, session: SessionId) -> Result<(), StoreError> {
        self.state.tokens.retain(|_, token| token.session != session);
        Ok(())
    }

    async fn sessions_delete(&mut self, user: UserId) -> Result<(), StoreError> {
        self.state.tokens.retain(|_, token| token.user != user);
        Ok(())
    }

    async fn tokens_forget(&mut self, user: UserId, before: Timestamp) -> Result<(), StoreError> {
        self.state.tokens.retain(|_, token| token.user != user || token.expires_at >= before);
        Ok(())
    }
}
