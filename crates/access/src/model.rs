//! What an organisation, a user, a role, an API key and a session are.

use std::{collections::BTreeSet, fmt, net::IpAddr};

use chrono::TimeDelta;
use kernel::{
    Actor, ApiKeyId, AuditId, AuditVerb, GroupSet, Invalid, OrganisationId, Permission, PermissionSet,
    ResourceGroupId, Rights, RoleId, Timestamp, UserId, Version,
};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use uuid::Uuid;

use crate::{foreign::Identity, secret::Digest};

/// A customer of the product. Everything else belongs to exactly one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Organisation {
    pub id: OrganisationId,
    pub version: Version,
    pub name: String,
    /// The name by which the installation itself asks for it, whatever it is called by now.
    pub handle: Option<String>,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
}

/// A person who signs in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct User {
    pub id: UserId,
    pub organisation: OrganisationId,
    pub version: Version,
    /// Unique in the whole installation: it says which organisation a sign-in means.
    pub email: Email,
    pub display_name: String,
    #[serde(skip)]
    pub password: PasswordHash,
    /// Until they have chosen a password of their own.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub invitation: Option<Invitation>,
    /// Who they are at the issuer that vouches for them. Such users have no password here, and what
    /// they may do is in their tokens, not in their roles.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub identity: Option<Identity>,
    /// An inactive user cannot sign in, and their sessions end at once.
    pub active: bool,
    /// Roles in the whole organisation.
    pub roles: BTreeSet<RoleId>,
    /// Roles within groups.
    pub grants: BTreeSet<GroupGrant>,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
}

impl User {
    /// Every role the user has, wherever.
    pub fn all_roles(&self) -> BTreeSet<RoleId> {
        self.roles.iter().copied().chain(self.grants.iter().map(|grant| grant.role)).collect()
    }
}

/// What lets a person choose their password, once and for a time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Invitation {
    #[serde(skip)]
    pub digest: Digest,
    pub expires_at: Timestamp,
}

/// How often somebody tried to sign in, and when last.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Attempts {
    pub count: u32,
    pub last: Timestamp,
}

/// A session that goes on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Session {
    pub id: SessionId,
    /// When its user signed in.
    pub begun_at: Timestamp,
    /// When its tokens were last exchanged: as often as an access token ends while it is in use.
    pub refreshed_at: Timestamp,
    pub expires_at: Timestamp,
    pub device: Device,
}

/// What is known of the device of a session, as it was when its tokens were last exchanged.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Device {
    /// What it calls itself.
    pub user_agent: Option<String>,
    pub address: Option<IpAddr>,
}

impl Device {
    /// Longer names are cut.
    const USER_AGENT_CHARS: usize = 300;

    pub fn new(user_agent: Option<&str>, address: Option<IpAddr>) -> Self {
        let cut = |text: &str| text.chars().take(Self::USER_AGENT_CHARS).collect();
        Self { user_agent: user_agent.map(cut), address }
    }
}

/// A role within a resource group and those below it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct GroupGrant {
    pub group: ResourceGroupId,
    pub role: RoleId,
}

/// A named set of permissions. Built-in roles come with every organisation and do not change.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Role {
    pub id: RoleId,
    pub organisation: OrganisationId,
    pub version: Version,
    pub name: String,
    pub built_in: Option<BuiltInRole>,
    /// Of a built-in role: what it means in this version of the program, not what was stored.
    pub permissions: PermissionSet,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BuiltInRole {
    /// Everything.
    Administrator,
    /// Runs the fleet: everything but the administration of access.
    Operator,
    /// Sees that every run has its vehicle: runs, vehicles and who charges first.
    Dispatcher,
    /// Keeps chargers working: their settings, orders to them, and what charges at them.
    Maintenance,
    /// Looks at the fleet.
    Viewer,
}

impl BuiltInRole {
    pub const ALL: [Self; 5] =
        [Self::Administrator, Self::Operator, Self::Dispatcher, Self::Maintenance, Self::Viewer];

    pub const fn name(self) -> &'static str {
        match self {
            Self::Administrator => "administrator",
            Self::Operator => "operator",
            Self::Dispatcher => "dispatcher",
            Self::Maintenance => "maintenance",
            Self::Viewer => "viewer",
        }
    }

    pub fn permissions(self) -> PermissionSet {
        Permission::ALL.iter().copied().filter(|permission| self.allows(*permission)).collect()
    }

    fn allows(self, permission: Permission) -> bool {
        let word = permission.as_str();
        let (domain, action) = word.split_once(':').unwrap_or((word, ""));
        let administration = match domain {
            "organisation" | "resource_group" => action != "read",
            "user" | "role" | "api_key" | "audit" | "dead_letter" => true,
            _ => false,
        };
        match self {
            Self::Administrator => true,
            Self::Operator => !administration,
            Self::Dispatcher => {
                use Permission::{AlertAcknowledge, DispatchWrite, PriorityWrite, VehicleWrite};
                let own =
                    matches!(permission, AlertAcknowledge | DispatchWrite | PriorityWrite | VehicleWrite);
                own || Self::Viewer.allows(permission)
            }
            Self::Maintenance => {
                use Permission::{AlertAcknowledge, ChargePointCommand, ChargePointWrite, TransactionStop};
                let own = matches!(
                    permission,
                    AlertAcknowledge | ChargePointCommand | ChargePointWrite | TransactionStop
                );
                own || Self::Viewer.allows(permission)
            }
            Self::Viewer => !administration && action == "read",
        }
    }
}

/// A machine's credential. The secret itself is shown once and kept nowhere.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ApiKey {
    pub id: ApiKeyId,
    pub organisation: OrganisationId,
    pub version: Version,
    pub name: String,
    /// The public part of the key: finds it, and tells keys apart in lists.
    pub prefix: String,
    #[serde(skip)]
    pub digest: Digest,
    pub permissions: PermissionSet,
    /// The groups it is good for; `None` for the whole organisation.
    pub groups: Option<GroupSet>,
    pub expires_at: Option<Timestamp>,
    pub revoked_at: Option<Timestamp>,
    /// To the minute; no change of the key.
    #[serde(skip)]
    pub last_used_at: Option<Timestamp>,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
}

/// How exactly the last use of a key is known: a write for each request would cost more than it tells.
const USE_NOTED_EVERY: TimeDelta = TimeDelta::minutes(1);

impl ApiKey {
    /// Whether a use at this moment is worth noting.
    pub(crate) fn is_use_news(&self, now: Timestamp) -> bool {
        self.last_used_at.is_none_or(|last| now - last >= USE_NOTED_EVERY)
    }

    pub fn is_usable(&self, now: Timestamp) -> bool {
        self.revoked_at.is_none() && self.expires_at.is_none_or(|expiry| now < expiry)
    }

    pub fn rights(&self) -> Rights {
        match &self.groups {
            None => self.permissions.clone().into(),
            Some(groups) => Rights::within(groups.iter().copied(), &self.permissions),
        }
    }
}

/// One signed-in device: the family of refresh tokens that came from one sign-in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct SessionId(pub Uuid);

/// One refresh token, good for one use. Used ones are kept until they expire: seeing one again
/// means that somebody copied it, and ends the session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RefreshToken {
    pub id: Uuid,
    pub session: SessionId,
    pub organisation: OrganisationId,
    pub user: UserId,
    pub digest: Digest,
    /// When the user signed in.
    pub begun_at: Timestamp,
    pub issued_at: Timestamp,
    pub expires_at: Timestamp,
    pub used_at: Option<Timestamp>,
    /// Who it was given to.
    pub device: Device,
}

impl RefreshToken {
    /// The session as its newest token tells it.
    pub fn session(&self) -> Session {
        Session {
            id: self.session,
            begun_at: self.begun_at,
            refreshed_at: self.issued_at,
            expires_at: self.expires_at,
            device: self.device.clone(),
        }
    }
}

/// What an access token says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AccessClaims {
    pub user: UserId,
    pub organisation: OrganisationId,
    pub session: SessionId,
    pub issued_at: Timestamp,
    pub expires_at: Timestamp,
}

/// What a token of an API key says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClientClaims {
    pub key: ApiKeyId,
    pub prefix: String,
    pub organisation: OrganisationId,
    /// What of the key's permissions it has; `None` for all.
    pub permissions: Option<PermissionSet>,
    pub issued_at: Timestamp,
    pub expires_at: Timestamp,
}

/// An entry of the audit trail, read back.
#[derive(Clone, Debug, PartialEq)]
pub struct AuditRecord {
    pub id: AuditId,
    pub organisation: OrganisationId,
    pub at: Timestamp,
    pub actor: Actor,
    pub verb: AuditVerb,
    pub resource: String,
    pub resource_id: Uuid,
    pub before: Option<Value>,
    pub after: Option<Value>,
    pub request_id: Option<String>,
    pub address: Option<IpAddr>,
}

/// An email address in the one spelling it is stored and compared in.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct Email(String);

impl Email {
    pub const MAX_CHARS: usize = 254;

    /// Notes what is wrong with the text, if anything, and returns it normalised.
    pub fn check(invalid: &mut Invalid, pointer: &str, text: &str) -> Self {
        let email = Self::normalise(text);
        let before = invalid.errors.len();
        invalid.text(pointer, &email.0, Self::MAX_CHARS);
        let fine = email.0.split_once('@').is_some_and(|(name, domain)| {
            !name.is_empty()
                && !domain.is_empty()
                && !domain.contains('@')
                && !domain.starts_with('.')
                && !domain.ends_with('.')
        });
        if invalid.errors.len() == before && (!fine || email.0.contains(char::is_whitespace)) {
            invalid.push(pointer, "malformed", "must be an email address");
        }
        email
    }

    /// The stored spelling of whatever somebody typed, which may be no address at all.
    pub fn normalise(text: &str) -> Self {
        Self(text.trim().to_lowercase())
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Email {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A salted, slow hash in PHC format. Never shown, not even in logs.
#[derive(Clone, PartialEq, Eq)]
pub struct PasswordHash(pub String);

impl PasswordHash {
    /// Of somebody who has no password: nothing matches it.
    pub(crate) fn of_nobody() -> Self {
        Self(String::new())
    }
}

impl fmt::Debug for PasswordHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PasswordHash(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn built_in_roles_are_nested_and_only_administrators_administer() {
        let [administrator, operator, dispatcher, maintenance, viewer] =
            BuiltInRole::ALL.map(BuiltInRole::permissions);
        for middle in [&dispatcher, &maintenance] {
            assert!(middle.is_subset(&operator) && viewer.is_subset(middle) && viewer != *middle);
        }
        assert_eq!(administrator.len(), Permission::ALL.len());
        assert!(operator.is_subset(&administrator) && viewer.is_subset(&operator));
        assert!(operator.contains(&Permission::ChargePointCommand));
        assert!(
            !operator.contains(&Permission::UserRead) && !operator.contains(&Permission::OrganisationWrite)
        );
        assert!(
            viewer.contains(&Permission::OrganisationRead) && !viewer.contains(&Permission::VehicleWrite)
        );
    }

    #[test]
    fn emails_compare_without_case_and_must_look_like_one() {
        let mut invalid = Invalid::default();
        assert_eq!(Email::check(&mut invalid, "/email", " Ada@Depot.Example ").as_str(), "ada@depot.example");
        assert!(invalid.errors.is_empty());
        for wrong in ["", "ada", "@depot", "ada@", "a@b@c", "a b@c", "a@.c", "a@c."] {
            let mut invalid = Invalid::default();
            Email::check(&mut invalid, "/email", wrong);
            assert_eq!(invalid.errors.len(), 1, "{wrong}");
        }
    }
}
