//! The message log in DynamoDB.
//!
//! A frame is one item. Its partition is a charger's day, so that a charger's log is read from few
//! places, and none grows for ever or takes more than one charger can say. The index spreads an
//! organisation's hour over [`layout::SHARDS`] partitions, which are read side by side and merged.

mod item;
mod layout;
mod search;

use std::collections::HashMap;

use async_trait::async_trait;
use kernel::{OrganisationId, Page, PageRequest, StoreError, Timestamp};
use message_log::{Frame, FrameFilter, FrameStore, KeptFrame};

use self::search::Search;
use crate::{
    Dynamo,
    table::{Index, Table},
};

pub(crate) const TABLE: Table = Table {
    name: "frame",
    keys: ("log", "place"),
    index: Some(Index { name: "by_hour", keys: ("hour", "place") }),
    expires: Some("expires"),
};

#[async_trait]
impl FrameStore for Dynamo {
    async fn frames_append(&self, frames: &[KeptFrame]) -> Result<(), StoreError> {
        // A request may not name an item twice.
        let items: HashMap<_, _> = frames.iter().map(|kept| (kept.frame.id, item::write(kept))).collect();
        self.put_all(&TABLE, items.into_values().collect()).await
    }

    async fn frame_search(
        &self,
        organisation: OrganisationId,
        filter: &FrameFilter,
        now: Timestamp,
        page: PageRequest,
    ) -> Result<Page<Frame>, StoreError> {
        Search::new(self, organisation, filter, now, page).run().await
    }

    /// DynamoDB removes them itself.
    async fn frames_forget(&self, _: Timestamp) -> Result<u64, StoreError> {
        Ok(0)
    }
}
