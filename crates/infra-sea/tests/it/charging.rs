//! Setpoints and allocations are kept whole, and nobody else's are seen.

use charging::{ChargingTx, DepotAllocation, NodeUse, Pending, Setpoint, SetpointReader};
use infra_sea::Sea;
use kernel::{Begin, Clock, DepotId, IdSource, OrganisationId, W, testing::CountingIds};

use crate::{Fixture, on_both_engines};

on_both_engines!(what_the_control_knows_is_kept);

async fn save(sea: &Sea, setpoints: &[Setpoint], allocation: &DepotAllocation, organisation: OrganisationId) {
    let mut tx = Begin::<dyn ChargingTx>::begin(sea).await.unwrap();
    tx.setpoints().setpoints_save(setpoints).await.unwrap();
    tx.setpoints().allocation_save(organisation, allocation).await.unwrap();
    tx.commit().await.unwrap();
}

async fn what_the_control_knows_is_kept(fixture: &Fixture) {
    let (sea, ids, now) = (&*fixture.sea, CountingIds::default(), fixture.clock.now());
    let (organisation, depot): (OrganisationId, DepotId) = (ids.uuid().into(), ids.uuid().into());
    let charge_point = ids.uuid().into();
    let mut first = Setpoint::unset(ids.uuid().into(), organisation, depot, charge_point);
    let second = Setpoint::unset(ids.uuid().into(), organisation, depot, charge_point);
    let node = NodeUse {
        circuit: ids.uuid().into(),
        limit: Some(W(400_000)),
        usable: None,
        used: W(1),
        measured: W(2),
        unmanaged: W(3),
    };
    let mut allocation = DepotAllocation { depot, computed_at: now, evses: Vec::new(), circuits: vec![node] };
    save(sea, &[first.clone(), second.clone()], &allocation, organisation).await;
    assert_eq!(sea.setpoints_of(organisation, depot).await.unwrap(), [first.clone(), second.clone()]);
    assert_eq!(sea.allocation_of(organisation, depot).await.unwrap(), Some(allocation.clone()));

    // What is saved again takes the place of what was; the rest stays.
    first.confirmed = Some(W(22_000));
    first.pending.push(Pending { value: W(11_000), commands: vec![ids.uuid().into()] });
    allocation.circuits.clear();
    save(sea, std::slice::from_ref(&first), &allocation, organisation).await;
    assert_eq!(sea.setpoints_of(organisation, depot).await.unwrap(), [first, second]);
    assert_eq!(sea.allocation_of(organisation, depot).await.unwrap(), Some(allocation));

    let stranger: OrganisationId = ids.uuid().into();
    assert!(sea.setpoints_of(stranger, depot).await.unwrap().is_empty());
    assert_eq!(sea.allocation_of(stranger, depot).await.unwrap(), None);
}
