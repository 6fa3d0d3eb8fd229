//! The use cases of those who ask for reports, one group a file.

mod files;
mod reach;
mod runs;
mod schedules;

use std::sync::Arc;

use kernel::{AuditEntry, AuditVerb, Begin, Clock, IdSource, Scope};
use uuid::Uuid;

use crate::port::{BlobStore, ReportIndex, ReportReader, ReportSource, ReportTx};

pub use runs::{MOST_UNDER_WAY, ShownRun};

pub struct ReportService {
    store: Arc<dyn Begin<dyn ReportTx>>,
    reader: Arc<dyn ReportReader>,
    source: Arc<dyn ReportSource>,
    blobs: Arc<dyn BlobStore>,
    index: Arc<dyn ReportIndex>,
    clock: Arc<dyn Clock>,
    ids: Arc<dyn IdSource>,
}

impl ReportService {
    pub fn new<S>(
        store: Arc<S>,
        blobs: Arc<dyn BlobStore>,
        index: Arc<dyn ReportIndex>,
        clock: Arc<dyn Clock>,
        ids: Arc<dyn IdSource>,
    ) -> Self
    where
        S: Begin<dyn ReportTx> + ReportReader + ReportSource + 'static,
    {
        Self { store: store.clone(), reader: store.clone(), source: store, blobs, index, clock, ids }
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
