//! The way of a frame: recorded by a gateway, carried on by sinks, kept by a store.

use async_trait::async_trait;
use kernel::{ChargePointId, OrganisationId, Page, PageRequest, StoreError, Timestamp};

use crate::model::{Direction, Frame, Outcome};

/// How much text a page may hold, in bytes, before it ends early. A page with one frame may hold more.
pub const PAGE_BYTES: usize = 4 * 1024 * 1024;

/// Where gateways leave frames.
pub trait FrameRecorder: Send + Sync {
    /// Takes a frame. It will reach the log even where this process is killed now. Never waits for
    /// a network or a database.
    ///
    /// # Errors
    /// [`NoRoom`] where it was not taken: whoever has the frame holds it back until there is room.
    fn record(&self, frame: &Frame) -> Result<(), NoRoom>;
}

/// There is no room for frames on this machine.
#[derive(Debug, thiserror::Error)]
#[error("there is no room for frames")]
pub struct NoRoom(#[source] pub Box<dyn std::error::Error + Send + Sync>);

/// Carries frames on towards the log.
#[async_trait]
pub trait FrameSink: Send + Sync {
    /// When it returns `Ok`, all frames are durable there. After an error some may be: hand all of
    /// them in again, it changes nothing.
    async fn frames_take(&self, frames: &[Frame]) -> Result<(), StoreError>;
}

/// A frame and for how long it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeptFrame {
    pub frame: Frame,
    /// `None`: for ever.
    pub expires_at: Option<Timestamp>,
}

/// Which frames are asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FrameFilter {
    /// `None`: of the whole organisation.
    pub charge_point: Option<ChargePointId>,
    /// Inclusive.
    pub from: Timestamp,
    /// Exclusive.
    pub to: Timestamp,
    pub action: Option<String>,
    pub direction: Option<Direction>,
    pub message_id: Option<String>,
    pub outcome: Option<Outcome>,
}

impl FrameFilter {
    /// Every frame of an organisation in a range of time.
    pub fn between(from: Timestamp, to: Timestamp) -> Self {
        Self { charge_point: None, from, to, action: None, direction: None, message_id: None, outcome: None }
    }

    /// Whether a frame is asked for. Stores that cannot ask all of it themselves do so with this.
    pub fn matches(&self, frame: &Frame) -> bool {
        self.charge_point.is_none_or(|id| id == frame.charge_point)
            && (self.from..self.to).contains(&frame.at)
            && self.action.as_ref().is_none_or(|action| frame.action.as_ref() == Some(action))
            && self.direction.is_none_or(|direction| direction == frame.direction)
            && self.message_id.as_ref().is_none_or(|id| frame.message_id.as_ref() == Some(id))
            && self.outcome.is_none_or(|outcome| frame.outcome == Some(outcome))
    }
}

/// The log itself.
#[async_trait]
pub trait FrameStore: Send + Sync {
    /// Keeps frames. Not atomic: after an error some may be kept. A frame that is kept already
    /// stays one entry, also within one call.
    async fn frames_append(&self, frames: &[KeptFrame]) -> Result<(), StoreError>;

    /// The newest first; of one instant, by descending id. What has expired by `now` is not there.
    ///
    /// A page may hold fewer frames than its limit, and none at all, though there are more: it ends
    /// at [`PAGE_BYTES`], or where looking further would take too long. There is a next page for as
    /// long as `next` is given. Its cursor is a place in time, no matter whether a frame is there.
    async fn frame_search(
        &self,
        organisation: OrganisationId,
        filter: &FrameFilter,
        now: Timestamp,
        page: PageRequest,
    ) -> Result<Page<Frame>, StoreError>;

    /// Removes what has expired by `now`, where the store does not do so by itself. How many.
    async fn frames_forget(&self, now: Timestamp) -> Result<u64, StoreError>;
}
