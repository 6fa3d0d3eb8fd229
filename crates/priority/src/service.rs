//! The use cases of this domain, one group a file.

mod levels;
mod overrides;
mod rules;

use std::sync::Arc;

use kernel::{AuditEntry, AuditVerb, Begin, Clock, DepotId, IdSource, Permission, Scope, VehicleId};
use uuid::Uuid;

use crate::{
    effective::{Effective, effective},
    error::PriorityError,
    port::{FactsReader, KnownTargets, PriorityReader, PriorityTx},
};

pub use rules::MOST_RULES;

pub struct PriorityService {
    store: Arc<dyn Begin<dyn PriorityTx>>,
    reader: Arc<dyn PriorityReader>,
    facts: Arc<dyn FactsReader>,
    targets: Arc<dyn KnownTargets>,
    clock: Arc<dyn Clock>,
    ids: Arc<dyn IdSource>,
}

impl PriorityService {
    pub fn new<S>(store: Arc<S>, clock: Arc<dyn Clock>, ids: Arc<dyn IdSource>) -> Self
    where
        S: Begin<dyn PriorityTx> + PriorityReader + FactsReader + KnownTargets + 'static,
    {
        Self { store: store.clone(), reader: store.clone(), facts: store.clone(), targets: store, clock, ids }
    }

    /// The level of every vehicle at a depot and what gave it, by the ids of the vehicles.
    ///
    /// # Errors
    /// [`PriorityError::NoSuchDepot`] also for depots of others.
    pub async fn effective_at(
        &self,
        scope: &Scope,
        depot: DepotId,
    ) -> Result<Vec<(VehicleId, Effective)>, PriorityError> {
        scope.require(Permission::PriorityRead)?.sees(depot).await?.ok_or(PriorityError::NoSuchDepot)?;
        let (organisation, now) = (scope.organisation(), self.clock.now());
        let facts = self.facts.facts_at_depot(organisation, depot, now).await?;
        let facts = facts.ok_or(PriorityError::NoSuchDepot)?;
        let rules = self.reader.rules(organisation).await?;
        let overrides = self.reader.overrides_active(organisation, now).await?;
        let level = |facts| effective(facts, &rules, &overrides);
        Ok(facts.iter().filter_map(|facts| Some((facts.vehicle?, level(facts)))).collect())
    }

    fn audit(
        &self,
        scope: &Scope,
        verb: AuditVerb,
        resource: &'static str,
        id: impl Into<Uuid>,
    ) -> AuditEntry {
        AuditEntry::new(scope, &*self.clock, &*self.ids, verb, resource, id)
    }
}
