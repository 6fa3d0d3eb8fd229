//! Searching the log, and reading it out.

use std::{collections::BTreeSet, sync::Arc};

use chrono::TimeDelta;
use futures::{Stream, StreamExt, TryStreamExt, stream};
use kernel::{
    ChargePointId, Clock, Invalid, Limit, Page, PageRequest, Permission, Reach, Scope, StoreError, Timestamp,
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
        Ok(self.reading(scope, query)?.page(page).await?)
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
        let reading = self.reading(scope, query)?;
        let first = reading.page(PageRequest { limit: EXPORT, after: None }).await?;
        let rest = stream::try_unfold((reading, first.next), |(reading, after)| async move {
            let Some(after) = after else { return Ok(None) };
            let page = reading.page(PageRequest { limit: EXPORT, after: Some(after) }).await?;
            Ok::<_, StoreError>(Some((page.items, (reading, page.next))))
        });
        let pages = stream::iter([Ok(first.items)]).chain(rest);
        Ok(pages.map_ok(|frames| stream::iter(frames.into_iter().map(Ok))).try_flatten())
    }

    fn reading(&self, scope: &Scope, query: FrameQuery) -> Result<Reading, MessageLogError> {
        let reach = scope.require(Permission::MessageLogRead)?;
        let now = self.clock.now();
        Ok(Reading { store: self.store.clone(), reach, filter: query.filter(now)?, now })
    }
}

/// Frames of a page that is not seen as one.
const EXPORT: Limit = match Limit::new(200) {
    Some(limit) => limit,
    None => panic!("a page may hold as many"),
};

struct Reading {
    store: Arc<dyn FrameStore>,
    reach: Reach,
    filter: FrameFilter,
    now: Timestamp,
}

impl Reading {
    /// Stores of frames know no groups: of what a page holds, the frames of charge points outside the
    /// reach are taken out.
    async fn page(&self, page: PageRequest) -> Result<Page<Frame>, StoreError> {
        if let Some(charge_point) = self.filter.charge_point
            && self.reach.sees(charge_point).await?.is_none()
        {
            return Ok(Page { items: Vec::new(), next: None });
        }
        let found = self.store.frame_search(self.reach.organisation(), &self.filter, self.now, page).await?;
        if self.reach.limited_to().is_none() || self.filter.charge_point.is_some() {
            return Ok(found);
        }
        let talking: BTreeSet<ChargePointId> = found.items.iter().map(|frame| frame.charge_point).collect();
        let seen = self.reach.keep(talking.into_iter().collect(), |charge_point| *charge_point).await?;
        let seen: BTreeSet<ChargePointId> = seen.into_iter().collect();
        let items = found.items.into_iter().filter(|frame| seen.contains(&frame.charge_point));
        Ok(Page { items: items.collect(), next: found.next })
    }
}
