//! Nobody gives away, takes away or takes over what they do not hold.

use kernel::{Denied, GroupSet, Invalid, OrganisationId, PermissionSet, ResourceGroupId, RoleId, Scope};

use crate::{
    error::AccessError,
    model::{GroupGrant, Role, User},
    port::AccessTx,
};

/// # Errors
/// [`Denied`] for the first permission that the scope lacks.
pub(super) fn holds(scope: &Scope, permissions: &PermissionSet) -> Result<(), Denied> {
    permissions.iter().try_for_each(|permission| scope.require_everywhere(*permission))
}

/// # Errors
/// [`Denied`] for the first permission that the scope holds neither everywhere nor in the group
/// itself.
pub(super) fn holds_within(
    scope: &Scope,
    group: ResourceGroupId,
    permissions: &PermissionSet,
) -> Result<(), Denied> {
    let held = scope.rights().within.get(&group);
    let held = |permission| held.is_some_and(|held| held.contains(permission));
    let mut lacking = permissions.iter().filter(|permission| !held(permission));
    lacking.try_for_each(|permission| scope.require_everywhere(*permission))
}

/// # Errors
/// As [`holds`] and [`holds_within`], for everything that a user has by these roles.
pub(super) fn holds_all(scope: &Scope, user: &User, roles: &[Role]) -> Result<(), Denied> {
    for role in roles {
        if user.roles.contains(&role.id) {
            holds(scope, &role.permissions)?;
        }
        for grant in user.grants.iter().filter(|grant| grant.role == role.id) {
            holds_within(scope, grant.group, &role.permissions)?;
        }
    }
    Ok(())
}

/// Notes groups that do not exist, each by its place in a list.
pub(super) async fn groups(
    tx: &mut dyn AccessTx,
    organisation: OrganisationId,
    wanted: impl Iterator<Item = ResourceGroupId> + Clone + Send,
    pointer: impl Fn(usize) -> String + Send,
) -> Result<(), AccessError> {
    let ids: GroupSet = wanted.clone().collect();
    if ids.is_empty() {
        return Ok(());
    }
    let known = tx.known_groups().groups_known(organisation, &ids).await?;
    let mut invalid = Invalid::default();
    for (index, _) in wanted.enumerate().filter(|(_, id)| !known.contains(id)) {
        invalid.push(pointer(index), "unknown_resource_group", "no such resource group");
    }
    Ok(invalid.into_result()?)
}

/// The roles that a user is to have, which must all exist, as must the groups.
pub(super) async fn roles(tx: &mut dyn AccessTx, user: &User) -> Result<Vec<Role>, AccessError> {
    let wanted: Vec<_> = user.all_roles().into_iter().collect();
    let found = tx.roles().roles_find(user.organisation, &wanted).await?;
    let unknown = |id: &RoleId| !found.iter().any(|role| role.id == *id);
    let mut invalid = Invalid::default();
    for (index, _) in user.roles.iter().enumerate().filter(|(_, id)| unknown(id)) {
        invalid.push(format!("/role_ids/{index}"), "unknown_role", "no such role");
    }
    for (index, _) in user.grants.iter().enumerate().filter(|(_, grant)| unknown(&grant.role)) {
        invalid.push(format!("/grants/{index}/role_id"), "unknown_role", "no such role");
    }
    invalid.into_result()?;
    let wanted = user.grants.iter().map(|grant: &GroupGrant| grant.group);
    groups(tx, user.organisation, wanted, |index| format!("/grants/{index}/resource_group_id")).await?;
    Ok(found)
}

/// Locks the organisation, so that changes of who administers it come one after the other.
pub(super) async fn lock(tx: &mut dyn AccessTx, organisation: OrganisationId) -> Result<(), AccessError> {
    match tx.organisations().organisation_find(organisation).await? {
        Some(_) => Ok(()),
        None => Err(AccessError::NoSuchOrganisation),
    }
}

/// # Errors
/// [`AccessError::LastAdministrator`] where what was just done leaves nobody to administer the
/// organisation.
pub(super) async fn still_administered(
    tx: &mut dyn AccessTx,
    organisation: OrganisationId,
) -> Result<(), AccessError> {
    match tx.users().administrators(organisation).await? {
        0 => Err(AccessError::LastAdministrator),
        _ => Ok(()),
    }
}
