//! One file of frames: a JSON document a line, written at its end and read from its beginning.

use std::{
    fs::{self, File, OpenOptions, TryLockError},
    io,
    os::unix::fs::FileExt,
    path::{Path, PathBuf},
};

use message_log::Frame;
use uuid::Uuid;

const EXTENSION: &str = "frames";
/// How much is read at once.
const STEP: usize = 256 * 1024;

/// A file that is ours for as long as we have it open: whoever is killed lets go of it.
pub(super) struct FrameFile {
    file: File,
    path: PathBuf,
    /// Whole lines end here.
    end: u64,
    /// Up to here frames were carried on.
    carried: u64,
}

/// Frames that follow one another in a file.
#[derive(Debug)]
pub(super) struct Batch {
    pub(super) frames: Vec<Frame>,
    /// Lines among them that are no frames.
    pub(super) unreadable: usize,
    /// Where the next one begins.
    pub(super) to: u64,
}

impl FrameFile {
    /// Makes a file of our own.
    pub(super) fn make(folder: &Path, name: Uuid) -> io::Result<Self> {
        let path = folder.join(name.simple().to_string()).with_extension(EXTENSION);
        let file = OpenOptions::new().read(true).write(true).create_new(true).open(&path)?;
        file.try_lock()?;
        Ok(Self { file, path, end: 0, carried: 0 })
    }

    /// The files that others have left, the oldest first.
    pub(super) fn left(folder: &Path) -> io::Result<Vec<Self>> {
        let mut paths: Vec<PathBuf> =
            fs::read_dir(folder)?.filter_map(|entry| Some(entry.ok()?.path())).collect();
        paths.retain(|path| path.extension().is_some_and(|extension| extension == EXTENSION));
        // They are named by ids, which sort by time.
        paths.sort();
        paths.iter().filter_map(|path| Self::take_over(path).transpose()).collect()
    }

    /// A file whose owner is gone.
    fn take_over(path: &Path) -> io::Result<Option<Self>> {
        let file = match OpenOptions::new().read(true).write(true).open(path) {
            Ok(file) => file,
            // Its owner has finished with it.
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(error),
        };
        match file.try_lock() {
            Ok(()) => {
                let end = file.metadata()?.len();
                Ok(Some(Self { file, path: path.to_owned(), end, carried: 0 }))
            }
            Err(TryLockError::WouldBlock) => Ok(None),
            Err(TryLockError::Error(error)) => Err(error),
        }
    }

    pub(super) fn len(&self) -> u64 {
        self.end
    }

    /// Bytes that were not carried on.
    pub(super) fn waiting(&self) -> u64 {
        self.end - self.carried
    }

    /// Writes a line to the end. Where there is no room for all of it, none of it is there.
    pub(super) fn append(&mut self, line: &[u8]) -> io::Result<()> {
        if let Err(error) = self.file.write_all_at(line, self.end) {
            // What was written of it would be overwritten by the next line, unless that is shorter.
            let _ = self.file.set_len(self.end);
            return Err(error);
        }
        self.end += line.len() as u64;
        Ok(())
    }

    /// The same file for somebody who reads while it is written, from where it was carried on.
    pub(super) fn reader(&self) -> io::Result<Reader> {
        Ok(Reader { file: self.file.try_clone()?, from: self.carried, end: self.end })
    }

    pub(super) fn carried(&mut self, to: u64) {
        self.carried = to;
    }

    /// Begins anew where everything was carried on.
    pub(super) fn rewind(&mut self) -> io::Result<()> {
        if self.waiting() == 0 && self.end > 0 {
            self.file.set_len(0)?;
            (self.end, self.carried) = (0, 0);
        }
        Ok(())
    }

    pub(super) fn remove(self) -> io::Result<()> {
        self.unlink()
    }

    /// Removes the name; who has the file open keeps it.
    pub(super) fn unlink(&self) -> io::Result<()> {
        match fs::remove_file(&self.path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
            other => other,
        }
    }
}

/// Reads a file up to where it ended when it was asked for.
pub(super) struct Reader {
    file: File,
    from: u64,
    end: u64,
}

impl Reader {
    /// The next frames: about [`STEP`] bytes of them, and at least one.
    pub(super) fn read(&self) -> io::Result<Batch> {
        let mut bytes = Vec::new();
        let mut at = self.from;
        // A line that is longer than a step needs several.
        while !bytes.contains(&b'\n') && at < self.end {
            let step = usize::try_from(self.end - at).unwrap_or(STEP).min(STEP);
            let begin = bytes.len();
            bytes.resize(begin + step, 0);
            self.file.read_exact_at(&mut bytes[begin..], at)?;
            at += step as u64;
        }
        let Some(last) = bytes.iter().rposition(|byte| *byte == b'\n') else {
            // Its writer was killed in the middle of a line, and went on with none.
            return Ok(Batch { frames: Vec::new(), unreadable: 0, to: self.end });
        };
        let lines = bytes[..last].split(|byte| *byte == b'\n');
        let (mut frames, mut unreadable) = (Vec::new(), 0);
        for line in lines {
            match serde_json::from_slice(line) {
                Ok(frame) => frames.push(frame),
                Err(_) => unreadable += 1,
            }
        }
        Ok(Batch { frames, unreadable, to: self.from + last as u64 + 1 })
    }

    /// Has the disk take what was written.
    pub(super) fn flush(&self) -> io::Result<()> {
        self.file.sync_data()
    }
}

#[cfg(test)]
impl FrameFile {
    /// Any file.
    pub(super) fn over(path: &Path) -> io::Result<Self> {
        let file = OpenOptions::new().read(true).write(true).open(path)?;
        Ok(Self { file, path: path.to_owned(), end: 0, carried: 0 })
    }
}
