//! Finding finished reports again.

use async_trait::async_trait;
use kernel::{DepotId, OrganisationId, Page, PageRequest, ReportScheduleId, StoreError, Timestamp};

use crate::{
    kind::Kind,
    model::{EntryPlace, ReportEntry},
};

/// Which reports are asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EntryFilter {
    pub kind: Option<Kind>,
    pub schedule: Option<ReportScheduleId>,
    /// Only those about some of these depots and no others; `None`: all.
    pub within: Option<Vec<DepotId>>,
    /// Finished at or after.
    pub from: Option<Timestamp>,
    /// Finished before.
    pub to: Option<Timestamp>,
}

impl EntryFilter {
    /// Whether an entry is asked for. Stores that cannot ask all of it themselves do so with this.
    pub fn matches(&self, entry: &ReportEntry) -> bool {
        let within = |within: &Vec<DepotId>| {
            entry.subject.depots.as_ref().is_some_and(|depots| depots.iter().all(|d| within.contains(d)))
        };
        self.kind.is_none_or(|kind| kind == entry.place.kind)
            && self.schedule.is_none_or(|schedule| entry.place.schedule == Some(schedule))
            && self.within.as_ref().is_none_or(within)
            && self.from.is_none_or(|from| entry.place.at >= from)
            && self.to.is_none_or(|to| entry.place.at < to)
    }
}

#[async_trait]
pub trait ReportIndex: Send + Sync {
    /// Adds an entry, wholly or not at all. One that is there already stays one entry.
    async fn entry_put(&self, entry: &ReportEntry) -> Result<(), StoreError>;

    /// The newest first; of one instant, by descending id. What has expired by `now` is not there.
    /// A page may hold fewer entries than its limit, even none, though there are more: there is a
    /// next page for as long as `next` is given.
    async fn entry_list(
        &self,
        organisation: OrganisationId,
        filter: &EntryFilter,
        now: Timestamp,
        page: PageRequest,
    ) -> Result<Page<ReportEntry>, StoreError>;

    /// Removes an entry. One that is not there is no error.
    async fn entry_remove(&self, place: &EntryPlace) -> Result<(), StoreError>;
}
