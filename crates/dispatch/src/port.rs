//! What this domain needs of a store.

use async_trait::async_trait;
use kernel::{DepotId, OrganisationId, RunId, StoreError, Timestamp};

use crate::{model::Run, readiness::Readiness};

/// Runs within a unit of work. Rows of other organisations do not exist for it.
#[async_trait]
pub trait RunRepository: Send {
    /// Reads the row for change.
    async fn run_find(&mut self, organisation: OrganisationId, id: RunId) -> Result<Option<Run>, StoreError>;

    /// Keeps what was found of runs, beside their versions: those that are gone are left out.
    async fn readiness_save(
        &mut self,
        organisation: OrganisationId,
        found: &[(RunId, Readiness)],
    ) -> Result<(), StoreError>;
}

pub trait HasRuns: Send {
    fn runs(&mut self) -> &mut dyn RunRepository;
}

/// Reads outside a unit of work.
#[async_trait]
pub trait RunReader: Send + Sync {
    /// Runs of a depot that are not cancelled and depart from `from` until before `to`, departed ones
    /// included, by their departure.
    async fn runs_departing(
        &self,
        organisation: OrganisationId,
        depot: DepotId,
        from: Timestamp,
        to: Timestamp,
    ) -> Result<Vec<Run>, StoreError>;
}
