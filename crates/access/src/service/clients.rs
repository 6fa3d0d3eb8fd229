//! Client credentials (RFC 6749, section 4.4): an API key that is exchanged for tokens which end soon,
//! so that the key itself travels seldom. A token can do what its key can do at the moment, or less.

use chrono::TimeDelta;
use kernel::{Actor, PermissionSet, Scope, StoreError, Timestamp};

use super::AuthService;
use crate::{
    error::{AuthError, ClientError},
    model::{ApiKey, ClientClaims},
    secret::ApiKeySecret,
};

/// How long a token of a client is good.
const GOOD_FOR: TimeDelta = TimeDelta::hours(1);

/// What a client gets for its key.
pub struct ClientToken {
    pub access: String,
    pub expires_in: TimeDelta,
    pub permissions: PermissionSet,
}

impl AuthService {
    /// A token for whoever has the key. `client` is the key's prefix, with or without
    /// its mark; `wanted` the permissions it is to have, separated by spaces, else all of the key.
    ///
    /// # Errors
    /// [`ClientError`].
    pub async fn client_token(
        &self,
        client: &str,
        secret: &str,
        wanted: Option<&str>,
    ) -> Result<ClientToken, ClientError> {
        let client = client.strip_prefix(ApiKeySecret::MARK).unwrap_or(client);
        let secret = ApiKeySecret::parse(secret).filter(|secret| secret.prefix() == client);
        let key = self.api_key(secret.ok_or(AuthError::Refused)?).await?;
        let narrowed = wanted.map(|wanted| narrowed(wanted, &key.permissions)).transpose()?;
        let now = self.desk.clock.now();
        let ends = key.expires_at.map_or(now + GOOD_FOR, |ends| ends.min(now + GOOD_FOR));
        let claims = ClientClaims {
            key: key.id,
            prefix: key.prefix,
            organisation: key.organisation,
            permissions: narrowed.clone(),
            issued_at: now,
            expires_at: ends,
        };
        Ok(ClientToken {
            access: self.issuer.issue_client(&claims).map_err(AuthError::from)?,
            expires_in: ends - now,
            permissions: narrowed.unwrap_or(key.permissions),
        })
    }

    /// The scope that an API key or a token of one stands for.
    ///
    /// # Errors
    /// [`AuthError::Refused`] also for a token whose key has been revoked since.
    pub async fn authenticate_client(&self, bearer: &str) -> Result<Scope, AuthError> {
        if let Some(secret) = ApiKeySecret::parse(bearer) {
            let key = self.api_key(secret).await?;
            return Ok(self.scope_of(&key).await);
        }
        let now = self.desk.clock.now();
        let claims = self.issuer.read_client(bearer).filter(|claims| now < claims.expires_at);
        let claims = claims.ok_or(AuthError::Refused)?;
        let found = self.reader.api_key_by_prefix(&claims.prefix).await?;
        let same = |key: &ApiKey| (key.id, key.organisation) == (claims.key, claims.organisation);
        let mut key = found.filter(|key| same(key) && key.is_usable(now)).ok_or(AuthError::Refused)?;
        if let Some(permissions) = claims.permissions {
            key.permissions.retain(|permission| permissions.contains(permission));
        }
        Ok(self.scope_of(&key).await)
    }

    async fn api_key(&self, secret: ApiKeySecret) -> Result<ApiKey, AuthError> {
        let key = self.reader.api_key_by_prefix(secret.prefix()).await?;
        let usable = |key: &ApiKey| key.digest == secret.digest() && key.is_usable(self.desk.clock.now());
        key.filter(usable).ok_or(AuthError::Refused)
    }

    /// Who the key stands for. That it is used is noted now and then; a store that cannot do that
    /// keeps nobody out.
    async fn scope_of(&self, key: &ApiKey) -> Scope {
        let now = self.desk.clock.now();
        if key.is_use_news(now) {
            let _ = self.note_use(key, now).await;
        }
        Scope::limited(key.organisation, Actor::ApiKey(key.id), key.rights(), self.sight.clone())
    }

    async fn note_use(&self, key: &ApiKey, at: Timestamp) -> Result<(), StoreError> {
        let mut tx = self.desk.begin().await?;
        tx.api_keys().api_key_used(key.id, at).await?;
        tx.commit().await
    }
}

/// The permissions that are named, all of which the key must have.
fn narrowed(wanted: &str, own: &PermissionSet) -> Result<PermissionSet, ClientError> {
    let named = wanted.split(' ').filter(|word| !word.is_empty());
    let named: Result<PermissionSet, _> = named.map(str::parse).collect();
    named.ok().filter(|named| !named.is_empty() && named.is_subset(own)).ok_or(ClientError::Scope)
}
