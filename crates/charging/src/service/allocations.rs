//! What the control last decided, and why.

use std::sync::Arc;

use depot::DepotReader;
use kernel::{DepotId, Permission, Scope};

use crate::{
    error::ChargingError,
    port::{DepotAllocation, SetpointReader},
};

pub struct AllocationService {
    setpoints: Arc<dyn SetpointReader>,
    depots: Arc<dyn DepotReader>,
}

impl AllocationService {
    pub fn new<S: SetpointReader + DepotReader + 'static>(store: Arc<S>) -> Self {
        Self { setpoints: store.clone(), depots: store }
    }

    /// The last allocation of a depot; `None` before the first step.
    ///
    /// # Errors
    /// [`ChargingError::NoSuchDepot`] also for depots of others.
    pub async fn allocation_get(
        &self,
        scope: &Scope,
        depot: DepotId,
    ) -> Result<Option<DepotAllocation>, ChargingError> {
        scope.require(Permission::ChargingRead)?.sees(depot).await?.ok_or(ChargingError::NoSuchDepot)?;
        let organisation = scope.organisation();
        self.depots.depot_get(organisation, depot).await?.ok_or(ChargingError::NoSuchDepot)?;
        Ok(self.setpoints.allocation_of(organisation, depot).await?)
    }

    /// Whether the caller may try allocations of their own making.
    ///
    /// # Errors
    /// [`ChargingError::Denied`].
    pub fn may_preview(&self, scope: &Scope) -> Result<(), ChargingError> {
        Ok(scope.require_somewhere(Permission::ChargingRead)?)
    }
}
