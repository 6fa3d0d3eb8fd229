//! Stands in until runs and plans have tables: there are none.

use ::charging::{DepotPlan, PlanReader};
use async_trait::async_trait;
use dispatch::{Run, RunReader};
use kernel::{DepotId, OrganisationId, StoreError, Timestamp};

use crate::connect::Sea;

#[async_trait]
impl RunReader for Sea {
    async fn runs_departing(
        &self,
        _: OrganisationId,
        _: DepotId,
        _: Timestamp,
        _: Timestamp,
    ) -> Result<Vec<Run>, StoreError> {
        Ok(Vec::new())
    }
}

#[async_trait]
impl PlanReader for Sea {
    async fn plan_of(&self, _: OrganisationId, _: DepotId) -> Result<Option<DepotPlan>, StoreError> {
        Ok(None)
    }
}
