//! The use cases of this domain.
//!
//! Whoever keeps groups decides who sees what, so every change needs the permission in the whole
//! organisation: within a group it would be a way out of it.

mod members;

use std::sync::Arc;

use kernel::{
    AuditEntry, AuditVerb, Begin, Clock, IdSource, Invalid, Page, PageRequest, Permission, ResourceGroupId,
    Scope, StoreError, Version,
};

use crate::{
    command::{ChangeGroup, CreateGroup, NAME_CHARS, check_members},
    error::GroupError,
    event,
    model::{Member, MemberKind, ResourceGroup},
    port::{GroupFilter, GroupReader, GroupTx},
    tree::{self, Node},
};

pub struct GroupService {
    store: Arc<dyn Begin<dyn GroupTx>>,
    reader: Arc<dyn GroupReader>,
    clock: Arc<dyn Clock>,
    ids: Arc<dyn IdSource>,
}

impl GroupService {
    pub fn new<S>(store: Arc<S>, clock: Arc<dyn Clock>, ids: Arc<dyn IdSource>) -> Self
    where
        S: Begin<dyn GroupTx> + GroupReader + 'static,
    {
        Self { store: store.clone(), reader: store, clock, ids }
    }

    /// # Errors
    /// [`GroupError::Invalid`] for unknown parents and members; [`GroupError::NameTaken`],
    /// [`GroupError::TooManyGroups`].
    pub async fn group_create(
        &self,
        scope: &Scope,
        command: CreateGroup,
    ) -> Result<ResourceGroup, GroupError> {
        scope.require_everywhere(Permission::ResourceGroupWrite)?;
        let mut invalid = Invalid::default();
        let name = invalid.text("/name", &command.name, NAME_CHARS);
        check_members(&mut invalid, &command.members);
        invalid.into_result()?;
        let now = self.clock.now();
        let group = ResourceGroup {
            id: self.ids.uuid().into(),
            organisation: scope.organisation(),
            version: Version::FIRST,
            parent: command.parent,
            name,
            members: command.members,
            created_at: now,
            updated_at: now,
        };
        let mut tx = self.store.begin().await?;
        let tree = tx.groups().tree_lock(group.organisation).await?;
        tree::check(&tree, &place(&group))?;
        members::check_known(&mut *tx, &group).await?;
        tx.groups().group_insert(&group).await?;
        let (clock, ids) = (&*self.clock, &*self.ids);
        tx.outbox().append(event::group(clock, ids, event::GROUP_CREATED, &group)).await?;
        if !group.members.is_empty() {
            tx.outbox().append(event::members(clock, ids, &group, &Default::default())).await?;
        }
        tx.audit().record(self.audit(scope, AuditVerb::Create, group.id).after(&group)).await?;
        tx.commit().await?;
        Ok(group)
    }

    /// # Errors
    /// [`GroupError::NoSuchGroup`] also for groups of others.
    pub async fn group_get(&self, scope: &Scope, id: ResourceGroupId) -> Result<ResourceGroup, GroupError> {
        let reach = scope.require(Permission::ResourceGroupRead)?;
        reach.sees(id).await?.ok_or(GroupError::NoSuchGroup)?;
        self.reader.group_get(scope.organisation(), id).await?.ok_or(GroupError::NoSuchGroup)
    }

    /// Those that the caller's grants reach, oldest first.
    ///
    /// # Errors
    /// [`GroupError::Denied`] and store errors only.
    pub async fn group_list(
        &self,
        scope: &Scope,
        filter: &GroupFilter,
        page: PageRequest,
    ) -> Result<Page<ResourceGroup>, GroupError> {
        let reach = scope.require(Permission::ResourceGroupRead)?;
        Ok(self.reader.group_list(&reach, filter, page).await?)
    }

    /// All that a group and those below it hold, with what depots bring along.
    ///
    /// # Errors
    /// [`GroupError::NoSuchGroup`].
    pub async fn contents(
        &self,
        scope: &Scope,
        id: ResourceGroupId,
        kind: Option<MemberKind>,
        page: PageRequest,
    ) -> Result<Page<Member>, GroupError> {
        self.group_get(scope, id).await?;
        Ok(self.reader.contents(scope.organisation(), id, kind, page).await?)
    }

    /// Renames or moves a group, the latter with all below it.
    ///
    /// # Errors
    /// As [`Self::group_create`], also for a move below itself; [`StoreError::Stale`].
    pub async fn group_change(
        &self,
        scope: &Scope,
        id: ResourceGroupId,
        expected: Option<Version>,
        command: ChangeGroup,
    ) -> Result<ResourceGroup, GroupError> {
        scope.require_everywhere(Permission::ResourceGroupWrite)?;
        let mut invalid = Invalid::default();
        let name = command.name.map(|name| invalid.text("/name", &name, NAME_CHARS));
        invalid.into_result()?;
        let mut tx = self.store.begin().await?;
        let tree = tx.groups().tree_lock(scope.organisation()).await?;
        let before = find(&mut *tx, scope, id, expected).await?;
        let mut group = before.clone();
        command.parent.apply(&mut group.parent);
        group.name = name.unwrap_or(group.name);
        tree::check(&tree, &place(&group))?;
        self.save(scope, &mut *tx, &before, &mut group).await?;
        let changed = event::group(&*self.clock, &*self.ids, event::GROUP_CHANGED, &group);
        tx.outbox().append(changed).await?;
        tx.commit().await?;
        Ok(group)
    }

    /// Deletes a group. What it held stays, and is seen by fewer.
    ///
    /// # Errors
    /// [`GroupError::HasChildren`]; [`GroupError::Granted`] while roles or keys are granted on it.
    pub async fn group_delete(
        &self,
        scope: &Scope,
        id: ResourceGroupId,
        expected: Option<Version>,
    ) -> Result<(), GroupError> {
        scope.require_everywhere(Permission::ResourceGroupWrite)?;
        let mut tx = self.store.begin().await?;
        let tree = tx.groups().tree_lock(scope.organisation()).await?;
        let group = find(&mut *tx, scope, id, expected).await?;
        if tree.iter().any(|node| node.parent == Some(id)) {
            return Err(GroupError::HasChildren);
        }
        match tx.groups().group_delete(&group).await {
            Err(StoreError::Reference) => return Err(GroupError::Granted),
            outcome => outcome?,
        }
        let deleted = event::group(&*self.clock, &*self.ids, event::GROUP_DELETED, &group);
        tx.outbox().append(deleted).await?;
        tx.audit().record(self.audit(scope, AuditVerb::Delete, id).before(&group)).await?;
        tx.commit().await?;
        Ok(())
    }

    /// Stores a changed group under a new version, with its audit entry.
    async fn save(
        &self,
        scope: &Scope,
        tx: &mut dyn GroupTx,
        before: &ResourceGroup,
        group: &mut ResourceGroup,
    ) -> Result<(), GroupError> {
        group.version = before.version.next();
        group.updated_at = self.clock.now();
        tx.groups().group_update(group, before.version).await?;
        let entry = self.audit(scope, AuditVerb::Update, group.id).before(before).after(group);
        Ok(tx.audit().record(entry).await?)
    }

    fn audit(&self, scope: &Scope, verb: AuditVerb, id: ResourceGroupId) -> AuditEntry {
        AuditEntry::new(scope, &*self.clock, &*self.ids, verb, "resource_group", id)
    }
}

async fn find(
    tx: &mut dyn GroupTx,
    scope: &Scope,
    id: ResourceGroupId,
    expected: Option<Version>,
) -> Result<ResourceGroup, GroupError> {
    let group = tx.groups().group_find(scope.organisation(), id).await?.ok_or(GroupError::NoSuchGroup)?;
    if expected.is_some_and(|expected| expected != group.version) {
        return Err(StoreError::Stale.into());
    }
    Ok(group)
}

fn place(group: &ResourceGroup) -> Node {
    Node { id: group.id, parent: group.parent, name: group.name.clone() }
}
