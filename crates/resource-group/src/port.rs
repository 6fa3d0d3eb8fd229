//! What this domain needs of a store.

use std::collections::BTreeSet;

use async_trait::async_trait;
use kernel::{
    Commit, HasAudit, HasOutbox, OrganisationId, Page, PageRequest, Reach, ResourceGroupId, StoreError,
    Version,
};

use crate::{
    model::{Member, MemberKind, ResourceGroup},
    tree::Node,
};

/// Groups within a unit of work. Rows of other organisations do not exist for it.
#[async_trait]
pub trait GroupRepository: Send {
    /// Reads the organisation's tree for change. Until the unit of work ends, nobody else adds to
    /// it, moves in it or removes from it: two moves at once cannot make a cycle together.
    async fn tree_lock(&mut self, organisation: OrganisationId) -> Result<Vec<Node>, StoreError>;

    /// Stores a group with its members under its parent, which exists.
    async fn group_insert(&mut self, group: &ResourceGroup) -> Result<(), StoreError>;

    /// Reads a group with its members for change.
    async fn group_find(
        &mut self,
        organisation: OrganisationId,
        id: ResourceGroupId,
    ) -> Result<Option<ResourceGroup>, StoreError>;

    /// Stores a group with its members, and moves it with all below it where its parent is another;
    /// [`StoreError::Stale`] where the stored version is not `read`.
    async fn group_update(&mut self, group: &ResourceGroup, read: Version) -> Result<(), StoreError>;

    /// [`StoreError::Reference`] where something is granted on it; [`StoreError::Stale`].
    async fn group_delete(&mut self, group: &ResourceGroup) -> Result<(), StoreError>;

    /// Those of `members` that the organisation has.
    async fn members_known(
        &mut self,
        organisation: OrganisationId,
        members: &BTreeSet<Member>,
    ) -> Result<BTreeSet<Member>, StoreError>;
}

pub trait HasGroups: Send {
    fn groups(&mut self) -> &mut dyn GroupRepository;
}

/// The unit of work of this domain's use cases.
pub trait GroupTx: HasGroups + HasOutbox + HasAudit + Commit {}
impl<T: HasGroups + HasOutbox + HasAudit + Commit> GroupTx for T {}

#[derive(Clone, Debug, Default)]
pub struct GroupFilter {
    /// Groups directly below this one.
    pub parent: Option<ResourceGroupId>,
    /// Part of the name, in any case.
    pub search: Option<String>,
    /// Groups that hold this themselves.
    pub holding: Option<Member>,
}

/// Groups outside a unit of work.
#[async_trait]
pub trait GroupReader: Send + Sync {
    async fn group_get(
        &self,
        organisation: OrganisationId,
        id: ResourceGroupId,
    ) -> Result<Option<ResourceGroup>, StoreError>;

    /// Oldest first.
    async fn group_list(
        &self,
        reach: &Reach,
        filter: &GroupFilter,
        page: PageRequest,
    ) -> Result<Page<ResourceGroup>, StoreError>;

    /// All that a group and those below it hold, with what depots bring along, each once and by its
    /// id.
    async fn contents(
        &self,
        organisation: OrganisationId,
        id: ResourceGroupId,
        kind: Option<MemberKind>,
        page: PageRequest,
    ) -> Result<Page<Member>, StoreError>;
}
