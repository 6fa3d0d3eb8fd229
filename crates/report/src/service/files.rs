//! Finished reports, found again and read.

use kernel::{Page, PageRequest, Permission, Scope};

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
        scope.require(Permission::ReportRead)?;
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
        filter: EntryFilter,
        page: PageRequest,
    ) -> Result<Page<ReportEntry>, ReportError> {
        scope.require(Permission::ReportRead)?;
        Ok(self.index.entry_list(scope.organisation(), &filter, self.clock.now(), page).await?)
    }

    /// A file for whoever holds a link to it: the link is all the permission there is.
    ///
    /// # Errors
    /// [`ReportError::NoSuchFile`] for a link that was not given out here or has expired.
    pub async fn file_redeem(&self, ticket: &str) -> Result<Redeemed, ReportError> {
        self.blobs.blob_redeem(ticket, self.clock.now()).await?.ok_or(ReportError::NoSuchFile)
    }
}
