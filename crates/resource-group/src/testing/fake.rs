//! The ports over maps: a unit of work is a copy that replaces the original when it commits.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, Mutex, MutexGuard},
};

use async_trait::async_trait;
use kernel::{
    AuditEntry, AuditLog, Begin, Commit, Cursor, DepotId, Event, HasAudit, HasOutbox, OrganisationId, Outbox,
    Page, PageRequest, Reach, ResourceGroupId, StoreError, Version,
};

use crate::{
    model::{Member, MemberKind, ResourceGroup},
    port::{GroupFilter, GroupReader, GroupRepository, GroupTx, HasGroups},
    tree::Node,
};

#[derive(Clone, Debug, Default)]
struct State {
    groups: BTreeMap<ResourceGroupId, ResourceGroup>,
    /// What exists, and the depot it stands in or is at home at.
    things: BTreeMap<Member, (OrganisationId, Option<DepotId>)>,
    granted: BTreeSet<ResourceGroupId>,
    events: Vec<Event>,
    audit: Vec<AuditEntry>,
}

/// A store in memory. Clones share their content.
#[derive(Clone, Debug, Default)]
pub struct FakeGroups(Arc<Mutex<State>>);

impl FakeGroups {
    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().expect("no test panics while holding the state")
    }

    /// Makes something known that groups may hold.
    pub fn add(&self, organisation: OrganisationId, thing: Member, depot: Option<DepotId>) {
        self.state().things.insert(thing, (organisation, depot));
    }

    /// Notes that a role is granted on a group.
    pub fn grant(&self, group: ResourceGroupId) {
        self.state().granted.insert(group);
    }

    /// Names of the events that became durable, in order.
    pub fn event_names(&self) -> Vec<String> {
        self.state().events.iter().map(|event| event.name.to_string()).collect()
    }

    pub fn audit(&self) -> Vec<AuditEntry> {
        self.state().audit.clone()
    }
}

struct FakeTx {
    store: FakeGroups,
    state: State,
}

#[async_trait]
impl Begin<dyn GroupTx> for FakeGroups {
    async fn begin(&self) -> Result<Box<dyn GroupTx>, StoreError> {
        Ok(Box::new(FakeTx { store: self.clone(), state: self.state().clone() }))
    }
}

#[async_trait]
impl Commit for FakeTx {
    async fn commit(self: Box<Self>) -> Result<(), StoreError> {
        *self.store.state() = self.state;
        Ok(())
    }
}

impl HasGroups for FakeTx {
    fn groups(&mut self) -> &mut dyn GroupRepository {
        self
    }
}

impl HasOutbox for FakeTx {
    fn outbox(&mut self) -> &mut dyn Outbox {
        self
    }
}

impl HasAudit for FakeTx {
    fn audit(&mut self) -> &mut dyn AuditLog {
        self
    }
}

#[async_trait]
impl Outbox for FakeTx {
    async fn append(&mut self, event: Event) -> Result<(), StoreError> {
        self.state.events.push(event);
        Ok(())
    }
}

#[async_trait]
impl AuditLog for FakeTx {
    async fn record(&mut self, entry: AuditEntry) -> Result<(), StoreError> {
        self.state.audit.push(entry);
        Ok(())
    }
}

impl State {
    fn stored(&mut self, group: &ResourceGroup, read: Version) -> Result<(), StoreError> {
        let found = self.groups.get(&group.id).filter(|stored| stored.version == read);
        found.map(drop).ok_or(StoreError::Stale)
    }

    /// A group and all below it.
    fn branch(&self, id: ResourceGroupId) -> BTreeSet<ResourceGroupId> {
        let mut branch = BTreeSet::from([id]);
        loop {
            let below = self.groups.values().filter(|g| g.parent.is_some_and(|p| branch.contains(&p)));
            let grown: BTreeSet<_> = below.map(|group| group.id).chain(branch.iter().copied()).collect();
            if grown.len() == branch.len() {
                return branch;
            }
            branch = grown;
        }
    }
}

#[async_trait]
impl GroupRepository for FakeTx {
    async fn tree_lock(&mut self, organisation: OrganisationId) -> Result<Vec<Node>, StoreError> {
        let own = self.state.groups.values().filter(|group| group.organisation == organisation);
        let node =
            |group: &ResourceGroup| Node { id: group.id, parent: group.parent, name: group.name.clone() };
        Ok(own.map(node).collect())
    }

    async fn group_insert(&mut self, group: &ResourceGroup) -> Result<(), StoreError> {
        self.state.groups.insert(group.id, group.clone());
        Ok(())
    }

    async fn group_find(
        &mut self,
        organisation: OrganisationId,
        id: ResourceGroupId,
    ) -> Result<Option<ResourceGroup>, StoreError> {
        Ok(self.state.groups.get(&id).filter(|group| group.organisation == organisation).cloned())
    }

    async fn group_update(&mut self, group: &ResourceGroup, read: Version) -> Result<(), StoreError> {
        self.state.stored(group, read)?;
        self.state.groups.insert(group.id, group.clone());
        Ok(())
    }

    async fn group_delete(&mut self, group: &ResourceGroup) -> Result<(), StoreError> {
        self.state.stored(group, group.version)?;
        if self.state.granted.contains(&group.id) {
            return Err(StoreError::Reference);
        }
        self.state.groups.remove(&group.id);
        Ok(())
    }

    async fn members_known(
        &mut self,
        organisation: OrganisationId,
        members: &BTreeSet<Member>,
    ) -> Result<BTreeSet<Member>, StoreError> {
        let ours =
            |member: &&Member| self.state.things.get(member).is_some_and(|(owner, _)| *owner == organisation);
        Ok(members.iter().filter(ours).copied().collect())
    }
}

#[async_trait]
impl GroupReader for FakeGroups {
    async fn group_get(
        &self,
        organisation: OrganisationId,
        id: ResourceGroupId,
    ) -> Result<Option<ResourceGroup>, StoreError> {
        Ok(self.state().groups.get(&id).filter(|group| group.organisation == organisation).cloned())
    }

    async fn group_list(
        &self,
        reach: &Reach,
        filter: &GroupFilter,
        page: PageRequest,
    ) -> Result<Page<ResourceGroup>, StoreError> {
        let wanted = |group: &&ResourceGroup| {
            group.organisation == reach.organisation()
                && filter.parent.is_none_or(|parent| group.parent == Some(parent))
                && filter.holding.is_none_or(|member| group.members.contains(&member))
                && filter
                    .search
                    .as_ref()
                    .is_none_or(|search| group.name.to_lowercase().contains(&search.to_lowercase()))
                && page.after.is_none_or(|after| group.id.as_uuid() > after.id)
        };
        let rows = self.state().groups.values().filter(wanted).cloned().collect();
        let mut rows = reach.keep(rows, |group: &ResourceGroup| group.id).await?;
        rows.truncate(usize::from(page.limit.get()) + 1);
        Ok(Page::from_surplus(rows, page.limit, |group| Cursor::of(group.id)))
    }

    async fn contents(
        &self,
        organisation: OrganisationId,
        id: ResourceGroupId,
        kind: Option<MemberKind>,
        page: PageRequest,
    ) -> Result<Page<Member>, StoreError> {
        let state = self.state();
        let branch = state.branch(id);
        let held: BTreeSet<Member> = state
            .groups
            .values()
            .filter(|group| branch.contains(&group.id))
            .flat_map(|group| group.members.iter().copied())
            .collect();
        let brought = |depot: &Option<DepotId>| depot.is_some_and(|d| held.contains(&Member::Depot(d)));
        let mut rows: Vec<_> = state
            .things
            .iter()
            .filter(|(thing, (owner, depot))| {
                *owner == organisation && (held.contains(thing) || brought(depot))
            })
            .map(|(thing, _)| *thing)
            .filter(|thing| kind.is_none_or(|kind| thing.kind() == kind))
            .filter(|thing| page.after.is_none_or(|after| thing.id() > after.id))
            .collect();
        rows.sort_by_key(|thing| thing.id());
        rows.truncate(usize::from(page.limit.get()) + 1);
        Ok(Page::from_surplus(rows, page.limit, |thing| Cursor::of(thing.id())))
    }
}
