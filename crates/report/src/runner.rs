//! What a worker does: takes runs up, makes them, tells the index, forgets what has expired.
//!
//! A run is taken up by giving it a number and a time until when its worker will be heard of again.
//! Whatever is changed later asks for that number, so that a worker that was replaced without
//! noticing changes nothing. Its file has a name of its own, too, and goes when the run ends.

mod making;
mod slots;
mod upkeep;

use std::sync::Arc;

use chrono::TimeDelta;
use kernel::{Begin, Clock, IdSource, OrganisationId, ReportRunId, StoreError};

use crate::{
    event,
    model::{Failure, MOST_ATTEMPTS, Run, RunState},
    port::{BlobStore, CostSource, Renderer, ReportIndex, ReportReader, ReportSource, ReportTx},
};

/// How long a worker that is gone keeps others from taking its run over.
pub const LEASE: TimeDelta = TimeDelta::seconds(60);
/// The wait before a run is tried again: doubles up to the longest.
const SHORTEST_WAIT: TimeDelta = TimeDelta::seconds(5);
const LONGEST_WAIT: TimeDelta = TimeDelta::minutes(10);
/// Due runs looked at, where others are faster.
const LOOK: u16 = 16;

pub struct ReportRunner {
    store: Arc<dyn Begin<dyn ReportTx>>,
    reader: Arc<dyn ReportReader>,
    source: Arc<dyn ReportSource>,
    costs: Arc<dyn CostSource>,
    renderer: Arc<dyn Renderer>,
    blobs: Arc<dyn BlobStore>,
    index: Arc<dyn ReportIndex>,
    clock: Arc<dyn Clock>,
    ids: Arc<dyn IdSource>,
    /// For how long files are kept; for ever where it is not said.
    retention: Option<TimeDelta>,
}

/// A run that is ours to make, for now.
#[derive(Debug)]
pub struct Taken(Run);

impl Taken {
    pub fn run(&self) -> &Run {
        &self.0
    }
}

/// Why the making of a run stopped before its end.
enum Stopped {
    /// Somebody wants it cancelled.
    Cancelled,
    /// Another worker has it.
    Replaced,
    Store(StoreError),
}

impl From<StoreError> for Stopped {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl ReportRunner {
    #[expect(clippy::too_many_arguments, reason = "each is another port; nothing else calls it")]
    pub fn new<S>(
        store: Arc<S>,
        costs: Arc<dyn CostSource>,
        renderer: Arc<dyn Renderer>,
        blobs: Arc<dyn BlobStore>,
        index: Arc<dyn ReportIndex>,
        clock: Arc<dyn Clock>,
        ids: Arc<dyn IdSource>,
        retention: Option<TimeDelta>,
    ) -> Self
    where
        S: Begin<dyn ReportTx> + ReportReader + ReportSource + 'static,
    {
        Self {
            store: store.clone(),
            reader: store.clone(),
            source: store,
            costs,
            renderer,
            blobs,
            index,
            clock,
            ids,
            retention,
        }
    }

    /// Takes up and makes the run that has waited longest. False where none is due.
    ///
    /// # Errors
    /// Where the queue does not answer. What befalls a run is kept with it.
    pub async fn run_next(&self) -> Result<bool, StoreError> {
        let Some(taken) = self.take().await? else { return Ok(false) };
        self.make(taken).await?;
        Ok(true)
    }

    /// Takes up the run that has waited longest, so that no other worker does for a while.
    ///
    /// # Errors
    /// Where the queue does not answer.
    pub async fn take(&self) -> Result<Option<Taken>, StoreError> {
        for (organisation, id) in self.reader.runs_due(self.clock.now(), LOOK).await? {
            match self.take_one(organisation, id).await {
                Ok(Some(taken)) => return Ok(Some(taken)),
                // Another was faster.
                Ok(None) | Err(StoreError::Stale | StoreError::Busy(_)) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(None)
    }

    async fn take_one(
        &self,
        organisation: OrganisationId,
        id: ReportRunId,
    ) -> Result<Option<Taken>, StoreError> {
        let now = self.clock.now();
        let mut tx = self.store.begin().await?;
        let Some(mut run) = tx.reports().run_find(organisation, id).await? else { return Ok(None) };
        if run.due_at.is_none_or(|due| due > now) {
            return Ok(None);
        }
        let read = run.version;
        run.version = read.next();
        let ended = match run.state {
            RunState::Cancelling => Some((RunState::Cancelled, None)),
            _ if run.attempt >= MOST_ATTEMPTS => Some((RunState::Failed, Some(Failure::WorkersLost))),
            _ => None,
        };
        if let Some((state, failure)) = ended {
            self.end(&mut run, state, failure);
            tx.reports().run_update(&run, read).await?;
            tx.outbox().append(self.ended_event(&run)).await?;
            tx.commit().await?;
            self.discard(&run, run.attempt).await;
            return Ok(None);
        }
        if run.state == RunState::Running {
            tracing::info!(run = %id, attempt = run.attempt, "a report's worker is gone; it is made anew");
            metrics::counter!("report_runs_taken_over_total").increment(1);
        }
        run.state = RunState::Running;
        run.attempt += 1;
        run.due_at = Some(now + LEASE);
        run.progress = 0;
        run.started_at = run.started_at.or(Some(now));
        tx.reports().run_update(&run, read).await?;
        tx.commit().await?;
        Ok(Some(Taken(run)))
    }

    /// Makes a run that was taken up, and keeps what became of it.
    ///
    /// # Errors
    /// Where that cannot be kept: the run will be taken up again.
    pub async fn make(&self, taken: Taken) -> Result<(), StoreError> {
        let run = taken.0;
        let stays = match self.produce(&run).await {
            Ok(file) => self.finish(&run, file).await?,
            Err(stopped) => {
                self.settle(&run, stopped).await?;
                false
            }
        };
        self.discard(&run, if stays { run.attempt - 1 } else { run.attempt }).await;
        Ok(())
    }

    /// Keeps why a run stopped before its end, where it is still ours: it is tried again or ends.
    async fn settle(&self, run: &Run, stopped: Stopped) -> Result<(), StoreError> {
        let attempt = run.attempt;
        let mut tx = self.store.begin().await?;
        let found = tx.reports().run_find(run.organisation, run.id).await?;
        let ours = found.filter(|found| found.attempt == attempt && is_ours(found));
        let Some(mut run) = ours else { return Ok(()) };
        let read = run.version;
        run.version = read.next();
        match stopped {
            Stopped::Replaced => return Ok(()),
            Stopped::Cancelled => self.end(&mut run, RunState::Cancelled, None),
            Stopped::Store(error) => {
                let again = error.retryable() && attempt < MOST_ATTEMPTS;
                let source = &error as &dyn std::error::Error;
                tracing::warn!(run = %run.id, attempt, again, error = source, "a report cannot be made");
                if run.state == RunState::Cancelling {
                    self.end(&mut run, RunState::Cancelled, None);
                } else if again {
                    let doubled = SHORTEST_WAIT * 2_i32.pow((attempt - 1).min(10));
                    run.state = RunState::Queued;
                    run.due_at = Some(self.clock.now() + doubled.min(LONGEST_WAIT));
                } else {
                    let failure = if error.retryable() { Failure::StoreAway } else { Failure::Internal };
                    self.end(&mut run, RunState::Failed, Some(failure));
                }
            }
        }
        tx.reports().run_update(&run, read).await?;
        if run.ended_at.is_some() {
            tx.outbox().append(self.ended_event(&run)).await?;
        }
        tx.commit().await
    }

    fn end(&self, run: &mut Run, state: RunState, failure: Option<Failure>) {
        run.state = state;
        run.failure = failure;
        run.due_at = None;
        run.ended_at = Some(self.clock.now());
    }

    fn ended_event(&self, run: &Run) -> kernel::Event {
        let (name, word) = match run.state {
            RunState::Finished => (event::RUN_FINISHED, "finished"),
            RunState::Failed => (event::RUN_FAILED, "failed"),
            _ => (event::RUN_CANCELLED, "cancelled"),
        };
        metrics::counter!("report_runs_ended_total", "state" => word).increment(1);
        event::run(&*self.clock, &*self.ids, name, run)
    }

    /// Removes what all attempts up to one have left; what cannot be removed now goes with the run.
    async fn discard(&self, run: &Run, upto: u32) {
        for attempt in 1..=upto {
            if let Err(error) = self.blobs.blob_discard(&run.key(attempt)).await {
                tracing::debug!(run = %run.id, attempt, %error, "what is left of a report stays for now");
            }
        }
    }
}

/// Whether a worker has it in hand.
fn is_ours(run: &Run) -> bool {
    matches!(run.state, RunState::Running | RunState::Cancelling)
}
