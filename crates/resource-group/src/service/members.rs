//! What a group holds.

use std::collections::BTreeSet;

use kernel::{Invalid, Permission, ResourceGroupId, Scope, Version};

use super::{GroupService, find};
use crate::{
    command::check_members,
    error::GroupError,
    event,
    model::{Member, ResourceGroup},
    port::GroupTx,
};

impl GroupService {
    /// Replaces all members.
    ///
    /// # Errors
    /// [`GroupError::Invalid`] for members that do not exist; [`kernel::StoreError::Stale`].
    pub async fn members_put(
        &self,
        scope: &Scope,
        id: ResourceGroupId,
        expected: Option<Version>,
        members: BTreeSet<Member>,
    ) -> Result<ResourceGroup, GroupError> {
        self.change_members(scope, id, expected, |held| *held = members).await
    }

    /// Adds a member. Adding it again changes nothing.
    ///
    /// # Errors
    /// [`GroupError::NoSuchMember`] where it does not exist.
    pub async fn member_add(
        &self,
        scope: &Scope,
        id: ResourceGroupId,
        member: Member,
    ) -> Result<ResourceGroup, GroupError> {
        let add = |held: &mut BTreeSet<Member>| {
            held.insert(member);
        };
        match self.change_members(scope, id, None, add).await {
            Err(GroupError::Invalid(invalid)) if invalid.errors.iter().all(|e| e.code == UNKNOWN) => {
                Err(GroupError::NoSuchMember)
            }
            outcome => outcome,
        }
    }

    /// Removes a member.
    ///
    /// # Errors
    /// [`GroupError::NoSuchMember`] where the group does not hold it itself.
    pub async fn member_remove(
        &self,
        scope: &Scope,
        id: ResourceGroupId,
        member: Member,
    ) -> Result<ResourceGroup, GroupError> {
        let mut held_it = false;
        let outcome = self.change_members(scope, id, None, |held| held_it = held.remove(&member)).await?;
        if held_it { Ok(outcome) } else { Err(GroupError::NoSuchMember) }
    }

    async fn change_members(
        &self,
        scope: &Scope,
        id: ResourceGroupId,
        expected: Option<Version>,
        change: impl FnOnce(&mut BTreeSet<Member>) + Send,
    ) -> Result<ResourceGroup, GroupError> {
        scope.require_everywhere(Permission::ResourceGroupWrite)?;
        let mut tx = self.store.begin().await?;
        let before = find(&mut *tx, scope, id, expected).await?;
        let mut group = before.clone();
        change(&mut group.members);
        let mut invalid = Invalid::default();
        check_members(&mut invalid, &group.members);
        invalid.into_result()?;
        if group.members == before.members {
            return Ok(before);
        }
        check_known(&mut *tx, &group).await?;
        self.save(scope, &mut *tx, &before, &mut group).await?;
        let changed = event::members(&*self.clock, &*self.ids, &group, &before.members);
        tx.outbox().append(changed).await?;
        tx.commit().await?;
        Ok(group)
    }
}

const UNKNOWN: &str = "unknown_member";

/// All that a group is to hold has to exist.
pub(super) async fn check_known(tx: &mut dyn GroupTx, group: &ResourceGroup) -> Result<(), GroupError> {
    let known = tx.groups().members_known(group.organisation, &group.members).await?;
    let mut invalid = Invalid::default();
    for (index, member) in group.members.iter().enumerate() {
        if !known.contains(member) {
            invalid.push(format!("/members/{index}"), UNKNOWN, "no such depot, charge point or vehicle");
        }
    }
    Ok(invalid.into_result()?)
}
