//! Where this router is on each partition.
//!
//! The database knows; this remembers what it said, and trusts it only as far as the database
//! agrees at the next commit.

use std::{collections::BTreeMap, sync::Arc};

use kernel::{Advance, PositionReader, StoreError, Track};
use rdkafka::{
    Offset,
    consumer::{Consumer, StreamConsumer},
};

use super::CONSUMER;
use crate::{INBOUND, PATIENCE, blocking};

pub(super) struct Places {
    consumer: Arc<StreamConsumer>,
    positions: Arc<dyn PositionReader>,
    known: BTreeMap<i32, Place>,
}

/// One partition.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Place {
    /// What the database says is to be read next; `None` for a partition it does not know.
    stored: Option<i64>,
    /// What really is to be read next: differs where messages have expired unread, or the topic
    /// was made anew.
    next: i64,
}

/// What is to be done with a message.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Step {
    Due(Advance),
    /// It was recorded before, or messages before it are to be read first.
    Skip,
}

/// A walk along the partitions through one batch, which comes to nothing unless it is recorded.
#[derive(Default)]
pub(super) struct Walk(BTreeMap<i32, Place>);

impl Places {
    pub(super) fn new(consumer: Arc<StreamConsumer>, positions: Arc<dyn PositionReader>) -> Self {
        Self { consumer, positions, known: BTreeMap::new() }
    }

    /// Asks the database again before anything else is recorded.
    pub(super) fn forget(&mut self) {
        self.known.clear();
    }

    /// Notes what was recorded.
    pub(super) fn reached(&mut self, partition: i32, next: i64) {
        self.known.insert(partition, Place { stored: Some(next), next });
    }

    /// Whether a message is known to be recorded, or not ours to record now.
    pub(super) fn passed(&self, partition: i32, offset: i64) -> bool {
        self.known.get(&partition).is_some_and(|place| offset < place.next)
    }

    /// A partition's place, asked of the database where messages are missing before this one:
    /// another router may have recorded them while the partition was its own.
    async fn find(&mut self, partition: i32, offset: i64) -> Result<Place, StoreError> {
        if let Some(place) = self.known.get(&partition)
            && offset <= place.next
        {
            return Ok(*place);
        }
        let track = track(partition);
        let stored = self.positions.position_get(&track).await?;
        let consumer = self.consumer.clone();
        let (first, end) = blocking(move || consumer.fetch_watermarks(INBOUND, partition, PATIENCE)).await?;
        let place = Place { stored, next: begin(stored, offset, first, end) };
        if stored.is_some_and(|stored| stored > place.next) {
            tracing::error!(
                partition,
                ?stored,
                end,
                "the topic was made anew; it is read from its beginning"
            );
        }
        self.known.insert(partition, place);
        if offset > place.next {
            // What was read runs ahead of what was recorded: the database was set back, or the
            // partition is another's by now.
            let sought = self.go_back(partition, place.next).await;
            // The brokers are asked again as soon as there is something to read.
            self.known.remove(&partition);
            sought?;
            tracing::warn!(partition, offset, next = place.next, "messages are read again");
        }
        Ok(place)
    }

    /// Reads a partition again from `next`, as far as it is still ours.
    async fn go_back(&self, partition: i32, next: i64) -> Result<(), StoreError> {
        let consumer = self.consumer.clone();
        blocking(move || {
            let ours = consumer.assignment()?.find_partition(INBOUND, partition).is_some();
            if ours { consumer.seek(INBOUND, partition, Offset::Offset(next), PATIENCE) } else { Ok(()) }
        })
        .await
    }
}

impl Walk {
    /// The next step along a partition.
    pub(super) async fn step(
        &mut self,
        places: &mut Places,
        partition: i32,
        offset: i64,
    ) -> Result<Step, StoreError> {
        let place = match self.0.get(&partition) {
            Some(place) => *place,
            // Once a walk: what is read again comes with the next one.
            None => places.find(partition, offset).await?,
        };
        let (step, after) = place.step(partition, offset);
        self.0.insert(partition, after);
        Ok(step)
    }
}

impl Place {
    fn step(self, partition: i32, offset: i64) -> (Step, Self) {
        if offset != self.next {
            return (Step::Skip, self);
        }
        let advance =
            Advance { track: track(partition), from: self.stored.unwrap_or(offset), to: offset + 1 };
        (Step::Due(advance), Self { stored: Some(offset + 1), next: offset + 1 })
    }
}

fn track(partition: i32) -> Track {
    Track { consumer: CONSUMER, topic: INBOUND.to_owned(), partition }
}

/// Where a partition is read from: `stored` is the database's word, `offset` the message at hand,
/// `first` and `end` what the partition has.
fn begin(stored: Option<i64>, offset: i64, first: i64, end: i64) -> i64 {
    match stored {
        // The topic was made anew.
        Some(stored) if stored > end && offset < stored => first,
        // Messages have expired unread.
        Some(stored) => stored.max(first),
        None => offset,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_partition_is_read_from_where_the_database_says() {
        assert_eq!(begin(Some(7), 5, 0, 10), 7);
        assert_eq!(begin(None, 5, 0, 10), 5);
        // Expired unread, and made anew.
        assert_eq!(begin(Some(7), 9, 9, 20), 9);
        assert_eq!(begin(Some(700), 0, 0, 10), 0);
        // A broker that has just come back may not know its end yet; the message does.
        assert_eq!(begin(Some(700), 700, 0, 690), 700);
    }

    #[test]
    fn steps_follow_one_another_without_gaps() {
        let place = Place { stored: Some(7), next: 7 };
        assert_eq!(place.step(0, 6), (Step::Skip, place));
        assert_eq!(place.step(0, 8), (Step::Skip, place));
        let (step, after) = place.step(0, 7);
        assert_eq!(step, Step::Due(Advance { track: track(0), from: 7, to: 8 }));
        assert_eq!(after, Place { stored: Some(8), next: 8 });
        // A topic made anew: the step begins where the database still is.
        let (step, _) = Place { stored: Some(700), next: 0 }.step(0, 0);
        assert_eq!(step, Step::Due(Advance { track: track(0), from: 700, to: 1 }));
    }
}
