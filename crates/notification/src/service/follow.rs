//! Reading the feed of events once through, whoever reads it and however often it breaks off.

use std::sync::Arc;

use kernel::{Advance, EventFeed, PositionReader, StoreError, Track};

use super::Keeper;

const BATCH: u16 = 256;
/// How far it may be read without saying so, where nothing is of concern.
const UNSAID: i64 = 4 * 1_024;

/// Takes up what happens. The place moves in the unit of work that takes events up, so each has its
/// effect once.
pub struct Follower {
    keeper: Keeper,
    feed: Arc<dyn EventFeed>,
    positions: Arc<dyn PositionReader>,
    place: Option<Place>,
}

/// How far it was read, and how far that is stored.
#[derive(Clone, Copy)]
struct Place {
    read: i64,
    stored: i64,
}

impl Follower {
    pub fn new<S>(keeper: Keeper, store: Arc<S>) -> Self
    where
        S: EventFeed + PositionReader + 'static,
    {
        Self { keeper, feed: store.clone(), positions: store, place: None }
    }

    fn track() -> Track {
        Track { consumer: "alerts", topic: "outbox".to_owned(), partition: 0 }
    }

    /// Forgets how far it has read, for when another may have read on.
    pub fn begin_anew(&mut self) {
        self.place = None;
    }

    /// Takes up the next events and returns how many there were; 0 at the end.
    ///
    /// # Errors
    /// Store errors only; the same events are read again.
    pub async fn step(&mut self) -> Result<usize, StoreError> {
        let place = match self.place {
            Some(place) => place,
            None => {
                let stored = self.positions.position_get(&Self::track()).await?.unwrap_or(0);
                Place { read: stored, stored }
            }
        };
        self.place = Some(place);
        let events = self.feed.feed_after(place.read, None, BATCH).await?;
        let Some(last) = events.last() else { return Ok(0) };
        let (count, read) = (events.len(), last.place);
        if !self.keeper.concerns(&events) && read - place.stored < UNSAID {
            self.place = Some(Place { read, ..place });
            return Ok(count);
        }
        let advance = Advance { track: Self::track(), from: place.stored, to: read };
        self.place = match self.keeper.take_up(&events, &advance).await? {
            true => Some(Place { read, stored: read }),
            false => None,
        };
        Ok(count)
    }
}
