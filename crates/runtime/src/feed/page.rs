//! The feed a page at a time, for whoever asks again and again.

use kernel::{FedEvent, OrganisationId, StoreError};

use super::{Listener, LiveFeed, PAGE};

/// Events that one page looks through at most, so that whoever hears little of what happens does not
/// wait for long: they get what there was so far, and the place to go on from.
const MOST_LOOKED_THROUGH: usize = 2_000;

#[derive(Clone, Debug, PartialEq)]
pub struct FeedPage {
    pub events: Vec<FedEvent>,
    /// The place to go on from: all up to it was told, or is not for this listener.
    pub next: i64,
    /// Whether there may be more at once.
    pub more: bool,
}

#[derive(Debug, thiserror::Error)]
pub enum PageError {
    /// What came after the place is forgotten, or the place was never given.
    #[error("the place in the feed is not known any more")]
    Forgotten,
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl LiveFeed {
    /// Events after a place in their order, up to a limit. Without a place nothing but where the feed
    /// ends now.
    ///
    /// Places are given in transactions that wait for one another, so none appears before one that
    /// was passed, however long the work took that the event is about.
    ///
    /// # Errors
    /// [`PageError::Forgotten`]; store errors.
    pub async fn page(
        &self,
        organisation: OrganisationId,
        after: Option<i64>,
        limit: usize,
        listener: impl Listener,
    ) -> Result<FeedPage, PageError> {
        let feed = &self.0.feed;
        // All up to here is visible to the reads that follow.
        let newest = feed.feed_ends().await?.newest;
        let Some(after) = after else {
            return Ok(FeedPage { events: Vec::new(), next: newest, more: false });
        };
        let (mut place, mut events, mut looked, mut more) = (after, Vec::new(), 0, true);
        while more && looked < MOST_LOOKED_THROUGH && events.len() < limit {
            let read = feed.feed_after(place, Some(organisation), PAGE).await?;
            looked += read.len();
            more = read.len() == usize::from(PAGE);
            for fed in read {
                if events.len() == limit {
                    more = true;
                    break;
                }
                place = fed.place;
                if listener.hears(&fed.event).await? {
                    events.push(fed);
                }
            }
        }
        // Asked last: what was forgotten meanwhile was perhaps not read.
        let ends = feed.feed_ends().await?;
        if after < ends.forgotten || after > ends.newest {
            return Err(PageError::Forgotten);
        }
        let next = if more { place } else { place.max(newest) };
        Ok(FeedPage { events, next, more })
    }
}
