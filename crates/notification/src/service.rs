//! The use cases of this domain, one group a file.

mod alerts;
mod deliveries;
mod follow;
mod keeper;
mod rules;
mod tell;

use std::sync::Arc;

use kernel::{AuditEntry, AuditVerb, Begin, Clock, IdSource, Scope};
use uuid::Uuid;

use crate::port::{AlertReader, AlertTx, KnownDepots};

pub use deliveries::{DeliveryService, Outcome};
pub use follow::Follower;
pub use keeper::Keeper;
pub use rules::MOST_RULES;

/// What operators do with alerts and rules.
pub struct AlertService {
    store: Arc<dyn Begin<dyn AlertTx>>,
    reader: Arc<dyn AlertReader>,
    depots: Arc<dyn KnownDepots>,
    clock: Arc<dyn Clock>,
    ids: Arc<dyn IdSource>,
}

impl AlertService {
    pub fn new<S>(store: Arc<S>, clock: Arc<dyn Clock>, ids: Arc<dyn IdSource>) -> Self
    where
        S: Begin<dyn AlertTx> + AlertReader + KnownDepots + 'static,
    {
        Self { store: store.clone(), reader: store.clone(), depots: store, clock, ids }
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
