//! What this domain needs of a store and of a signer of tokens.

use async_trait::async_trait;
use kernel::{
    Actor, ApiKeyId, AuditId, AuditVerb, Commit, GroupSet, HasAudit, HasOutbox, OrganisationId, Page,
    PageRequest, Reach, Rights, RoleId, StoreError, Timestamp, UserId, Version,
};
use uuid::Uuid;

use crate::{
    model::{
        AccessClaims, ApiKey, Attempts, AuditRecord, BuiltInRole, ClientClaims, Email, Organisation,
        RefreshToken, Role, Session, SessionId, User,
    },
    secret::Digest,
};

/// Organisations within a unit of work.
#[async_trait]
pub trait OrganisationRepository: Send {
    /// [`StoreError::Duplicate`] with rule `handle`.
    async fn organisation_insert(&mut self, organisation: &Organisation) -> Result<(), StoreError>;

    /// Reads the row for change. Whoever may change who administers an organisation reads it
    /// first, so that two such changes come one after the other.
    async fn organisation_find(&mut self, id: OrganisationId) -> Result<Option<Organisation>, StoreError>;

    async fn organisation_find_by_handle(&mut self, handle: &str)
    -> Result<Option<Organisation>, StoreError>;

    /// [`StoreError::Stale`] where the stored version is not `read`.
    async fn organisation_update(
        &mut self,
        organisation: &Organisation,
        read: Version,
    ) -> Result<(), StoreError>;
}

/// Users with their roles within a unit of work. Rows of other organisations do not exist for it.
#[async_trait]
pub trait UserRepository: Send {
    /// [`StoreError::Duplicate`] with rule `email` or, of an identity, `subject`: both are unique
    /// over all organisations.
    async fn user_insert(&mut self, user: &User) -> Result<(), StoreError>;

    /// Reads the row for change.
    async fn user_find(
        &mut self,
        organisation: OrganisationId,
        id: UserId,
    ) -> Result<Option<User>, StoreError>;

    /// Stores the user and replaces their roles and grants; [`StoreError::Stale`].
    async fn user_update(&mut self, user: &User, read: Version) -> Result<(), StoreError>;

    /// Deletes the user with their sessions; [`StoreError::Stale`].
    async fn user_delete(
        &mut self,
        organisation: OrganisationId,
        id: UserId,
        read: Version,
    ) -> Result<(), StoreError>;

    /// How many active users have the built-in role `administrator`.
    async fn administrators(&mut self, organisation: OrganisationId) -> Result<u64, StoreError>;
}

/// Roles within a unit of work.
#[async_trait]
pub trait RoleRepository: Send {
    /// [`StoreError::Duplicate`] with rule `name`.
    async fn role_insert(&mut self, role: &Role) -> Result<(), StoreError>;

    async fn role_find(
        &mut self,
        organisation: OrganisationId,
        id: RoleId,
    ) -> Result<Option<Role>, StoreError>;

    async fn role_find_built_in(
        &mut self,
        organisation: OrganisationId,
        built_in: BuiltInRole,
    ) -> Result<Option<Role>, StoreError>;

    /// Those of `ids` that exist, in the order of their ids.
    async fn roles_find(
        &mut self,
        organisation: OrganisationId,
        ids: &[RoleId],
    ) -> Result<Vec<Role>, StoreError>;

    async fn role_update(&mut self, role: &Role, read: Version) -> Result<(), StoreError>;

    /// [`StoreError::Reference`] where users have the role; [`StoreError::Stale`].
    async fn role_delete(
        &mut self,
        organisation: OrganisationId,
        id: RoleId,
        read: Version,
    ) -> Result<(), StoreError>;
}

/// API keys within a unit of work. They are revoked, not deleted.
#[async_trait]
pub trait ApiKeyRepository: Send {
    /// [`StoreError::Duplicate`] with rule `prefix`.
    async fn api_key_insert(&mut self, key: &ApiKey) -> Result<(), StoreError>;

    async fn api_key_find(
        &mut self,
        organisation: OrganisationId,
        id: ApiKeyId,
    ) -> Result<Option<ApiKey>, StoreError>;

    /// Leaves alone when the key was last used.
    async fn api_key_update(&mut self, key: &ApiKey, read: Version) -> Result<(), StoreError>;

    /// Notes a use, where none is noted that is as late. It is no change of the key.
    async fn api_key_used(&mut self, id: ApiKeyId, at: Timestamp) -> Result<(), StoreError>;
}

/// Refresh tokens within a unit of work.
#[async_trait]
pub trait RefreshTokenRepository: Send {
    async fn token_insert(&mut self, token: &RefreshToken) -> Result<(), StoreError>;

    /// Reads without locking: whoever is going to change a session has locked its user.
    async fn token_find(&mut self, digest: Digest) -> Result<Option<RefreshToken>, StoreError>;

    async fn token_mark_used(&mut self, id: Uuid, at: Timestamp) -> Result<(), StoreError>;

    /// Ends one session.
    async fn session_delete(&mut self, session: SessionId) -> Result<(), StoreError>;

    /// Ends every session of a user.
    async fn sessions_delete(&mut self, user: UserId) -> Result<(), StoreError>;

    /// Forgets the user's tokens that expired before the instant.
    async fn tokens_forget(&mut self, user: UserId, before: Timestamp) -> Result<(), StoreError>;
}

/// Whether the groups that something is to be granted on exist.
#[async_trait]
pub trait KnownGroups: Send {
    /// Those of `ids` that the organisation has. They stay until the unit of work ends.
    async fn groups_known(
        &mut self,
        organisation: OrganisationId,
        ids: &GroupSet,
    ) -> Result<GroupSet, StoreError>;
}

/// Attempts to sign in within a unit of work, by a key that says who tries and from where.
#[async_trait]
pub trait AttemptRepository: Send {
    /// Those counted under a key, none at `now` where there are none. Nobody else reads them until
    /// the unit of work ends.
    async fn attempts_lock(&mut self, key: &str, now: Timestamp) -> Result<Attempts, StoreError>;

    async fn attempts_put(&mut self, key: &str, attempts: Attempts) -> Result<(), StoreError>;

    async fn attempts_forget(&mut self, key: &str) -> Result<(), StoreError>;

    /// Forgets all whose last is before the instant.
    async fn attempts_forget_before(&mut self, before: Timestamp) -> Result<(), StoreError>;
}

pub trait HasAttempts: Send {
    fn attempts(&mut self) -> &mut dyn AttemptRepository;
}

pub trait HasKnownGroups: Send {
    fn known_groups(&mut self) -> &mut dyn KnownGroups;
}

pub trait HasOrganisations: Send {
    fn organisations(&mut self) -> &mut dyn OrganisationRepository;
}

pub trait HasUsers: Send {
    fn users(&mut self) -> &mut dyn UserRepository;
}

pub trait HasRoles: Send {
    fn roles(&mut self) -> &mut dyn RoleRepository;
}

pub trait HasApiKeys: Send {
    fn api_keys(&mut self) -> &mut dyn ApiKeyRepository;
}

pub trait HasRefreshTokens: Send {
    fn refresh_tokens(&mut self) -> &mut dyn RefreshTokenRepository;
}

/// The unit of work of this domain's use cases.
pub trait AccessTx:
    HasOrganisations
    + HasUsers
    + HasRoles
    + HasKnownGroups
    + HasAttempts
    + HasApiKeys
    + HasRefreshTokens
    + HasOutbox
    + HasAudit
    + Commit
{
}
impl<T> AccessTx for T where
    T: HasOrganisations
        + HasUsers
        + HasRoles
        + HasKnownGroups
        + HasAttempts
        + HasApiKeys
        + HasRefreshTokens
        + HasOutbox
        + HasAudit
        + Commit
{
}

#[derive(Clone, Debug, Default)]
pub struct UserFilter {
    pub active: Option<bool>,
    pub role: Option<RoleId>,
    /// Part of the email or the display name, in any case.
    pub search: Option<String>,
}

#[derive(Clone, Debug, Default)]
pub struct ApiKeyFilter {
    pub revoked: Option<bool>,
}

#[derive(Clone, Debug, Default)]
pub struct AuditFilter {
    pub resource: Option<String>,
    pub resource_id: Option<Uuid>,
    /// The id of the user, API key or charge point.
    pub actor_id: Option<Uuid>,
    pub verb: Option<AuditVerb>,
    pub request_id: Option<String>,
    /// Part of what was changed, before or after, in any case.
    pub text: Option<String>,
    /// Inclusive.
    pub from: Option<Timestamp>,
    /// Exclusive.
    pub to: Option<Timestamp>,
}

/// Organisations, users and roles outside a unit of work, oldest first.
#[async_trait]
pub trait AccessReader: Send + Sync {
    async fn organisation_get(&self, id: OrganisationId) -> Result<Option<Organisation>, StoreError>;

    async fn user_get(&self, organisation: OrganisationId, id: UserId) -> Result<Option<User>, StoreError>;

    async fn user_list(
        &self,
        organisation: OrganisationId,
        filter: &UserFilter,
        page: PageRequest,
    ) -> Result<Page<User>, StoreError>;

    /// The sessions of a user that go on at `now`, the latest begun first.
    async fn session_list(
        &self,
        organisation: OrganisationId,
        user: UserId,
        now: Timestamp,
    ) -> Result<Vec<Session>, StoreError>;

    async fn role_get(&self, organisation: OrganisationId, id: RoleId) -> Result<Option<Role>, StoreError>;

    async fn role_list(
        &self,
        organisation: OrganisationId,
        page: PageRequest,
    ) -> Result<Page<Role>, StoreError>;
}

/// API keys outside a unit of work, oldest first.
#[async_trait]
pub trait ApiKeyReader: Send + Sync {
    async fn api_key_get(
        &self,
        organisation: OrganisationId,
        id: ApiKeyId,
    ) -> Result<Option<ApiKey>, StoreError>;

    async fn api_key_list(
        &self,
        organisation: OrganisationId,
        filter: &ApiKeyFilter,
        page: PageRequest,
    ) -> Result<Page<ApiKey>, StoreError>;
}

/// What finds out who somebody is, before any organisation is known.
#[async_trait]
pub trait AuthReader: Send + Sync {
    async fn user_by_email(&self, email: &Email) -> Result<Option<User>, StoreError>;

    async fn user_by_invitation(&self, digest: Digest) -> Result<Option<User>, StoreError>;

    /// What the user may do now, and where; `None` where they are gone or inactive, or where no token of the
    /// session is good beyond `now`.
    async fn session_rights(
        &self,
        organisation: OrganisationId,
        user: UserId,
        session: SessionId,
        now: Timestamp,
    ) -> Result<Option<Rights>, StoreError>;

    async fn api_key_by_prefix(&self, prefix: &str) -> Result<Option<ApiKey>, StoreError>;
}

/// The audit trail, newest first; of one instant, by descending id.
#[async_trait]
pub trait AuditReader: Send + Sync {
    /// Entries within reach. Where that is limited, also those of what `own` did.
    async fn audit_list(
        &self,
        reach: &Reach,
        own: Actor,
        filter: &AuditFilter,
        page: PageRequest,
    ) -> Result<Page<AuditRecord>, StoreError>;

    async fn audit_get(
        &self,
        organisation: OrganisationId,
        id: AuditId,
    ) -> Result<Option<AuditRecord>, StoreError>;
}

#[derive(Debug, thiserror::Error)]
#[error("the token cannot be signed")]
pub struct TokenError(#[source] pub Box<dyn std::error::Error + Send + Sync>);

/// Signs access tokens and reads its own back.
pub trait TokenIssuer: Send + Sync {
    /// # Errors
    /// [`TokenError`] where the key does not work.
    fn issue(&self, claims: &AccessClaims) -> Result<String, TokenError>;

    /// What a token says; `None` unless it was signed by us, for us. Does not look at the clock.
    fn read(&self, token: &str) -> Option<AccessClaims>;

    /// # Errors
    /// As [`TokenIssuer::issue`].
    fn issue_client(&self, claims: &ClientClaims) -> Result<String, TokenError>;

    /// What a token of an API key says; `None` also for any other token of ours.
    fn read_client(&self, token: &str) -> Option<ClientClaims>;
}
