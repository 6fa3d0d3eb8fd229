//! How far callers see: a report is seen by who sees every depot that it is about, one about the whole
//! organisation by who reaches the whole organisation.
//!
//! Runs and schedules are few, so lists read a page and leave out of it what is not seen.

use kernel::{DepotId, Invalid, Page, Reach, StoreError};

use super::ReportService;

impl ReportService {
    /// Notes depots that are not there for the caller, and that one is needed where not all of them are.
    pub(super) async fn check_depots(
        &self,
        reach: &Reach,
        depots: Option<&[DepotId]>,
        invalid: &mut Invalid,
    ) -> Result<(), StoreError> {
        match depots {
            Some(depots) if self.source.depots(reach, Some(depots)).await?.len() < depots.len() => {
                invalid.push("/depot_id", "unknown_depot", "no such depot");
            }
            None if reach.limited_to().is_some() => {
                let detail = "must be given by who does not see the whole organisation";
                invalid.push("/depot_id", "required", detail);
            }
            Some(_) | None => {}
        }
        Ok(())
    }
}

/// Whether what is about some depots, or about all, is seen: `None` where it is not.
pub(super) async fn sees_all(reach: &Reach, depots: Option<&[DepotId]>) -> Result<Option<()>, StoreError> {
    let Some(depots) = depots else {
        return Ok(reach.limited_to().is_none().then_some(()));
    };
    for depot in depots {
        if reach.sees(*depot).await?.is_none() {
            return Ok(None);
        }
    }
    Ok(Some(()))
}

/// What is seen of a page.
pub(super) async fn seen_of<T>(
    reach: &Reach,
    page: Page<T>,
    depots: impl Fn(&T) -> Option<&[DepotId]>,
) -> Result<Page<T>, StoreError> {
    if reach.limited_to().is_none() {
        return Ok(page);
    }
    let mut items = Vec::with_capacity(page.items.len());
    for item in page.items {
        if sees_all(reach, depots(&item)).await?.is_some() {
            items.push(item);
        }
    }
    Ok(Page { items, next: page.next })
}
