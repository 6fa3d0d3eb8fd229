//! What callers may ask for, and the checks that turn input into valid values.

use std::{collections::BTreeSet, net::IpAddr};

use kernel::{Actor, Change, GroupSet, Invalid, OrganisationId, PermissionSet, RoleId, Scope, Timestamp};

use crate::model::{Device, GroupGrant};

/// From where a caller asks who has not signed in yet.
#[derive(Clone, Copy, Debug, Default)]
pub struct Origin<'a> {
    pub request_id: Option<&'a str>,
    pub address: Option<IpAddr>,
    /// What the caller's device calls itself.
    pub user_agent: Option<&'a str>,
}

impl Origin<'_> {
    pub(crate) fn device(self) -> Device {
        Device::new(self.user_agent, self.address)
    }

    /// The scope of whoever it turned out to be, for the audit trail.
    pub(crate) fn scope(self, organisation: OrganisationId, actor: Actor) -> Scope {
        let mut scope = Scope::new(organisation, actor, PermissionSet::new());
        if let Some(id) = self.request_id {
            scope = scope.with_request_id(id);
        }
        match self.address {
            Some(address) => scope.with_address(address),
            None => scope,
        }
    }
}

/// A new user, active from the start.
#[derive(Clone)]
pub struct CreateUser {
    pub email: String,
    pub display_name: String,
    /// 8 to 256 characters; `None` invites the user to choose one.
    pub password: Option<String>,
    pub roles: BTreeSet<RoleId>,
    pub grants: BTreeSet<GroupGrant>,
}

/// A merge patch of a user. A new password, or `active: false`, ends all their sessions.
#[derive(Clone, Default)]
pub struct ChangeUser {
    pub email: Option<String>,
    pub display_name: Option<String>,
    pub password: Option<String>,
    pub active: Option<bool>,
    pub roles: Option<BTreeSet<RoleId>>,
    pub grants: Option<BTreeSet<GroupGrant>>,
}

#[derive(Clone, Debug)]
pub struct CreateRole {
    pub name: String,
    pub permissions: PermissionSet,
}

/// A merge patch of a role.
#[derive(Clone, Debug, Default)]
pub struct ChangeRole {
    pub name: Option<String>,
    pub permissions: Option<PermissionSet>,
}

#[derive(Clone, Debug)]
pub struct CreateApiKey {
    pub name: String,
    pub permissions: PermissionSet,
    /// The groups it is good for; `None` for the whole organisation.
    pub groups: Option<GroupSet>,
    /// In the future; `None` for a key that lasts until it is revoked.
    pub expires_at: Option<Timestamp>,
}

/// A merge patch of an API key. What it may do is fixed: another key is made for that.
#[derive(Clone, Debug, Default)]
pub struct ChangeApiKey {
    pub name: Option<String>,
    pub expires_at: Change<Timestamp>,
}

pub(crate) const NAME_CHARS: usize = 100;
const PASSWORD_CHARS: std::ops::RangeInclusive<usize> = 8..=256;

/// Notes a password that is too short or too long. Nothing else is asked of it: length is what
/// makes a password hard to guess, and composition rules are not.
pub(crate) fn check_password(invalid: &mut Invalid, pointer: &str, password: &str) {
    if !PASSWORD_CHARS.contains(&password.chars().count()) {
        let (least, most) = (PASSWORD_CHARS.start(), PASSWORD_CHARS.end());
        invalid.push(pointer, "out_of_range", format!("must have between {least} and {most} characters"));
    }
}
