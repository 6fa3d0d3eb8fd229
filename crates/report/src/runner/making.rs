//! From rows to a file.

use bytes::Bytes;
use chrono::TimeDelta;
use futures::StreamExt;
use kernel::{StoreError, Timestamp};

use super::{LEASE, ReportRunner, Stopped, is_ours};
use crate::{
    kinds::Material,
    model::{ReportFile, Run, RunState},
    port::BlobWriting,
};

/// How often others hear that a run is being made.
const BEAT: TimeDelta = TimeDelta::seconds(5);

impl ReportRunner {
    /// Makes the file. Until it is whole nobody sees anything of it.
    pub(super) async fn produce(&self, run: &Run) -> Result<ReportFile, Stopped> {
        // What the attempts before have left.
        for attempt in 1..run.attempt {
            self.blobs.blob_discard(&run.key(attempt)).await?;
        }
        let (subject, key) = (&run.subject, run.key(run.attempt));
        let depots = self.source.depots(&run.organisation.into(), subject.depots.as_deref()).await?;
        let material = Material::new(self.source.clone(), self.costs.clone(), run, depots, self.clock.now());
        let head = material.head(subject.kind);
        let mut making = material.begin(subject.kind);
        let mut rendering = self.renderer.begin(subject.format, head)?;
        let mut beat = Beat { runner: self, run, last: self.clock.now(), progress: 0 };
        let mut file = self.blobs.blob_begin(&key, subject.format.content_type()).await?;
        let written = async {
            let mut rows = 0;
            while let Some(batch) = making.next().await? {
                rows += batch.rows.len() as u64;
                if !batch.rows.is_empty() {
                    put(&mut *file, rendering.rows(batch.rows).await?).await?;
                }
                beat.progress = batch.progress.min(99);
                beat.perhaps().await?;
            }
            let mut foot = making.foot();
            foot.rows = rows;
            let mut rest = rendering.end(foot).await?;
            while let Some(bytes) = rest.next().await {
                put(&mut *file, bytes?).await?;
                beat.perhaps().await?;
            }
            beat.now().await?;
            Ok::<_, Stopped>(rows)
        };
        let rows = match written.await {
            Ok(rows) => rows,
            Err(stopped) => {
                file.abandon().await;
                return Err(stopped);
            }
        };
        let stored = file.finish().await?;
        let sha256 = stored.sha256.iter().map(|byte| format!("{byte:02x}")).collect();
        let expires_at = self.retention.map(|retention| self.clock.now() + retention);
        Ok(ReportFile { key, bytes: stored.bytes, sha256, rows, expires_at })
    }

    /// Makes the run finished. False where it is no longer ours.
    pub(super) async fn finish(&self, run: &Run, file: ReportFile) -> Result<bool, StoreError> {
        let mut tx = self.store.begin().await?;
        let found = tx.reports().run_find(run.organisation, run.id).await?;
        // Whoever cancels this late gets the report.
        let Some(mut now) = found.filter(|found| found.attempt == run.attempt && is_ours(found)) else {
            return Ok(false);
        };
        let read = now.version;
        now.version = read.next();
        metrics::counter!("report_bytes_total").increment(file.bytes);
        now.file = Some(file);
        now.progress = 100;
        self.end(&mut now, RunState::Finished, None);
        tx.reports().run_update(&now, read).await?;
        tx.outbox().append(self.ended_event(&now)).await?;
        tx.commit().await?;
        Ok(true)
    }
}

async fn put(file: &mut dyn BlobWriting, bytes: Bytes) -> Result<(), StoreError> {
    if bytes.is_empty() { Ok(()) } else { file.write(bytes).await }
}

/// Tells others that a run is being made, and hears what they want.
struct Beat<'a> {
    runner: &'a ReportRunner,
    run: &'a Run,
    last: Timestamp,
    progress: u8,
}

impl Beat<'_> {
    async fn perhaps(&mut self) -> Result<(), Stopped> {
        if self.runner.clock.now() - self.last >= BEAT { self.now().await } else { Ok(()) }
    }

    async fn now(&mut self) -> Result<(), Stopped> {
        let now = self.runner.clock.now();
        let mut tx = self.runner.store.begin().await?;
        let found = tx.reports().run_find(self.run.organisation, self.run.id).await?;
        let found = found.filter(|found| found.attempt == self.run.attempt && is_ours(found));
        let mut run = found.ok_or(Stopped::Replaced)?;
        if run.state == RunState::Cancelling {
            return Err(Stopped::Cancelled);
        }
        let read = run.version;
        run.version = read.next();
        run.progress = run.progress.max(self.progress);
        run.due_at = Some(now + LEASE);
        tx.reports().run_update(&run, read).await?;
        tx.commit().await?;
        self.last = now;
        Ok(())
    }
}
