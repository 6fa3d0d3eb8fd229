//! The contract of resource groups, moves by many at once, and what is seen through groups.

use std::{collections::BTreeSet, sync::Arc};

use charge_point::{ChargePointFilter, ChargePointReader, ChargePointTx, testing::charger_at};
use depot::{DepotFilter, DepotReader, DepotTx};
use futures::future::join_all;
use kernel::{
    Begin, Change, GroupSet, IdSource, Kind, OrganisationId, PageRequest, Reach, ResourceGroupId, Scope,
    Sight, Thing, testing::CountingIds,
};
use resource_group::{
    ChangeGroup, CreateGroup, GroupFilter, GroupReader, GroupService, GroupTx, Member, ResourceGroup,
    testing::{contract, group},
};
use vehicle::{
    IdTagFilter, IdTagReader, VehicleFilter, VehicleReader, VehicleTx,
    testing::{bus, rfid},
};

use crate::{Fixture, on_both_engines};

on_both_engines!(
    keeps_the_contract,
    many_moves_at_once_leave_a_tree,
    lists_and_single_things_agree_on_what_is_seen,
    a_member_goes_with_its_thing,
    a_group_on_which_something_is_granted_stays,
);

/// A depot with a charge point and a vehicle, and one of each elsewhere.
async fn things(fixture: &Fixture, ids: &CountingIds, organisation: OrganisationId) -> contract::Things {
    let (here, there) =
        (depot::testing::depot(ids, organisation, "A"), depot::testing::depot(ids, organisation, "B"));
    let mut tx = Begin::<dyn DepotTx>::begin(&*fixture.sea).await.unwrap();
    tx.depots().depot_insert(&here).await.unwrap();
    tx.depots().depot_insert(&there).await.unwrap();
    tx.commit().await.unwrap();
    let mut made = Vec::new();
    for (n, place) in [&here, &there].into_iter().enumerate() {
        let charger = charger_at(ids, organisation, place.id, &format!("CP-{organisation}-{n}"));
        let mut tx = Begin::<dyn ChargePointTx>::begin(&*fixture.sea).await.unwrap();
        tx.charge_points().charge_point_insert(&charger).await.unwrap();
        tx.commit().await.unwrap();
        let mut vehicle = bus(ids, organisation, &format!("{n}"));
        vehicle.depot = (n == 0).then_some(place.id);
        let mut tag = rfid(ids, organisation, &format!("TAG-{n}"));
        tag.vehicle = Some(vehicle.id);
        let mut tx = Begin::<dyn VehicleTx>::begin(&*fixture.sea).await.unwrap();
        tx.vehicles().vehicle_insert(&vehicle).await.unwrap();
        tx.id_tags().id_tag_insert(&tag).await.unwrap();
        tx.commit().await.unwrap();
        made.push([Member::ChargePoint(charger.id), Member::Vehicle(vehicle.id)]);
    }
    contract::Things { organisation, depot: Member::Depot(here.id), in_depot: made[0], elsewhere: made[1] }
}

async fn keeps_the_contract(fixture: &Fixture) {
    let ids = CountingIds::default();
    let organisation = ids.uuid().into();
    let things = things(fixture, &ids, organisation).await;
    contract::holds(&*fixture.sea, &things).await;
}

async fn insert(fixture: &Fixture, group: &ResourceGroup) {
    let mut tx = Begin::<dyn GroupTx>::begin(&*fixture.sea).await.unwrap();
    tx.groups().group_insert(group).await.unwrap();
    tx.commit().await.unwrap();
}

async fn many_moves_at_once_leave_a_tree(fixture: &Fixture) {
    let ids = Arc::new(CountingIds::default());
    let scope = Scope::system(ids.uuid().into());
    let service = GroupService::new(fixture.sea.clone(), fixture.clock.clone(), ids.clone());
    let mut groups = Vec::new();
    for n in 0..6 {
        let command = CreateGroup { parent: None, name: format!("{n}"), members: BTreeSet::new() };
        groups.push(service.group_create(&scope, command).await.unwrap().id);
    }
    // Each tries to come below its neighbour: together they would be a ring.
    let below = |n: usize| {
        let parent = Change::Set(groups[(n + 1) % groups.len()]);
        service.group_change(&scope, groups[n], None, ChangeGroup { parent, ..ChangeGroup::default() })
    };
    let outcomes = join_all((0..groups.len()).map(below)).await;
    assert_eq!(outcomes.iter().filter(|outcome| outcome.is_err()).count(), 1, "one closes the ring");
    let (everything, page) = (scope.organisation().into(), PageRequest::default());
    let page = fixture.sea.group_list(&everything, &GroupFilter::default(), page).await;
    let tops = page.unwrap().items.iter().filter(|group| group.parent.is_none()).count();
    assert_eq!(tops, 1);
    // The paths agree with the parents: the top sees all six.
    let top = outcomes.iter().position(Result::is_err).unwrap();
    let reach = reach(fixture, scope.organisation(), groups[top]);
    let seen = fixture.sea.group_list(&reach, &GroupFilter::default(), PageRequest::default()).await;
    assert_eq!(seen.unwrap().items.len(), groups.len());
}

fn reach(fixture: &Fixture, organisation: OrganisationId, group: ResourceGroupId) -> Reach {
    Reach::groups(organisation, GroupSet::from([group]), fixture.sea.clone())
}

/// What the lists of depots, charge points, vehicles and tags show within a reach.
async fn listed(fixture: &Fixture, reach: &Reach) -> BTreeSet<Thing> {
    let (sea, page) = (&fixture.sea, PageRequest::default());
    let depots = sea.depot_list(reach, &DepotFilter::default(), page).await.unwrap().items;
    let chargers = sea.charge_point_list(reach, &ChargePointFilter::default(), page).await.unwrap().items;
    let vehicles = sea.vehicle_list(reach, &VehicleFilter::default(), page).await.unwrap().items;
    let tags = sea.id_tag_list(reach, &IdTagFilter::default(), page).await.unwrap().items;
    (depots.iter().map(|row| row.id.into()))
        .chain(chargers.iter().map(|row| row.id.into()))
        .chain(vehicles.iter().map(|row| row.id.into()))
        .chain(tags.iter().map(|row| row.id.into()))
        .collect()
}

async fn lists_and_single_things_agree_on_what_is_seen(fixture: &Fixture) {
    let ids = CountingIds::default();
    let organisation: OrganisationId = ids.uuid().into();
    let things = things(fixture, &ids, organisation).await;
    let all = listed(fixture, &organisation.into()).await;
    assert_eq!(all.len(), 8);

    let top = group(&ids, organisation, None, "top");
    let mut low = group(&ids, organisation, Some(top.id), "low");
    low.members = [things.depot, things.elsewhere[1]].into();
    let beside = group(&ids, organisation, None, "beside");
    for group in [&top, &low, &beside] {
        insert(fixture, group).await;
    }
    for (group, depots, chargers, vehicles, tags) in
        [(top.id, 1, 1, 2, 2), (low.id, 1, 1, 2, 2), (beside.id, 0, 0, 0, 0)]
    {
        let reach = reach(fixture, organisation, group);
        let listed = listed(fixture, &reach).await;
        let count = |kind| listed.iter().filter(|thing| thing.kind == kind).count();
        assert_eq!(
            [Kind::Depot, Kind::ChargePoint, Kind::Vehicle, Kind::IdTag].map(count),
            [depots, chargers, vehicles, tags]
        );
        for thing in &all {
            let alone = reach.sees(*thing).await.unwrap().is_some();
            assert_eq!(alone, listed.contains(thing), "{thing:?}");
        }
    }
    // Everything that can be asked for can be answered, also for what does not exist.
    let reach = reach(fixture, organisation, top.id);
    for kind in Kind::ALL {
        let nothing = Thing { kind: *kind, id: ids.uuid() };
        assert_eq!(reach.sees(nothing).await.unwrap(), None);
    }
    // The groups of one organisation show nothing of another.
    let other = ids.uuid().into();
    for thing in &all {
        assert!(!fixture.sea.holds(other, &GroupSet::from([top.id]), *thing).await.unwrap());
    }
}

async fn a_member_goes_with_its_thing(fixture: &Fixture) {
    let ids = CountingIds::default();
    let organisation: OrganisationId = ids.uuid().into();
    let vehicle = bus(&ids, organisation, "1");
    let mut tx = Begin::<dyn VehicleTx>::begin(&*fixture.sea).await.unwrap();
    tx.vehicles().vehicle_insert(&vehicle).await.unwrap();
    tx.commit().await.unwrap();
    let mut held = group(&ids, organisation, None, "held");
    held.members = [Member::Vehicle(vehicle.id)].into();
    insert(fixture, &held).await;
    let mut tx = Begin::<dyn VehicleTx>::begin(&*fixture.sea).await.unwrap();
    tx.vehicles().vehicle_delete(organisation, vehicle.id, vehicle.version).await.unwrap();
    tx.commit().await.unwrap();
    let left = fixture.sea.group_get(organisation, held.id).await.unwrap().unwrap();
    assert!(left.members.is_empty());
}

async fn a_group_on_which_something_is_granted_stays(fixture: &Fixture) {
    use ::access::{AccessTx, GroupGrant, testing as access};
    use kernel::StoreError;
    let ids = CountingIds::default();
    let organisation = access::organisation(&ids, "Stadtwerke");
    let (first, second) =
        (group(&ids, organisation.id, None, "first"), group(&ids, organisation.id, None, "second"));
    insert(fixture, &first).await;
    insert(fixture, &second).await;
    let role = access::role(&ids, organisation.id, "planner", [].into());
    let mut ada = access::user(&ids, organisation.id, "ada@depot.example");
    ada.grants = [GroupGrant { group: first.id, role: role.id }].into();
    let mut key = access::api_key(&ids, organisation.id, [].into());
    key.groups = Some([second.id].into());
    let mut tx = Begin::<dyn AccessTx>::begin(&*fixture.sea).await.unwrap();
    tx.organisations().organisation_insert(&organisation).await.unwrap();
    tx.roles().role_insert(&role).await.unwrap();
    tx.users().user_insert(&ada).await.unwrap();
    tx.api_keys().api_key_insert(&key).await.unwrap();
    let asked = GroupSet::from([first.id, second.id, ids.uuid().into()]);
    let known = tx.known_groups().groups_known(organisation.id, &asked).await.unwrap();
    assert_eq!(known, [first.id, second.id].into());
    assert_eq!(tx.users().user_find(organisation.id, ada.id).await.unwrap(), Some(ada.clone()));
    assert_eq!(tx.api_keys().api_key_find(organisation.id, key.id).await.unwrap(), Some(key.clone()));
    tx.commit().await.unwrap();
    for group in [&first, &second] {
        let mut tx = Begin::<dyn GroupTx>::begin(&*fixture.sea).await.unwrap();
        assert!(matches!(tx.groups().group_delete(group).await, Err(StoreError::Reference)));
    }
    let mut tx = Begin::<dyn AccessTx>::begin(&*fixture.sea).await.unwrap();
    let refused = tx.roles().role_delete(organisation.id, role.id, role.version).await;
    assert!(matches!(refused, Err(StoreError::Reference)));
}
