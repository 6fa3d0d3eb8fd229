//! People whom another issuer vouches for: what their tokens say, and the ports that find it out.
//!
//! An issuer says who somebody is and which groups they are in. What that is worth here is for the
//! configuration to say. How tokens are checked and where keys come from is not known here.

use std::{collections::BTreeSet, sync::Arc};

use async_trait::async_trait;
use kernel::{OrganisationId, ResourceGroupId, StoreError, Timestamp};
use serde::Serialize;
use uuid::Uuid;

use crate::model::{Organisation, Role, User};

/// Who somebody is at an issuer, which never gives the subject to somebody else.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Identity {
    pub issuer: String,
    pub subject: String,
}

/// An organisation as a configuration or a claim names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum OrganisationName {
    Id(OrganisationId),
    /// The name by which the installation asks for it.
    Handle(String),
}

impl OrganisationName {
    /// A text that is an id is taken as one.
    pub fn read(text: &str) -> Self {
        text.parse::<Uuid>().map_or_else(|_| Self::Handle(text.to_owned()), |id| Self::Id(id.into()))
    }
}

/// A role that a claim gives, by its name.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ClaimedRole {
    pub name: String,
    /// The group it holds in; `None` for the whole organisation.
    pub group: Option<ResourceGroupId>,
}

/// What a token says that has passed every check which needs no store.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ForeignClaims {
    pub identity: Identity,
    pub organisation: OrganisationName,
    pub email: Option<String>,
    /// Whether the issuer says that the email address is theirs.
    pub email_verified: bool,
    pub display_name: Option<String>,
    pub roles: BTreeSet<ClaimedRole>,
    /// Whether a verified email address may bind the user who has it here.
    pub may_link: bool,
}

/// Why a token of a known issuer is not taken. For operators: callers do not learn it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    Malformed,
    Algorithm,
    UnknownKey,
    Signature,
    Audience,
    Expired,
    NotYetValid,
    /// A claim that is needed is missing or is of another type.
    Claims,
    /// The claim names no organisation, or not the one that the user belongs to.
    Organisation,
    /// The user was made inactive here.
    Inactive,
    /// Another user has the email address.
    EmailTaken,
    /// Binding the user would leave the organisation without an administrator of its own.
    LastAdministrator,
}

impl Refusal {
    pub const fn word(self) -> &'static str {
        match self {
            Self::Malformed => "malformed",
            Self::Algorithm => "algorithm",
            Self::UnknownKey => "unknown_key",
            Self::Signature => "signature",
            Self::Audience => "audience",
            Self::Expired => "expired",
            Self::NotYetValid => "not_yet_valid",
            Self::Claims => "claims",
            Self::Organisation => "organisation",
            Self::Inactive => "inactive",
            Self::EmailTaken => "email_taken",
            Self::LastAdministrator => "last_administrator",
        }
    }
}

#[derive(Debug, thiserror::Error)]
pub enum ForeignError {
    #[error("the token is not of an issuer that is trusted here")]
    NotTrusted,
    #[error("the token of {issuer} is not taken: {}", why.word())]
    Refused { issuer: Arc<str>, why: Refusal },
    /// Its keys are not known, so nobody can tell.
    #[error("the keys of {issuer} cannot be had")]
    Away { issuer: Arc<str> },
}

/// Reads tokens of other issuers.
#[async_trait]
pub trait ForeignTokens: Send + Sync {
    /// What a token says that is good at `now`.
    async fn read(&self, token: &str, now: Timestamp) -> Result<ForeignClaims, ForeignError>;
}

/// Trusts nobody: an installation that names no issuer.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoIssuers;

#[async_trait]
impl ForeignTokens for NoIssuers {
    async fn read(&self, _: &str, _: Timestamp) -> Result<ForeignClaims, ForeignError> {
        Err(ForeignError::NotTrusted)
    }
}

/// What finds out what a foreign token is worth here, before any organisation is known.
#[async_trait]
pub trait ForeignReader: Send + Sync {
    async fn user_by_identity(&self, identity: &Identity) -> Result<Option<User>, StoreError>;

    async fn organisation_by_handle(&self, handle: &str) -> Result<Option<Organisation>, StoreError>;

    /// Those of `names` that the organisation has, in the order of their ids.
    async fn roles_by_name(
        &self,
        organisation: OrganisationId,
        names: &BTreeSet<&str>,
    ) -> Result<Vec<Role>, StoreError>;
}
