//! A store in memory, builders, and the contract that every adapter of the ports must pass.

pub mod contract;
pub mod contract_foreign;
mod fake;
mod fake_foreign;
mod fake_readers;

pub use fake::FakeAccess;
pub use fake_foreign::SaidClaims;

use kernel::{
    Clock, HashError, IdSource, OrganisationId, PermissionSet, SecretHasher, Version, testing::FakeClock,
};

use crate::{
    model::{AccessClaims, ApiKey, BuiltInRole, Email, Organisation, PasswordHash, Role, User},
    port::{TokenError, TokenIssuer},
    secret::ApiKeySecret,
};

pub fn organisation(ids: &dyn IdSource, name: &str) -> Organisation {
    let now = FakeClock::default().now();
    Organisation {
        id: ids.uuid().into(),
        version: Version::FIRST,
        name: name.to_owned(),
        handle: None,
        created_at: now,
        updated_at: now,
    }
}

/// An active user without roles.
pub fn user(ids: &dyn IdSource, organisation: OrganisationId, email: &str) -> User {
    let now = FakeClock::default().now();
    User {
        id: ids.uuid().into(),
        organisation,
        version: Version::FIRST,
        email: Email::normalise(email),
        display_name: "Ada".to_owned(),
        password: PasswordHash("plain$correct horse".to_owned()),
        invitation: None,
        identity: None,
        active: true,
        roles: [].into(),
        grants: [].into(),
        created_at: now,
        updated_at: now,
    }
}

pub fn role(
    ids: &dyn IdSource,
    organisation: OrganisationId,
    name: &str,
    permissions: PermissionSet,
) -> Role {
    let now = FakeClock::default().now();
    Role {
        id: ids.uuid().into(),
        organisation,
        version: Version::FIRST,
        name: name.to_owned(),
        built_in: None,
        permissions,
        created_at: now,
        updated_at: now,
    }
}

pub fn built_in(ids: &dyn IdSource, organisation: OrganisationId, built_in: BuiltInRole) -> Role {
    Role { built_in: Some(built_in), ..role(ids, organisation, built_in.name(), built_in.permissions()) }
}

pub fn api_key(ids: &dyn IdSource, organisation: OrganisationId, permissions: PermissionSet) -> ApiKey {
    let now = FakeClock::default().now();
    let secret = ApiKeySecret::generate(ids);
    ApiKey {
        id: ids.uuid().into(),
        organisation,
        version: Version::FIRST,
        name: "telematics".to_owned(),
        prefix: secret.prefix().to_owned(),
        digest: secret.digest(),
        permissions,
        groups: None,
        expires_at: None,
        revoked_at: None,
        last_used_at: None,
        created_at: now,
        updated_at: now,
    }
}

/// Writes claims down plainly, for tests that are not about signing.
#[derive(Debug, Default)]
pub struct PlainTokens;

impl TokenIssuer for PlainTokens {
    fn issue(&self, claims: &AccessClaims) -> Result<String, TokenError> {
        let AccessClaims { user, organisation, session, issued_at, expires_at } = claims;
        let (issued, expires) = (issued_at.timestamp(), expires_at.timestamp());
        Ok(format!("{user},{organisation},{},{issued},{expires}", session.0))
    }

    fn read(&self, token: &str) -> Option<AccessClaims> {
        let words: Vec<_> = token.split(',').collect();
        let [user, organisation, session, issued, expires] = words[..] else { return None };
        let instant = |word: &str| chrono::DateTime::from_timestamp(word.parse().ok()?, 0);
        Some(AccessClaims {
            user: user.parse().ok()?,
            organisation: organisation.parse().ok()?,
            session: crate::SessionId(session.parse().ok()?),
            issued_at: instant(issued)?,
            expires_at: instant(expires)?,
        })
    }
}

/// Counts how often it is asked, to show that unknown users cost as much as known ones.
#[derive(Debug, Default)]
pub struct CountingHasher {
    verified: std::sync::atomic::AtomicU32,
}

impl CountingHasher {
    pub fn verified(&self) -> u32 {
        self.verified.load(std::sync::atomic::Ordering::Relaxed)
    }
}

#[async_trait::async_trait]
impl SecretHasher for CountingHasher {
    async fn hash(&self, secret: &str) -> Result<String, HashError> {
        kernel::testing::PlainHasher.hash(secret).await
    }

    async fn verify(&self, secret: &str, hash: &str) -> Result<bool, HashError> {
        self.verified.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        kernel::testing::PlainHasher.verify(secret, hash).await
    }
}
