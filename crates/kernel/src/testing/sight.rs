//! Groups in memory, for tests of what a limited caller sees.

use std::{
    collections::BTreeSet,
    sync::{Arc, Mutex},
};

use async_trait::async_trait;

use crate::{
    id::{OrganisationId, ResourceGroupId},
    reach::{GroupSet, Rights, Sight, Thing},
    scope::{Actor, PermissionSet, Scope},
    store::StoreError,
};

/// Holds what it was told to, and nothing by way of depots.
#[derive(Debug, Default)]
pub struct FakeSight(Mutex<BTreeSet<(ResourceGroupId, Thing)>>);

impl FakeSight {
    pub fn put(&self, group: ResourceGroupId, thing: impl Into<Thing>) {
        self.0.lock().expect("no test panics while holding the groups").insert((group, thing.into()));
    }

    /// A caller who may do all this, but only within one group.
    pub fn scope(
        self: &Arc<Self>,
        org: OrganisationId,
        group: ResourceGroupId,
        may: &PermissionSet,
    ) -> Scope {
        Scope::limited(org, Actor::System, Rights::within([group], may), self.clone())
    }
}

#[async_trait]
impl Sight for FakeSight {
    async fn holds(&self, _: OrganisationId, groups: &GroupSet, thing: Thing) -> Result<bool, StoreError> {
        let held = self.0.lock().expect("no test panics while holding the groups");
        Ok(groups.iter().any(|group| held.contains(&(*group, thing))))
    }
}
