//! Searching the log, and reading it out.

use std::sync::Arc;

use chrono::TimeDelta;
use futures::{Stream, StreamExt, TryStreamExt, stream};
use kernel::{
    ChargePointId, Clock, Invalid, Limit, OrganisationId, Page, PageRequest, Permission, Scope, StoreError,
    Timestamp,
};

use crate::{
    error::MessageLogError,
    model::{Direction, Frame, Outcome},
    port::{FrameFilter, FrameStore},
};

/// How far back is looked where nothing else is said.
pub const USUAL_RANGE: TimeDelta = TimeDelta::days(1);
/// The longest range of a whole organisation's log, and of one charge point's.
pub const LONGEST_RANGE: TimeDelta = TimeDelta::days(31);
pub const LONGEST_RANGE_OF_ONE: TimeDelta = TimeDelta::days(366);

/// What a caller asks for.
#[derive(Clone, Debug, Default)]
pub struct FrameQuery {
    pub charge_point: Option<ChargePointId>,
    /// Inclusive; a day before `to` unless told.
    pub from: Option<Timestamp>,
    /// Exclusive; until now unless told.
    pub to: Option<Timestamp>,
    pub action: Option<String>,
    pub direction: Option<Direction>,
    pub message_id: Option<String>,
    pub outcome: Option<Outcome>,
}

impl FrameQuery {
    fn filter(self, now: Timestamp) -> Result<FrameFilter, Invalid> {
        let to = self.to.unwrap_or(now + TimeDelta::microseconds(1));
        let from = self.from.unwrap_or(to - USUAL_RANGE);
        let longest = if self.charge_point.is_some() { LONGEST_RANGE_OF_ONE } else { LONGEST_RANGE };
        if from >= to {
            return Err(Invalid::one("/from", "not_before_to", "must be before `to`"));
        }
        if to - from > longest {
            let detail = format!("must be at most {} days before `to`", longest.num_days());
            return Err(Invalid::one("/from", "range_too_long", detail));
        }
        // Nothing crossed a socket later than that by any clock of ours: no store need look there.
        let to = to.min(now + USUAL_RANGE);
        let Self { charge_point, action, direction, message_id, outcome, .. } = self;
        Ok(FrameFilter { charge_point, from, to, action, direction, message_id, outcome })
    }
}

pub struct MessageLogService {
    store: Arc<dyn FrameStore>,
    clock: Arc<dyn Clock>,
}

impl MessageLogService {
    pub fn new(store: Arc<dyn FrameStore>, clock: Arc<dyn Clock>) -> Self {
        Self { store, clock }
    }

    /// The newest first. A page may be short though there are more ([`FrameStore::frame_search`]).
    ///
    /// # Errors
    /// [`MessageLogError::Invalid`] for a range that is empty or too long.
    pub async fn frame_list(
        &self,
        scope: &Scope,
        query: FrameQuery,
        page: PageRequest,
    ) -> Result<Page<Frame>, MessageLogError> {
        scope.require(Permission::MessageLogRead)?;
        let now = self.clock.now();
        let filter = query.filter(now)?;
        Ok(self.store.frame_search(scope.organisation(), &filter, now, page).await?)
    }

    /// All that is asked for, the newest first, with one page in memory at a time. The first page
    /// is read before this returns, so that a store that is away says so.
    ///
    /// # Errors
    /// As [`Self::frame_list`].
    pub async fn frame_export(
        &self,
        scope: &Scope,
        query: FrameQuery,
    ) -> Result<impl Stream<Item = Result<Frame, StoreError>> + Send + use<>, MessageLogError> {
        scope.require(Permission::MessageLogRead)?;
        let now = self.clock.now();
        let reading = Reading {
            store: self.store.clone(),
            organisation: scope.organisation(),
            filter: query.filter(now)?,
            now,
        };
        let first = reading.page(PageRequest { limit: EXPORT, after: None }).await?;
        let rest = stream::try_unfold((reading, first.next), |(reading, after)| async move {
            let Some(after) = after else { return Ok(None) };
            let page = reading.page(PageRequest { limit: EXPORT, after: Some(after) }).await?;
            Ok::<_, StoreError>(Some((page.items, (reading, page.next))))
        });
        let pages = stream::iter([Ok(first.items)]).chain(rest);
        Ok(pages.map_ok(|frames| stream::iter(frames.into_iter().map(Ok))).try_flatten())
    }
}

/// Frames of a page that is not seen as one.
const EXPORT: Limit = match Limit::new(200) {
    Some(limit) => limit,
    None => panic!("a page may hold as many"),
};

struct Reading {
    store: Arc<dyn FrameStore>,
    organisation: OrganisationId,
    filter: FrameFilter,
    now: Timestamp,
}

impl Reading {
    async fn page(&self, page: PageRequest) -> Result<Page<Frame>, StoreError> {
        self.store.frame_search(self.organisation, &self.filter, self.now, page).await
    }
}
