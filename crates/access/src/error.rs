//! What can refuse a use case of this domain.

use chrono::TimeDelta;
use kernel::{Denied, Fault, FaultClass, HashError, Invalid, StoreError};

use crate::{foreign::ForeignError, port::TokenError};

/// Of the administration of access.
#[derive(Debug, thiserror::Error)]
pub enum AccessError {
    #[error("no such organisation")]
    NoSuchOrganisation,
    #[error("no such user")]
    NoSuchUser,
    #[error("no such role")]
    NoSuchRole,
    #[error("no such session")]
    NoSuchSession,
    #[error("no such API key")]
    NoSuchApiKey,
    #[error("no such audit entry")]
    NoSuchAuditEntry,
    #[error(transparent)]
    Denied(#[from] Denied),
    #[error(transparent)]
    Invalid(#[from] Invalid),
    #[error("another user has this email address")]
    EmailTaken,
    #[error("another role has this name")]
    RoleNameTaken,
    #[error("the role is built in and does not change")]
    RoleBuiltIn,
    #[error("users still have this role")]
    RoleInUse,
    #[error("the organisation would be left without an administrator")]
    LastAdministrator,
    #[error("an issuer vouches for the user and says what they may do")]
    UserOfIssuer,
    #[error("the API key is revoked")]
    KeyRevoked,
    #[error("the password cannot be stored")]
    Hash(#[from] HashError),
    #[error(transparent)]
    Store(StoreError),
}

impl From<StoreError> for AccessError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Duplicate { rule } if rule == "email" => Self::EmailTaken,
            StoreError::Duplicate { rule } if rule == "name" => Self::RoleNameTaken,
            other => Self::Store(other),
        }
    }
}

impl Fault for AccessError {
    fn class(&self) -> FaultClass<'_> {
        match self {
            Self::NoSuchOrganisation
            | Self::NoSuchUser
            | Self::NoSuchRole
            | Self::NoSuchSession
            | Self::NoSuchApiKey
            | Self::NoSuchAuditEntry => FaultClass::NotFound,
            Self::Denied(denied) => FaultClass::Denied(*denied),
            Self::Invalid(invalid) => FaultClass::Invalid(invalid),
            Self::EmailTaken => FaultClass::Conflict { code: "email_taken" },
            Self::RoleNameTaken => FaultClass::Conflict { code: "role_name_taken" },
            Self::RoleBuiltIn => FaultClass::Conflict { code: "role_built_in" },
            Self::RoleInUse => FaultClass::Conflict { code: "role_in_use" },
            Self::LastAdministrator => FaultClass::Conflict { code: "last_administrator" },
            Self::UserOfIssuer => FaultClass::Conflict { code: "user_of_issuer" },
            Self::KeyRevoked => FaultClass::Conflict { code: "api_key_revoked" },
            Self::Hash(_) => FaultClass::Internal,
            Self::Store(error) => error.class(),
        }
    }
}

/// Of signing in and of credentials. Deliberately poor in words: whoever guesses learns nothing.
#[derive(Debug, thiserror::Error)]
pub enum AuthError {
    /// Wrong, unknown, expired, revoked, inactive: the caller does not learn which.
    #[error("the credentials are not valid")]
    Refused,
    #[error("too many attempts; try again later")]
    Throttled { retry_after: TimeDelta },
    #[error("the password cannot be checked")]
    Hash(#[from] HashError),
    /// A token of an issuer that is trusted, which is not taken; or nobody can tell.
    #[error(transparent)]
    Foreign(#[from] ForeignError),
    #[error("no token can be issued")]
    Token(#[from] TokenError),
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Of a token for a client's key.
#[derive(Debug, thiserror::Error)]
pub enum ClientError {
    #[error("the key has not all of these permissions")]
    Scope,
    #[error(transparent)]
    Auth(#[from] AuthError),
}

impl From<StoreError> for ClientError {
    fn from(error: StoreError) -> Self {
        Self::Auth(error.into())
    }
}
