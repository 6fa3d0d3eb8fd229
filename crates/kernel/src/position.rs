//! How far a consumer has read a log, kept beside the effects of what it read.
//!
//! The position moves in the unit of work that records the messages, and only from where the
//! consumer believes it to be. So a message has its effects once, however often it is delivered,
//! and a consumer that was replaced without noticing cannot record anything.

use async_trait::async_trait;

use crate::store::StoreError;

/// One partition of a log, as one consumer reads it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Track {
    pub consumer: &'static str,
    pub topic: String,
    pub partition: i32,
}

/// A step along a track: from the offset that was to be read next to the one that then is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Advance {
    pub track: Track,
    pub from: i64,
    pub to: i64,
}

/// Positions within a unit of work.
#[async_trait]
pub trait Positions: Send {
    /// Moves along; false, without moving, where the position is not at `from`. A track that is
    /// new begins wherever it is told.
    async fn position_advance(&mut self, advance: &Advance) -> Result<bool, StoreError>;
}

pub trait HasPositions: Send {
    fn positions(&mut self) -> &mut dyn Positions;
}

#[async_trait]
pub trait PositionReader: Send + Sync {
    /// The offset to be read next; `None` for a track that is new.
    async fn position_get(&self, track: &Track) -> Result<Option<i64>, StoreError>;
}
