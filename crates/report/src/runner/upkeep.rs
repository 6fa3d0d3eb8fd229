//! Telling the index of what is finished, and forgetting what has expired.

use chrono::TimeDelta;
use kernel::StoreError;

use super::ReportRunner;
use crate::model::Run;

/// Runs looked at together.
const TOGETHER: u16 = 100;
/// How long runs that came to nothing are kept.
const FRUITLESS: TimeDelta = TimeDelta::days(30);

impl ReportRunner {
    /// Tells the index of finished runs that it does not have: of those that have just ended, and of
    /// those that ended while it was away. How many.
    ///
    /// # Errors
    /// Where a store does not answer; what is left is told the next time.
    pub async fn index_finished(&self) -> Result<u64, StoreError> {
        let mut told = 0;
        for run in self.reader.runs_unindexed(TOGETHER).await? {
            if let Some(entry) = run.entry() {
                self.index.entry_put(&entry).await?;
                self.mark_indexed(&run).await?;
                told += 1;
            }
        }
        Ok(told)
    }

    async fn mark_indexed(&self, run: &Run) -> Result<(), StoreError> {
        let mut tx = self.store.begin().await?;
        let Some(mut now) = tx.reports().run_find(run.organisation, run.id).await? else { return Ok(()) };
        let read = now.version;
        now.version = read.next();
        now.indexed = true;
        tx.reports().run_update(&now, read).await?;
        tx.commit().await
    }

    /// Forgets runs whose files have expired, and those that came to nothing long ago: first the
    /// file, then the entry, then the run, so that nothing is left that nobody knows of. How many.
    ///
    /// # Errors
    /// Where a store does not answer; what is left is forgotten the next time.
    pub async fn forget_expired(&self) -> Result<u64, StoreError> {
        let now = self.clock.now();
        let mut forgotten = 0;
        for run in self.reader.runs_expired(now - FRUITLESS, now, TOGETHER).await? {
            for attempt in 1..=run.attempt {
                self.blobs.blob_discard(&run.key(attempt)).await?;
            }
            if let Some(entry) = run.entry() {
                self.index.entry_remove(&entry.place).await?;
            }
            let mut tx = self.store.begin().await?;
            tx.reports().run_delete(run.organisation, run.id).await?;
            tx.commit().await?;
            forgotten += 1;
        }
        Ok(forgotten)
    }
}
