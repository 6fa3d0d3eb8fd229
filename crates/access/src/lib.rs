//! Who may do what: organisations, their users and roles, API keys, sessions, and the audit trail.
//!
//! People sign in with an email and a password and get a short access token and a rotating refresh
//! token, or carry the token of an issuer that is trusted; machines carry API keys. Each becomes a [`kernel::Scope`], which every use case of every
//! domain asks first. Nobody gives away a permission they do not hold. This crate does not know how
//! tokens are signed, passwords are hashed or requests arrive.

pub mod command;
pub mod error;
pub mod event;
pub mod foreign;
mod hearing;
pub mod model;
pub mod port;
pub mod secret;
pub mod service;
#[cfg(any(test, feature = "testing"))]
pub mod testing;

pub use command::{ChangeApiKey, ChangeRole, ChangeUser, CreateApiKey, CreateRole, CreateUser, Origin};
pub use error::{AccessError, AuthError, ClientError};
pub use foreign::{
    ClaimedRole, ForeignClaims, ForeignError, ForeignReader, ForeignTokens, Identity, NoIssuers,
    OrganisationName, Refusal,
};
pub use hearing::{hears_something, may_hear};
pub use model::{
    AccessClaims, ApiKey, Attempts, AuditRecord, BuiltInRole, ClientClaims, Device, Email, GroupGrant,
    Invitation, Organisation, PasswordHash, RefreshToken, Role, Session, SessionId, User,
};
pub use port::{
    AccessReader, AccessTx, ApiKeyFilter, ApiKeyReader, ApiKeyRepository, AttemptRepository, AuditFilter,
    AuditReader, AuthReader, HasApiKeys, HasAttempts, HasKnownGroups, HasOrganisations, HasRefreshTokens,
    HasRoles, HasUsers, KnownGroups, OrganisationRepository, RefreshTokenRepository, RoleRepository,
    TokenError, TokenIssuer, UserFilter, UserRepository,
};
pub use secret::{ApiKeySecret, Digest};
pub use service::{
    AccessServices, ApiKeyService, AuditService, AuthService, Bootstrap, ClientToken, FirstAdministrator,
    Invited, Lifetimes, OrganisationService, Profile, RoleService, Tokens, UserService,
};
