//! Carrying frames on: batch by batch, and again until they were taken.

use std::{io, sync::Arc, time::Duration};

use futures::{FutureExt, future::Shared};
use message_log::FrameSink;
use tokio::time::Instant;

use super::{
    FrameJournal, Inner,
    file::{Batch, FrameFile, Reader},
};

/// Frames of a moment go together.
const LINGER: Duration = Duration::from_millis(50);
/// How often it is looked for what others have left.
const LOOK: Duration = Duration::from_secs(60);
/// The waits after failures.
const SHORTEST: Duration = Duration::from_millis(100);
const LONGEST: Duration = Duration::from_secs(10);
/// A file that is all carried on begins anew from this length on.
const REWIND: u64 = 64 * 1024;

impl FrameJournal {
    /// Carries frames on until `finished`, which comes when no more are recorded; then those that
    /// are left, as far as they are taken at once. What is left then is found by the next process.
    pub async fn carry(self, sink: Arc<dyn FrameSink>, finished: impl Future<Output = ()> + Send) {
        let finished = finished.shared();
        let (mut looked, mut wait) = (None::<Instant>, SHORTEST);
        loop {
            if looked.is_none_or(|at| at.elapsed() >= LOOK) {
                looked = Some(Instant::now());
                self.blocking(Inner::take_over).await;
            }
            let finishing = finished.clone().now_or_never().is_some();
            match self.step(&*sink).await {
                Step::Carried => wait = SHORTEST,
                Step::Nothing if finishing => break,
                Step::Nothing => self.idle(&finished).await,
                Step::Failed if finishing => break,
                Step::Failed => {
                    unless(&finished, tokio::time::sleep(wait)).await;
                    wait = (wait * 2).min(LONGEST);
                }
            }
        }
        self.blocking(Inner::finish).await;
    }

    /// Waits for frames, then for those of the same moment.
    async fn idle(&self, finished: &Shared<impl Future<Output = ()> + Send>) {
        let patience = tokio::time::sleep(LOOK);
        let rung = async {
            tokio::select! {
                () = self.0.bell.notified() => tokio::time::sleep(LINGER).await,
                () = patience => {}
            }
        };
        unless(finished, rung).await;
    }

    /// Carries one batch on.
    async fn step(&self, sink: &dyn FrameSink) -> Step {
        let reader = match self.0.oldest() {
            Ok(Some(reader)) => Arc::new(reader),
            Ok(None) => return Step::Nothing,
            Err(error) => return failed(&error),
        };
        let reading = reader.clone();
        let Batch { frames, unreadable, to } = match blocking(move || reading.read()).await {
            Ok(batch) => batch,
            Err(error) => return failed(&error),
        };
        if unreadable > 0 {
            tracing::error!(lines = unreadable, "lines in a file of frames are none");
            metrics::counter!("message_log_unreadable_total").increment(unreadable as u64);
        }
        if !frames.is_empty()
            && let Err(error) = sink.frames_take(&frames).await
        {
            tracing::warn!(%error, "frames have to wait");
            metrics::counter!("message_log_retries_total", "step" => "carry").increment(1);
            if let Err(error) = blocking(move || reader.flush()).await {
                tracing::warn!(%error, "frames that wait cannot be flushed");
            }
            return Step::Failed;
        }
        metrics::counter!("message_log_carried_total").increment(frames.len() as u64);
        self.blocking(move |inner| inner.carried(to)).await;
        Step::Carried
    }

    async fn blocking(&self, work: impl FnOnce(&Inner) -> io::Result<()> + Send + 'static) {
        let inner = self.0.clone();
        if let Err(error) = blocking(move || work(&inner)).await {
            tracing::warn!(%error, "files of frames cannot be tidied up");
        }
    }
}

enum Step {
    Carried,
    Nothing,
    Failed,
}

fn failed(error: &io::Error) -> Step {
    tracing::warn!(%error, "frames that wait cannot be read");
    Step::Failed
}

async fn unless<T>(finished: &Shared<impl Future<Output = ()> + Send>, work: impl Future<Output = T>) {
    tokio::select! {
        () = finished.clone() => {}
        _ = work => {}
    }
}

async fn blocking<T: Send + 'static>(work: impl FnOnce() -> io::Result<T> + Send + 'static) -> io::Result<T> {
    tokio::task::spawn_blocking(work).await.map_err(io::Error::other)?
}

impl Inner {
    /// Takes up the files of processes that are gone.
    fn take_over(&self) -> io::Result<()> {
        let left = FrameFile::left(&self.folder)?;
        if !left.is_empty() {
            tracing::info!(files = left.len(), "frames that another process has left are carried on");
            self.files().waiting.extend(left);
        }
        Ok(())
    }

    /// What is to be carried on next.
    fn oldest(&self) -> io::Result<Option<Reader>> {
        let files = self.files();
        let waiting = files.current.waiting() + files.waiting.iter().map(FrameFile::waiting).sum::<u64>();
        #[expect(clippy::cast_precision_loss, reason = "a gauge")]
        metrics::gauge!("message_log_waiting_bytes").set(waiting as f64);
        match files.waiting.front() {
            Some(file) => file.reader().map(Some),
            None if files.current.waiting() > 0 => files.current.reader().map(Some),
            None => Ok(None),
        }
    }

    /// Notes how far the oldest file was carried on, and removes it where that is all of it.
    fn carried(&self, to: u64) -> io::Result<()> {
        let mut files = self.files();
        // A batch that was read before its file got a successor is still of the oldest one.
        let Some(oldest) = files.waiting.front_mut() else {
            files.current.carried(to);
            return if to >= REWIND { files.current.rewind() } else { Ok(()) };
        };
        oldest.carried(to);
        match oldest.waiting() {
            0 => files.waiting.pop_front().map_or(Ok(()), FrameFile::remove),
            _ => Ok(()),
        }
    }

    /// Leaves nothing behind where everything was carried on.
    fn finish(&self) -> io::Result<()> {
        let mut files = self.files();
        files.current.rewind()?;
        match files.current.len() {
            0 => files.current.unlink(),
            _ => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::{
        fs::{self, OpenOptions},
        io::Write,
        sync::Mutex,
    };

    use async_trait::async_trait;
    use kernel::{StoreError, testing::CountingIds};
    use message_log::{
        Frame, FrameRecorder, FrameWriter, TEXT_LIMIT, Text,
        testing::{FakeFrames, frame},
    };
    use tokio::sync::Notify;

    use super::*;

    struct Rig {
        folder: tempfile::TempDir,
        ids: Arc<CountingIds>,
        log: Arc<FakeFrames>,
    }

    impl Rig {
        fn new() -> Self {
            Self { folder: tempfile::tempdir().unwrap(), ids: Arc::default(), log: Arc::default() }
        }

        fn journal(&self, file_bytes: u64) -> FrameJournal {
            FrameJournal::with_files_of(file_bytes, self.folder.path(), self.ids.clone()).unwrap()
        }

        /// Records so many frames, and returns them.
        fn record(&self, journal: &FrameJournal, count: usize) -> Vec<Frame> {
            let frames: Vec<Frame> = (0..count).map(|_| frame(&*self.ids)).collect();
            frames.iter().for_each(|frame| journal.record(frame).unwrap());
            frames
        }

        fn sink(&self) -> Arc<dyn FrameSink> {
            Arc::new(FrameWriter::new(self.log.clone(), None))
        }

        fn files(&self) -> usize {
            fs::read_dir(self.folder.path()).unwrap().count()
        }
    }

    /// Carries on what there is, and ends.
    async fn carry(journal: FrameJournal, sink: Arc<dyn FrameSink>) {
        journal.carry(sink, std::future::ready(())).await;
    }

    #[tokio::test]
    async fn frames_are_carried_on_and_no_file_is_left() {
        let rig = Rig::new();
        let journal = rig.journal(4_000);
        let frames = rig.record(&journal, 100);
        assert!(rig.files() > 5, "long files get successors");
        carry(journal, rig.sink()).await;
        assert_eq!(rig.log.frames(), frames);
        assert_eq!(rig.files(), 0);
    }

    #[tokio::test]
    async fn a_frame_longer_than_a_step_is_one_all_the_same() {
        let rig = Rig::new();
        let journal = rig.journal(u64::MAX);
        let mut frames = rig.record(&journal, 1);
        // Written with escapes it is twice as long.
        let long = Frame { text: Text { kept: "\"".repeat(TEXT_LIMIT), bytes: 1 }, ..frame(&*rig.ids) };
        journal.record(&long).unwrap();
        frames.push(long);
        frames.extend(rig.record(&journal, 1));
        carry(journal, rig.sink()).await;
        assert_eq!(rig.log.frames(), frames);
    }

    /// The machine goes on, the process does not.
    #[tokio::test]
    async fn what_a_killed_process_left_is_carried_on_by_the_next() {
        let rig = Rig::new();
        let killed = rig.journal(4_000);
        let frames = rig.record(&killed, 30);
        let other = rig.journal(4_000);
        carry(other, rig.sink()).await;
        assert_eq!(rig.log.len(), 0, "what lives keeps its files");
        drop(killed);
        // It was in the middle of a line.
        let mut files: Vec<_> =
            fs::read_dir(rig.folder.path()).unwrap().map(|entry| entry.unwrap().path()).collect();
        files.sort();
        let mut last = OpenOptions::new().append(true).open(files.last().unwrap()).unwrap();
        last.write_all(br#"{"id":"#).unwrap();
        drop(last);

        let next = rig.journal(4_000);
        let later = rig.record(&next, 1);
        carry(next, rig.sink()).await;
        assert_eq!(rig.log.frames(), [frames, later].concat());
        assert_eq!(rig.files(), 0);
    }

    #[tokio::test(start_paused = true)]
    async fn a_log_that_is_away_costs_nothing_but_room_on_the_disk() {
        let rig = Rig::new();
        rig.log.away(true);
        let journal = rig.journal(4_000);
        let finished = Arc::new(Notify::new());
        let told = finished.clone();
        let carrying = tokio::spawn(journal.clone().carry(rig.sink(), async move { told.notified().await }));
        let mut frames = Vec::new();
        for _ in 0..100 {
            frames.extend(rig.record(&journal, 10));
            tokio::time::sleep(Duration::from_secs(1)).await;
        }
        assert_eq!(rig.log.len(), 0);
        rig.log.away(false);
        while rig.log.len() < frames.len() {
            tokio::time::sleep(Duration::from_secs(1)).await;
        }
        finished.notify_one();
        carrying.await.unwrap();
        assert_eq!(rig.log.frames(), frames);
        assert_eq!(rig.files(), 0);
    }

    #[tokio::test]
    async fn what_cannot_be_carried_on_at_the_end_is_there_for_the_next_process() {
        let rig = Rig::new();
        let journal = rig.journal(4_000);
        let frames = rig.record(&journal, 30);
        rig.log.away(true);
        carry(journal, rig.sink()).await;
        rig.log.away(false);
        carry(rig.journal(4_000), rig.sink()).await;
        assert_eq!(rig.log.frames(), frames);
    }

    #[tokio::test]
    async fn lines_that_are_no_frames_hold_nothing_up() {
        let rig = Rig::new();
        fs::write(rig.folder.path().join("0.frames"), "nonsense\n").unwrap();
        fs::write(rig.folder.path().join("1.frames"), "").unwrap();
        fs::write(rig.folder.path().join("notes.txt"), "not ours").unwrap();
        let journal = rig.journal(4_000);
        let frames = rig.record(&journal, 2);
        carry(journal, rig.sink()).await;
        assert_eq!(rig.log.frames(), frames);
        assert_eq!(rig.files(), 1);
    }

    /// Takes half, and says that it failed.
    struct Halfway(Mutex<usize>, Arc<dyn FrameSink>);

    #[async_trait]
    impl FrameSink for Halfway {
        async fn frames_take(&self, frames: &[Frame]) -> Result<(), StoreError> {
            let failures = *self.0.lock().unwrap();
            *self.0.lock().unwrap() = failures.saturating_sub(1);
            if failures == 0 {
                return self.1.frames_take(frames).await;
            }
            self.1.frames_take(&frames[..frames.len() / 2]).await?;
            Err(StoreError::Unavailable("half of it".into()))
        }
    }

    #[tokio::test(start_paused = true)]
    async fn what_was_taken_by_half_is_there_once() {
        let rig = Rig::new();
        let journal = rig.journal(u64::MAX);
        let frames = rig.record(&journal, 50);
        let sink = Arc::new(Halfway(Mutex::new(3), rig.sink()));
        let (log, all) = (rig.log.clone(), frames.len());
        let finished = async move {
            while log.len() < all {
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        };
        journal.carry(sink, finished).await;
        assert_eq!(rig.log.frames(), frames);
    }
}
