//! Who is asking, for which organisation, and what they may do.
//!
//! A [`Scope`] is the first argument of every use case and narrows every query. What lies outside
//! it does not exist for the caller: absent, never "forbidden".

use std::{collections::BTreeSet, fmt, str::FromStr};

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::id::{ApiKeyId, ChargePointId, OrganisationId, UserId};

/// Whoever causes a change, as the audit log names them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", content = "id", rename_all = "snake_case")]
pub enum Actor {
    User(UserId),
    ApiKey(ApiKeyId),
    ChargePoint(ChargePointId),
    /// The backend itself: a control loop, an import, the command line.
    System,
}

impl Actor {
    /// The word for the kind of actor: `user`, `api_key`, `charge_point` or `system`.
    pub const fn kind(self) -> &'static str {
        match self {
            Self::User(_) => "user",
            Self::ApiKey(_) => "api_key",
            Self::ChargePoint(_) => "charge_point",
            Self::System => "system",
        }
    }

    pub fn id(self) -> Option<Uuid> {
        match self {
            Self::User(id) => Some(id.into()),
            Self::ApiKey(id) => Some(id.into()),
            Self::ChargePoint(id) => Some(id.into()),
            Self::System => None,
        }
    }
}

macro_rules! permissions {
    ($($(#[$doc:meta])* $name:ident => $text:literal),* $(,)?) => {
        /// What a role may allow, written `domain:action`.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Permission {
            $($(#[$doc])* $name,)*
        }

        impl Permission {
            pub const ALL: &'static [Permission] = &[$(Permission::$name,)*];

            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Permission::$name => $text,)*
                }
            }
        }
    };
}

permissions! {
    DepotRead => "depot:read",
    DepotWrite => "depot:write",
    ChargePointRead => "charge_point:read",
    ChargePointWrite => "charge_point:write",
    /// Give commands to chargers.
    ChargePointCommand => "charge_point:command",
    VehicleRead => "vehicle:read",
    VehicleWrite => "vehicle:write",
    IdTagRead => "id_tag:read",
    IdTagWrite => "id_tag:write",
    TransactionRead => "transaction:read",
    /// Stop a running transaction.
    TransactionStop => "transaction:stop",
    ChargingRead => "charging:read",
    /// Change limits, overrides and strategies of the running control.
    ChargingWrite => "charging:write",
    PriorityRead => "priority:read",
    /// Change levels, rules and overrides of what charges first.
    PriorityWrite => "priority:write",
    DispatchRead => "dispatch:read",
    /// Create, import, change and assign runs.
    DispatchWrite => "dispatch:write",
    /// See charts of all that is measured, planned and dispatched.
    ChartRead => "chart:read",
    UserRead => "user:read",
    UserWrite => "user:write",
    RoleRead => "role:read",
    RoleWrite => "role:write",
    ApiKeyRead => "api_key:read",
    ApiKeyWrite => "api_key:write",
    AuditRead => "audit:read",
    OrganisationRead => "organisation:read",
    OrganisationWrite => "organisation:write",
    DeadLetterRead => "dead_letter:read",
    DeadLetterWrite => "dead_letter:write",
    /// Read every frame that chargers sent or were sent.
    MessageLogRead => "message_log:read",
}

impl fmt::Display for Permission {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Permission {
    type Err = UnknownPermission;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL
            .iter()
            .copied()
            .find(|permission| permission.as_str() == text)
            .ok_or_else(|| UnknownPermission(text.to_owned()))
    }
}

impl Serialize for Permission {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for Permission {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

#[derive(Debug, thiserror::Error)]
#[error("unknown permission `{0}`")]
pub struct UnknownPermission(pub String);

pub type PermissionSet = BTreeSet<Permission>;

/// The caller's rights, carried through every use case.
#[derive(Clone, Debug)]
pub struct Scope {
    organisation: OrganisationId,
    actor: Actor,
    permissions: PermissionSet,
    request_id: Option<String>,
}

impl Scope {
    pub fn new(organisation: OrganisationId, actor: Actor, permissions: PermissionSet) -> Self {
        Self { organisation, actor, permissions, request_id: None }
    }

    /// The backend acting for an organisation by its own rules, with every permission.
    pub fn system(organisation: OrganisationId) -> Self {
        Self::new(organisation, Actor::System, Permission::ALL.iter().copied().collect())
    }

    #[must_use]
    pub fn with_request_id(mut self, request_id: impl Into<String>) -> Self {
        self.request_id = Some(request_id.into());
        self
    }

    pub fn organisation(&self) -> OrganisationId {
        self.organisation
    }

    pub fn actor(&self) -> Actor {
        self.actor
    }

    pub fn permissions(&self) -> &PermissionSet {
        &self.permissions
    }

    pub fn request_id(&self) -> Option<&str> {
        self.request_id.as_deref()
    }

    pub fn allows(&self, permission: Permission) -> bool {
        self.permissions.contains(&permission)
    }

    /// The first line of every use case.
    ///
    /// # Errors
    /// [`Denied`] where the scope lacks the permission.
    pub fn require(&self, permission: Permission) -> Result<(), Denied> {
        if self.allows(permission) { Ok(()) } else { Err(Denied { permission }) }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("permission `{permission}` is needed")]
pub struct Denied {
    pub permission: Permission,
}
