//! What happens, as it happens: the feed of published events, followed by many at once.
//!
//! Everybody reads the table by place, a page at a time, so several servers need nothing between
//! them and whoever comes back goes on where they were. One task per process looks for news, and
//! only while somebody wants some. Nobody's events are held in memory beyond a page: who does not
//! take theirs in time is let go, and can come back.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use async_trait::async_trait;
use kernel::{Event, EventFeed, FedEvent, OrganisationId, StoreError};
use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore, mpsc, watch},
    time::Instant,
};
use tokio_util::sync::CancellationToken;

/// How often it is looked for news.
const LOOK: Duration = Duration::from_millis(200);
const PAGE: u16 = 200;
/// Events that may wait for one follower, and for how long.
const WAITING: usize = 64;
const PATIENCE: Duration = Duration::from_secs(30);
/// How long one may follow; then they have to show again who they are.
const LONGEST: Duration = Duration::from_secs(600);
/// Followers of one process.
const MOST: usize = 1_000;

/// Where a follower begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Start {
    /// With what happens from now on.
    Now,
    /// With what came after a place.
    After(i64),
}

/// What a follower is told.
#[derive(Clone, Debug, PartialEq)]
pub enum Told {
    Event(FedEvent),
    /// The place to go on from is not known, or what came after it is forgotten: it goes on from
    /// this one.
    Reset(i64),
}

#[derive(Debug, thiserror::Error)]
pub enum FollowError {
    #[error("as many as may follow do")]
    TooMany,
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Who is told: asked of each event of their organisation, when it is their turn to hear of it.
#[async_trait]
pub trait Listener: Send + Sync + 'static {
    /// # Errors
    /// Store errors only; they end the stream.
    async fn hears(&self, event: &Event) -> Result<bool, StoreError>;
}

/// The feed of this process. Cheap to clone.
#[derive(Clone)]
pub struct LiveFeed(Arc<Inner>);

struct Inner {
    feed: Arc<dyn EventFeed>,
    newest: watch::Sender<i64>,
    watching: AtomicBool,
    turns: Arc<Semaphore>,
    closing: CancellationToken,
}

impl LiveFeed {
    pub fn new(feed: Arc<dyn EventFeed>) -> Self {
        Self(Arc::new(Inner {
            feed,
            newest: watch::Sender::new(0),
            watching: AtomicBool::new(false),
            turns: Arc::new(Semaphore::new(MOST)),
            closing: CancellationToken::new(),
        }))
    }

    /// Lets everybody go, and whoever comes later at once.
    pub fn close(&self) {
        self.0.closing.cancel();
    }

    /// The events of an organisation that somebody hears, in their order. Unless `going_on`, it ends
    /// with the last there is.
    ///
    /// # Errors
    /// [`FollowError::TooMany`]; store errors before the first event. Later ones end it.
    pub async fn follow(
        &self,
        organisation: OrganisationId,
        start: Start,
        going_on: bool,
        listener: impl Listener,
    ) -> Result<mpsc::Receiver<Told>, FollowError> {
        let turn = self.0.turns.clone().try_acquire_owned().map_err(|_| FollowError::TooMany)?;
        let ends = self.0.feed.feed_ends().await?;
        let (place, reset) = match start {
            Start::Now => (ends.newest, None),
            Start::After(place) if (ends.forgotten..=ends.newest).contains(&place) => (place, None),
            Start::After(_) => (ends.newest, Some(Told::Reset(ends.newest))),
        };
        let (out, told) = mpsc::channel(WAITING);
        if let Some(reset) = reset {
            // There is room for it.
            let _ = out.try_send(reset);
        }
        let news = self.news(ends.newest);
        let follower = Follower { inner: self.0.clone(), organisation, listener, out, news, _turn: turn };
        tokio::spawn(async move {
            metrics::gauge!("event_followers").increment(1);
            let ended = follower.run(place, going_on).await;
            metrics::gauge!("event_followers").decrement(1);
            metrics::counter!("event_followers_ended_total", "why" => ended.word()).increment(1);
        });
        Ok(told)
    }

    /// Hears of news; somebody looks for them from now on.
    fn news(&self, newest: i64) -> watch::Receiver<i64> {
        let news = self.0.newest.subscribe();
        self.0.newest.send_if_modified(|known| {
            let later = newest > *known;
            *known = newest.max(*known);
            later
        });
        if !self.0.watching.swap(true, Ordering::AcqRel) {
            let inner = self.0.clone();
            tokio::spawn(async move { inner.watch().await });
        }
        news
    }
}

impl Inner {
    /// Looks for news while somebody follows.
    async fn watch(&self) {
        loop {
            while self.newest.receiver_count() > 0 {
                tokio::time::sleep(LOOK).await;
                match self.feed.feed_ends().await {
                    Ok(ends) => {
                        self.newest
                            .send_if_modified(|known| std::mem::replace(known, ends.newest) != ends.newest);
                    }
                    Err(error) => tracing::debug!(%error, "events cannot be followed for now"),
                }
            }
            self.watching.store(false, Ordering::Release);
            // Whoever came in between found it watched.
            if self.newest.receiver_count() == 0 || self.watching.swap(true, Ordering::AcqRel) {
                return;
            }
        }
    }
}

/// Why nobody follows any more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Ended {
    /// There was no more, and no more was wanted.
    Done,
    Left,
    Slow,
    /// Long enough: they may come back.
    Time,
    Closing,
    Failed,
}

impl Ended {
    const fn word(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Left => "left",
            Self::Slow => "slow",
            Self::Time => "time",
            Self::Closing => "closing",
            Self::Failed => "failed",
        }
    }
}

struct Follower<L> {
    inner: Arc<Inner>,
    organisation: OrganisationId,
    listener: L,
    out: mpsc::Sender<Told>,
    news: watch::Receiver<i64>,
    _turn: OwnedSemaphorePermit,
}

impl<L: Listener> Follower<L> {
    async fn run(mut self, mut place: i64, going_on: bool) -> Ended {
        let until = Instant::now() + LONGEST;
        loop {
            // All up to here is visible to the read that follows.
            let newest = *self.news.borrow_and_update();
            let events = match self.inner.feed.feed_after(place, Some(self.organisation), PAGE).await {
                Ok(events) => events,
                Err(error) => return let_go(&error),
            };
            let full = events.len() == usize::from(PAGE);
            for fed in events {
                place = fed.place;
                match self.listener.hears(&fed.event).await {
                    Ok(true) => {}
                    Ok(false) => continue,
                    Err(error) => return let_go(&error),
                }
                tokio::select! {
                    sent = self.out.send_timeout(Told::Event(fed), PATIENCE) => match sent {
                        Ok(()) => {}
                        Err(mpsc::error::SendTimeoutError::Closed(_)) => return Ended::Left,
                        Err(mpsc::error::SendTimeoutError::Timeout(_)) => return Ended::Slow,
                    },
                    () = self.inner.closing.cancelled() => return Ended::Closing,
                }
            }
            if full {
                continue;
            }
            place = place.max(newest);
            if !going_on {
                return Ended::Done;
            }
            tokio::select! {
                () = self.inner.closing.cancelled() => return Ended::Closing,
                () = self.out.closed() => return Ended::Left,
                () = tokio::time::sleep_until(until) => return Ended::Time,
                changed = self.news.changed() => if changed.is_err() { return Ended::Closing },
            }
        }
    }
}

fn let_go(error: &StoreError) -> Ended {
    tracing::warn!(%error, "a follower of events is let go");
    Ended::Failed
}

mod page;
#[cfg(test)]
mod tests;
mod wanted;

pub use page::{FeedPage, PageError};
pub use wanted::Wanted;
