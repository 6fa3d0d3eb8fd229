//! What every store of groups must do, whatever it is made of.

#![expect(clippy::unwrap_used, reason = "a contract is a test: it fails by panicking")]

use std::collections::BTreeSet;

use kernel::{
    Begin, IdSource, Limit, OrganisationId, PageRequest, ResourceGroupId, StoreError, Version,
    testing::CountingIds,
};

use super::group;
use crate::{
    model::{Member, MemberKind, ResourceGroup},
    port::{GroupFilter, GroupReader, GroupTx},
};

/// The whole of a store this contract talks to.
pub trait Store: Begin<dyn GroupTx> + GroupReader {}
impl<T: Begin<dyn GroupTx> + GroupReader> Store for T {}

/// What the organisation has, made by whoever runs the contract.
pub struct Things {
    pub organisation: OrganisationId,
    pub depot: Member,
    /// A charge point that stands in the depot and a vehicle at home there.
    pub in_depot: [Member; 2],
    /// A charge point and a vehicle elsewhere.
    pub elsewhere: [Member; 2],
}

/// Runs every clause on a store without groups.
pub async fn holds(store: &dyn Store, things: &Things) {
    let ids = CountingIds::default();
    // Ids of the things came from a source of the same kind.
    for _ in 0..1_000 {
        ids.uuid();
    }
    round_trip(store, things, &ids).await;
    organisations_are_apart(store, things, &ids).await;
    only_what_exists_is_known(store, things, &ids).await;
    contents_follow_the_tree(store, things, &ids).await;
    pages_and_filters(store, things, &ids).await;
}

async fn insert(store: &dyn Store, group: &ResourceGroup) {
    let mut tx = store.begin().await.unwrap();
    tx.groups().tree_lock(group.organisation).await.unwrap();
    tx.groups().group_insert(group).await.unwrap();
    tx.commit().await.unwrap();
}

async fn update(store: &dyn Store, group: &ResourceGroup, read: Version) -> Result<(), StoreError> {
    let mut tx = store.begin().await?;
    tx.groups().tree_lock(group.organisation).await?;
    tx.groups().group_update(group, read).await?;
    tx.commit().await
}

async fn contents(store: &dyn Store, things: &Things, of: ResourceGroupId) -> BTreeSet<Member> {
    let page = store.contents(things.organisation, of, None, PageRequest::default()).await.unwrap();
    page.items.into_iter().collect()
}

async fn round_trip(store: &dyn Store, things: &Things, ids: &CountingIds) {
    let org = things.organisation;
    let mut new = group(ids, org, None, "round trip");
    new.members = [things.depot, things.elsewhere[1]].into();
    insert(store, &new).await;
    assert_eq!(store.group_get(org, new.id).await.unwrap(), Some(new.clone()));

    let changed = ResourceGroup {
        version: Version(2),
        name: "renamed".into(),
        members: [things.elsewhere[0]].into(),
        ..new.clone()
    };
    update(store, &changed, Version(1)).await.unwrap();
    assert_eq!(store.group_get(org, new.id).await.unwrap(), Some(changed.clone()));
    assert!(matches!(update(store, &changed, Version(1)).await, Err(StoreError::Stale)));

    let mut tx = store.begin().await.unwrap();
    assert!(matches!(tx.groups().group_delete(&new).await, Err(StoreError::Stale)));
    tx.groups().group_delete(&changed).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(store.group_get(org, new.id).await.unwrap(), None);
}

async fn organisations_are_apart(store: &dyn Store, things: &Things, ids: &CountingIds) {
    let ours = group(ids, things.organisation, None, "ours");
    insert(store, &ours).await;
    let other: OrganisationId = ids.uuid().into();
    assert_eq!(store.group_get(other, ours.id).await.unwrap(), None);
    let page = store.group_list(&other.into(), &GroupFilter::default(), PageRequest::default()).await;
    assert!(page.unwrap().items.is_empty());
    assert!(
        store.contents(other, ours.id, None, PageRequest::default()).await.unwrap().items.is_empty(),
        "what it holds is of the other organisation"
    );
    let mut tx = store.begin().await.unwrap();
    assert_eq!(tx.groups().group_find(other, ours.id).await.unwrap(), None);
    assert!(tx.groups().tree_lock(other).await.unwrap().is_empty());
    let members = BTreeSet::from([things.depot]);
    assert!(tx.groups().members_known(other, &members).await.unwrap().is_empty());
}

async fn only_what_exists_is_known(store: &dyn Store, things: &Things, ids: &CountingIds) {
    let mut tx = store.begin().await.unwrap();
    let real: BTreeSet<_> = things.in_depot.into_iter().chain([things.depot]).collect();
    let mut asked = real.clone();
    asked.extend(MemberKind::ALL.map(|kind| kind.member(ids.uuid())));
    // A depot's id is not that of a vehicle.
    asked.insert(Member::Vehicle(things.depot.id().into()));
    assert_eq!(tx.groups().members_known(things.organisation, &asked).await.unwrap(), real);
}

/// Moves a small tree about: what a group brings together is always that of its branch.
async fn contents_follow_the_tree(store: &dyn Store, things: &Things, ids: &CountingIds) {
    let org = things.organisation;
    let whole: BTreeSet<_> = things.in_depot.into_iter().chain([things.depot]).collect();
    let top = group(ids, org, None, "top");
    let mut middle = group(ids, org, Some(top.id), "middle");
    middle.members = [things.elsewhere[0]].into();
    let mut low = group(ids, org, Some(middle.id), "low");
    low.members = [things.depot, things.in_depot[0]].into();
    let other = group(ids, org, None, "other");
    for group in [&top, &middle, &low, &other] {
        insert(store, group).await;
    }
    let all: BTreeSet<_> = whole.iter().copied().chain([things.elsewhere[0]]).collect();
    assert_eq!(contents(store, things, low.id).await, whole);
    assert_eq!(contents(store, things, middle.id).await, all);
    assert_eq!(contents(store, things, top.id).await, all);
    assert!(contents(store, things, other.id).await.is_empty());

    middle.version = Version(2);
    middle.parent = Some(other.id);
    update(store, &middle, Version(1)).await.unwrap();
    assert!(contents(store, things, top.id).await.is_empty());
    assert_eq!(contents(store, things, other.id).await, all);
    low.version = Version(2);
    low.parent = None;
    low.members.clear();
    update(store, &low, Version(1)).await.unwrap();
    assert_eq!(contents(store, things, other.id).await, [things.elsewhere[0]].into());
    assert!(contents(store, things, low.id).await.is_empty());
    low.version = Version(3);
    low.parent = Some(top.id);
    low.members = [things.depot].into();
    update(store, &low, Version(2)).await.unwrap();
    assert_eq!(contents(store, things, top.id).await, whole);
}

async fn pages_and_filters(store: &dyn Store, things: &Things, ids: &CountingIds) {
    let org = things.organisation;
    let mut parent = group(ids, org, None, "Pages_%");
    parent.members = things.elsewhere.into_iter().chain([things.depot]).collect();
    insert(store, &parent).await;
    let mut children = Vec::new();
    for number in 0..3 {
        let child = group(ids, org, Some(parent.id), &format!("child {number}"));
        insert(store, &child).await;
        children.push(child);
    }
    let two = PageRequest { limit: Limit::new(2).unwrap(), after: None };
    let below = GroupFilter { parent: Some(parent.id), ..GroupFilter::default() };
    let page = store.group_list(&org.into(), &below, two).await.unwrap();
    assert_eq!(page.items, children[..2]);
    let rest = store.group_list(&org.into(), &below, PageRequest { after: page.next, ..two }).await.unwrap();
    assert_eq!((&rest.items[..], rest.next), (&children[2..], None));
    let list = |filter| async move {
        store.group_list(&org.into(), &filter, PageRequest::default()).await.unwrap().items
    };
    let named = |search: &str| GroupFilter { search: Some(search.into()), ..GroupFilter::default() };
    assert_eq!(list(named("pAGES_%")).await, [parent.clone()]);
    let holding = GroupFilter { holding: Some(things.elsewhere[1]), ..GroupFilter::default() };
    assert_eq!(list(holding).await, [parent.clone()]);

    let mut seen = BTreeSet::new();
    let mut request = two;
    loop {
        let page = store.contents(org, parent.id, None, request).await.unwrap();
        for member in page.items {
            assert!(seen.insert(member), "{member:?} came twice");
        }
        request.after = page.next;
        if page.next.is_none() {
            break;
        }
    }
    assert_eq!(seen.len(), 5);
    let page = store.contents(org, parent.id, Some(MemberKind::ChargePoint), PageRequest::default()).await;
    let charge_points: BTreeSet<_> = page.unwrap().items.into_iter().collect();
    assert_eq!(charge_points, [things.elsewhere[0], things.in_depot[0]].into());
}
