//! Stands in for the tables of runs until they exist: there are none, and nothing is kept of them.

use async_trait::async_trait;
use dispatch::{HasRuns, Readiness, Run, RunReader, RunRepository};
use kernel::{DepotId, OrganisationId, RunId, StoreError, Timestamp};

use crate::{connect::Sea, unit::SeaTx};

impl HasRuns for SeaTx {
    fn runs(&mut self) -> &mut dyn RunRepository {
        self
    }
}

#[async_trait]
impl RunRepository for SeaTx {
    async fn run_find(&mut self, _: OrganisationId, _: RunId) -> Result<Option<Run>, StoreError> {
        Ok(None)
    }

    async fn readiness_save(
        &mut self,
        _: OrganisationId,
        _: &[(RunId, Readiness)],
    ) -> Result<(), StoreError> {
        Ok(())
    }
}

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
