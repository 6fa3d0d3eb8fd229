//! Finished reports, found again and read.

use kernel::{DepotId, Page, PageRequest, Permission, Reach, Scope};

use super::ReportService;
use crate::{
    error::ReportError,
    kind::Kind,
    model::ReportEntry,
    port::{EntryFilter, Redeemed},
};

impl ReportService {
    /// What reports there are.
    ///
    /// # Errors
    /// [`ReportError::Denied`] only.
    pub fn kind_list(&self, scope: &Scope) -> Result<&'static [Kind], ReportError> {
        scope.require_somewhere(Permission::ReportRead)?;
        Ok(&Kind::ALL)
    }

    /// Finished reports, the newest first. A page may be short though there are more
    /// ([`crate::ReportIndex::entry_list`]).
    ///
    /// # Errors
    /// [`ReportError::Denied`] and store errors only.
    pub async fn report_list(
        &self,
        scope: &Scope,
        mut filter: EntryFilter,
        page: PageRequest,
    ) -> Result<Page<ReportEntry>, ReportError> {
        let reach = scope.require(Permission::ReportRead)?;
        filter.within = self.seen(&reach, filter.within).await?;
        if filter.within.as_ref().is_some_and(Vec::is_empty) {
            return Ok(Page { items: Vec::new(), next: None });
        }
        Ok(self.index.entry_list(scope.organisation(), &filter, self.clock.now(), page).await?)
    }

    /// Those of some depots, or of all, that are seen; `None` where nothing narrows them.
    async fn seen(
        &self,
        reach: &Reach,
        wanted: Option<Vec<DepotId>>,
    ) -> Result<Option<Vec<DepotId>>, ReportError> {
        if reach.limited_to().is_none() {
            return Ok(wanted);
        }
        let seen = self.source.depots(reach, wanted.as_deref()).await?;
        Ok(Some(seen.into_iter().map(|depot| depot.id).collect()))
    }

    /// A file for whoever holds a link to it: the link is all the permission there is.
    ///
    /// # Errors
    /// [`ReportError::NoSuchFile`] for a link that was not given out here or has expired.
    pub async fn file_redeem(&self, ticket: &str) -> Result<Redeemed, ReportError> {
        self.blobs.blob_redeem(ticket, self.clock.now()).await?.ok_or(ReportError::NoSuchFile)
    }
}
