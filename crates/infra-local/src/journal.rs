//! Where frames wait on the gateway's machine until a topic or a store has them.
//!
//! A frame is in the hands of the operating system before the gateway goes on: a process that is
//! killed loses none, and nobody waits for a network. Files hold what cannot be carried on for now,
//! so that memory does not, and the next process on this machine takes up what another left: a file
//! belongs to whoever has it locked. What is carried on may be carried on again; that changes
//! nothing, since a frame has an id.
//!
//! Only the machine itself can lose frames here, those of its last seconds: files are flushed when
//! they have to wait, not with every frame.

mod carry;
mod file;

use std::{
    collections::VecDeque,
    io,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use kernel::IdSource;
use message_log::{Frame, FrameRecorder, NoRoom};
use tokio::sync::Notify;

use self::file::FrameFile;

/// A file that is longer gets a successor.
const FILE_BYTES: u64 = 8 * 1024 * 1024;

/// The journal of one gateway. Clones share it.
#[derive(Clone)]
pub struct FrameJournal(Arc<Inner>);

struct Inner {
    folder: PathBuf,
    ids: Arc<dyn IdSource>,
    file_bytes: u64,
    files: Mutex<Files>,
    /// Rung when there is something to carry on.
    bell: Notify,
}

struct Files {
    /// Written to.
    current: FrameFile,
    /// To be carried on before it, the oldest first.
    waiting: VecDeque<FrameFile>,
}

impl FrameJournal {
    /// Opens a journal in a folder, which it may share with those of other processes.
    ///
    /// # Errors
    /// Where no file can be made.
    pub fn open(folder: &Path, ids: Arc<dyn IdSource>) -> io::Result<Self> {
        Self::with_files_of(FILE_BYTES, folder, ids)
    }

    fn with_files_of(file_bytes: u64, folder: &Path, ids: Arc<dyn IdSource>) -> io::Result<Self> {
        std::fs::create_dir_all(folder)?;
        let current = FrameFile::make(folder, ids.uuid())?;
        let files = Mutex::new(Files { current, waiting: VecDeque::new() });
        let folder = folder.to_owned();
        Ok(Self(Arc::new(Inner { folder, ids, file_bytes, files, bell: Notify::new() })))
    }
}

impl Inner {
    fn files(&self) -> MutexGuard<'_, Files> {
        self.files.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl FrameRecorder for FrameJournal {
    fn record(&self, frame: &Frame) -> Result<(), NoRoom> {
        let mut line = serde_json::to_vec(frame).map_err(|error| NoRoom(Box::new(error)))?;
        line.push(b'\n');
        let mut files = self.0.files();
        files.current.append(&line).map_err(|error| NoRoom(Box::new(error)))?;
        if files.current.len() >= self.0.file_bytes {
            match FrameFile::make(&self.0.folder, self.0.ids.uuid()) {
                Ok(next) => {
                    let full = std::mem::replace(&mut files.current, next);
                    files.waiting.push_back(full);
                }
                // It may grow a little longer.
                Err(error) => tracing::warn!(%error, "a file for frames cannot be made for now"),
            }
        }
        drop(files);
        metrics::counter!("message_log_queued_total").increment(1);
        self.0.bell.notify_one();
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use kernel::testing::CountingIds;
    use message_log::testing::frame;

    use super::*;

    #[test]
    fn a_frame_without_room_is_refused_and_those_before_it_stay() {
        let (folder, ids) = (tempfile::tempdir().unwrap(), Arc::new(CountingIds::default()));
        let journal = FrameJournal::open(folder.path(), ids.clone()).unwrap();
        journal.record(&frame(&*ids)).unwrap();
        let full = FrameFile::over(Path::new("/dev/full")).unwrap();
        let kept = std::mem::replace(&mut journal.0.files().current, full);
        assert!(journal.record(&frame(&*ids)).is_err());
        journal.0.files().current = kept;
        let before = journal.0.files().current.len();
        journal.record(&frame(&*ids)).unwrap();
        assert_eq!(journal.0.files().current.len(), before * 2);
    }
}
