//! The use cases of resource groups over the store in memory.

mod use_cases;

use futures::executor::block_on;
use kernel::{IdSource, testing::CountingIds};
use resource_group::{
    Member, MemberKind,
    testing::{FakeGroups, contract},
};

#[test]
fn the_fake_keeps_the_contract() {
    let (store, ids) = (FakeGroups::default(), CountingIds::default());
    let organisation = ids.uuid().into();
    let depot = Member::Depot(ids.uuid().into());
    let thing = |kind: MemberKind, at: Option<Member>| {
        let member = kind.member(ids.uuid());
        store.add(organisation, member, at.map(|depot| depot.id().into()));
        member
    };
    store.add(organisation, depot, None);
    let things = contract::Things {
        organisation,
        depot,
        in_depot: [MemberKind::ChargePoint, MemberKind::Vehicle].map(|kind| thing(kind, Some(depot))),
        elsewhere: [MemberKind::ChargePoint, MemberKind::Vehicle].map(|kind| thing(kind, None)),
    };
    block_on(contract::holds(&store, &things));
}
