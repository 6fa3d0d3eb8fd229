//! Groups as administrators keep them, and who may.

use std::{collections::BTreeSet, sync::Arc};

use futures::executor::block_on;
use kernel::{
    Actor, AuditVerb, Change, IdSource, OrganisationId, PageRequest, Permission, PermissionSet, Scope,
    StoreError, Version,
    testing::{CountingIds, FakeClock, sight::FakeSight},
};
use resource_group::{
    ChangeGroup, CreateGroup, GroupError, GroupFilter, GroupService, Member, ResourceGroup,
    testing::FakeGroups,
};

struct Fixture {
    store: FakeGroups,
    ids: Arc<CountingIds>,
    service: GroupService,
    scope: Scope,
}

impl Fixture {
    fn new() -> Self {
        let (store, ids) = (FakeGroups::default(), Arc::new(CountingIds::default()));
        let service = GroupService::new(Arc::new(store.clone()), Arc::new(FakeClock::default()), ids.clone());
        let scope = Scope::system(ids.uuid().into());
        Self { store, ids, service, scope }
    }

    fn organisation(&self) -> OrganisationId {
        self.scope.organisation()
    }

    fn depot(&self) -> Member {
        let depot = Member::Depot(self.ids.uuid().into());
        self.store.add(self.organisation(), depot, None);
        depot
    }

    fn create(&self, parent: Option<&ResourceGroup>, name: &str) -> Result<ResourceGroup, GroupError> {
        let parent = parent.map(|group| group.id);
        let command = CreateGroup { parent, name: name.into(), members: BTreeSet::new() };
        block_on(self.service.group_create(&self.scope, command))
    }
}

#[test]
fn a_group_is_made_moved_filled_and_deleted_and_all_is_on_record() {
    let f = Fixture::new();
    let north = f.create(None, " North ").unwrap();
    assert_eq!(north.name, "North");
    let buses = f.create(Some(&north), "Buses").unwrap();
    let south = f.create(None, "South").unwrap();
    let depot = f.depot();
    let filled = block_on(f.service.member_add(&f.scope, buses.id, depot)).unwrap();
    assert_eq!(filled.version, Version(2));
    let again = block_on(f.service.member_add(&f.scope, buses.id, depot)).unwrap();
    assert_eq!(again, filled, "adding it again changes nothing");
    let moved = ChangeGroup { parent: Change::Set(south.id), ..ChangeGroup::default() };
    block_on(f.service.group_change(&f.scope, buses.id, Some(Version(2)), moved)).unwrap();
    assert!(matches!(
        block_on(f.service.group_delete(&f.scope, south.id, None)),
        Err(GroupError::HasChildren)
    ));
    block_on(f.service.member_remove(&f.scope, buses.id, depot)).unwrap();
    let gone = block_on(f.service.member_remove(&f.scope, buses.id, depot));
    assert!(matches!(gone, Err(GroupError::NoSuchMember)));
    block_on(f.service.group_delete(&f.scope, buses.id, None)).unwrap();

    assert_eq!(
        f.store.event_names()[3..],
        [
            "manage.resource_group.members_changed.v1",
            "manage.resource_group.changed.v1",
            "manage.resource_group.members_changed.v1",
            "manage.resource_group.deleted.v1",
        ]
    );
    let verbs: Vec<_> = f.store.audit().into_iter().map(|entry| entry.verb).collect();
    use AuditVerb::{Create, Delete, Update};
    assert_eq!(verbs, [Create, Create, Create, Update, Update, Update, Delete]);
}

#[test]
fn no_group_comes_below_itself_and_siblings_have_names_of_their_own() {
    let f = Fixture::new();
    let top = f.create(None, "Top").unwrap();
    let middle = f.create(Some(&top), "Middle").unwrap();
    let low = f.create(Some(&middle), "Low").unwrap();
    for below in [&top, &middle, &low] {
        let change = ChangeGroup { parent: Change::Set(below.id), ..ChangeGroup::default() };
        let refused = block_on(f.service.group_change(&f.scope, top.id, None, change));
        assert!(matches!(refused, Err(GroupError::Invalid(invalid)) if invalid.errors[0].code == "cycle"));
    }
    assert!(matches!(f.create(Some(&top), "Middle"), Err(GroupError::NameTaken)));
    assert!(f.create(Some(&low), "Middle").is_ok());
}

#[test]
fn what_does_not_exist_is_no_member_and_an_older_version_changes_nothing() {
    let f = Fixture::new();
    let group = f.create(None, "North").unwrap();
    let stranger = Member::Vehicle(f.ids.uuid().into());
    let added = block_on(f.service.member_add(&f.scope, group.id, stranger));
    assert!(matches!(added, Err(GroupError::NoSuchMember)));
    let put = block_on(f.service.members_put(&f.scope, group.id, None, [stranger].into()));
    assert!(matches!(put, Err(GroupError::Invalid(_))));
    let stale = block_on(f.service.members_put(&f.scope, group.id, Some(Version(7)), BTreeSet::new()));
    assert!(matches!(stale, Err(GroupError::Store(StoreError::Stale))));
}

#[test]
fn a_group_on_which_something_is_granted_stays() {
    let f = Fixture::new();
    let group = f.create(None, "North").unwrap();
    f.store.grant(group.id);
    let deleted = block_on(f.service.group_delete(&f.scope, group.id, None));
    assert!(matches!(deleted, Err(GroupError::Granted)));
}

#[test]
fn whoever_reaches_a_group_only_reads_it_and_sees_no_other() {
    let f = Fixture::new();
    let (north, south) = (f.create(None, "North").unwrap(), f.create(None, "South").unwrap());
    let sight = Arc::new(FakeSight::default());
    sight.put(north.id, north.id);
    let may = PermissionSet::from([Permission::ResourceGroupRead, Permission::ResourceGroupWrite]);
    let limited = sight.scope(f.organisation(), north.id, &may);
    assert_eq!(block_on(f.service.group_get(&limited, north.id)).unwrap(), north);
    assert!(matches!(block_on(f.service.group_get(&limited, south.id)), Err(GroupError::NoSuchGroup)));
    let (all, page) = (GroupFilter::default(), PageRequest::default());
    let list = f.service.group_list(&limited, &all, page);
    assert_eq!(block_on(list).unwrap().items, std::slice::from_ref(&north));
    let widened = block_on(f.service.members_put(&limited, north.id, None, [f.depot()].into()));
    assert!(matches!(widened, Err(GroupError::Denied(_))), "it would be a way out of the group");
    let nobody = Scope::new(f.organisation(), Actor::System, PermissionSet::new());
    assert!(matches!(block_on(f.service.group_get(&nobody, north.id)), Err(GroupError::Denied(_))));
}
