//! Nobody gives away, takes away or takes over what they do not hold.

use std::collections::BTreeSet;

use kernel::{Denied, Invalid, OrganisationId, PermissionSet, RoleId, Scope};

use crate::{error::AccessError, model::Role, port::AccessTx};

/// # Errors
/// [`Denied`] for the first permission that the scope lacks.
pub(super) fn holds(scope: &Scope, permissions: &PermissionSet) -> Result<(), Denied> {
    permissions.iter().try_for_each(|permission| scope.require(*permission))
}

/// # Errors
/// As [`holds`], for everything that the roles give.
pub(super) fn holds_roles(scope: &Scope, roles: &[Role]) -> Result<(), Denied> {
    roles.iter().try_for_each(|role| holds(scope, &role.permissions))
}

/// The roles of a command, which must all exist.
pub(super) async fn roles(
    tx: &mut dyn AccessTx,
    organisation: OrganisationId,
    ids: &BTreeSet<RoleId>,
) -> Result<Vec<Role>, AccessError> {
    let wanted: Vec<_> = ids.iter().copied().collect();
    let found = tx.roles().roles_find(organisation, &wanted).await?;
    let mut invalid = Invalid::default();
    for (index, id) in wanted.iter().enumerate() {
        if !found.iter().any(|role| role.id == *id) {
            invalid.push(format!("/role_ids/{index}"), "unknown_role", "no such role");
        }
    }
    invalid.into_result()?;
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
