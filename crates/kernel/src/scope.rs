//! Who is asking, for which organisation, and what they may do.
//!
//! A [`Scope`] is the first argument of every use case and narrows every query. What lies outside
//! it does not exist for the caller: absent, never "forbidden".

use std::{collections::BTreeSet, fmt, net::IpAddr, str::FromStr, sync::Arc};

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{
    id::{ApiKeyId, ChargePointId, OrganisationId, UserId},
    reach::{Blind, Reach, Rights, Sight},
};

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
    AlertRead => "alert:read",
    /// Say that somebody looks after an alert.
    AlertAcknowledge => "alert:acknowledge",
    AlertRuleRead => "alert_rule:read",
    /// Say who is told of which alerts.
    AlertRuleWrite => "alert_rule:write",
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
    ResourceGroupRead => "resource_group:read",
    /// Change groups and what they hold, which is to say who sees what.
    ResourceGroupWrite => "resource_group:write",
    ReportRead => "report:read",
    /// Have reports made, and say when.
    ReportWrite => "report:write",
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
#[derive(Clone)]
pub struct Scope {
    organisation: OrganisationId,
    actor: Actor,
    rights: Arc<Rights>,
    sight: Arc<dyn Sight>,
    session: Option<Uuid>,
    request_id: Option<String>,
    address: Option<IpAddr>,
}

impl Scope {
    /// A caller who holds permissions in the whole organisation.
    pub fn new(organisation: OrganisationId, actor: Actor, permissions: PermissionSet) -> Self {
        Self::limited(organisation, actor, Rights::from(permissions), Arc::new(Blind))
    }

    /// A caller whose rights may be limited to groups.
    pub fn limited(
        organisation: OrganisationId,
        actor: Actor,
        rights: impl Into<Arc<Rights>>,
        sight: Arc<dyn Sight>,
    ) -> Self {
        let rights = rights.into();
        Self { organisation, actor, rights, sight, session: None, request_id: None, address: None }
    }

    /// The backend acting for an organisation by its own rules, with every permission.
    pub fn system(organisation: OrganisationId) -> Self {
        Self::new(organisation, Actor::System, Permission::ALL.iter().copied().collect())
    }

    /// The signed-in device that asks.
    #[must_use]
    pub fn with_session(mut self, session: Uuid) -> Self {
        self.session = Some(session);
        self
    }

    #[must_use]
    pub fn with_request_id(mut self, request_id: impl Into<String>) -> Self {
        self.request_id = Some(request_id.into());
        self
    }

    /// From where the caller asks.
    #[must_use]
    pub fn with_address(mut self, address: IpAddr) -> Self {
        self.address = Some(address);
        self
    }

    pub fn organisation(&self) -> OrganisationId {
        self.organisation
    }

    pub fn actor(&self) -> Actor {
        self.actor
    }

    /// What the caller may do in the whole organisation.
    pub fn permissions(&self) -> &PermissionSet {
        &self.rights.everywhere
    }

    pub fn rights(&self) -> &Rights {
        &self.rights
    }

    /// The signed-in device that asks; `None` for those who carry other credentials.
    pub fn session(&self) -> Option<Uuid> {
        self.session
    }

    pub fn request_id(&self) -> Option<&str> {
        self.request_id.as_deref()
    }

    pub fn address(&self) -> Option<IpAddr> {
        self.address
    }

    /// Whether the permission holds anywhere.
    pub fn allows(&self, permission: Permission) -> bool {
        self.rights.extent(permission).is_ok()
    }

    /// The first line of every use case about things that groups can hold: where the permission
    /// holds.
    ///
    /// # Errors
    /// [`Denied`] where it holds nowhere.
    pub fn require(&self, permission: Permission) -> Result<Reach, Denied> {
        Ok(match self.rights.extent(permission)? {
            None => Reach::whole(self.organisation),
            Some(groups) => Reach::groups(self.organisation, groups, self.sight.clone()),
        })
    }

    /// The first line of use cases about what names no thing, such as the words for levels: it is
    /// enough to hold the permission anywhere.
    ///
    /// # Errors
    /// [`Denied`] where it holds nowhere.
    pub fn require_somewhere(&self, permission: Permission) -> Result<(), Denied> {
        self.rights.extent(permission).map(drop)
    }

    /// The first line of every use case about what belongs to the organisation as a whole.
    ///
    /// # Errors
    /// [`Denied`] also where the permission holds in some groups only.
    pub fn require_everywhere(&self, permission: Permission) -> Result<(), Denied> {
        if self.permissions().contains(&permission) { Ok(()) } else { Err(Denied { permission }) }
    }
}

impl fmt::Debug for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Scope")
            .field("organisation", &self.organisation)
            .field("actor", &self.actor)
            .field("rights", &self.rights)
            .field("request_id", &self.request_id)
            .finish_non_exhaustive()
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("permission `{permission}` is needed")]
pub struct Denied {
    pub permission: Permission,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::id::ResourceGroupId;

    fn ids(n: u128) -> Uuid {
        Uuid::from_u128(n)
    }

    #[test]
    fn a_permission_reaches_as_far_as_its_grants_and_no_further() {
        let (north, south) = (ResourceGroupId::from(ids(1)), ResourceGroupId::from(ids(2)));
        let mut rights = Rights::from(PermissionSet::from([Permission::DepotRead]));
        rights.add(Some(north), [Permission::DepotRead, Permission::VehicleRead]);
        rights.add(Some(south), [Permission::VehicleRead, Permission::VehicleWrite]);
        let scope = Scope::limited(ids(9).into(), Actor::System, rights, Arc::new(Blind));
        let reach = |permission| scope.require(permission).map(|reach| reach.limited_to().cloned());
        assert_eq!(reach(Permission::DepotRead), Ok(None));
        assert_eq!(reach(Permission::VehicleRead), Ok(Some([north, south].into())));
        assert_eq!(reach(Permission::VehicleWrite), Ok(Some([south].into())));
        let denied = Denied { permission: Permission::UserRead };
        assert_eq!(reach(Permission::UserRead), Err(denied));
        assert_eq!(scope.require_everywhere(Permission::UserRead), Err(denied));
        assert!(scope.require_everywhere(Permission::DepotRead).is_ok());
        assert!(scope.allows(Permission::VehicleWrite));
        assert!(scope.require_everywhere(Permission::VehicleWrite).is_err());
    }
}
