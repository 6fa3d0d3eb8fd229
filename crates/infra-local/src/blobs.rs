//! Files in a folder, and links to them that are signed and expire.
//!
//! A file is written beside its place and moved there when it is whole and on the disk. What is left
//! of one that was never finished lies in a folder of its own and goes when its key is discarded, or
//! with the next start.

mod ticket;

use std::{
    io::{self, ErrorKind},
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use async_trait::async_trait;
use bytes::Bytes;
use chrono::TimeDelta;
use futures::{StreamExt, TryStreamExt, stream, stream::BoxStream};
use kernel::{StoreError, Timestamp};
use report::{BlobKey, BlobStore, BlobWriting, Redeemed, Stored};
use sha2::{Digest, Sha256};
use tokio::{
    fs::{self, File},
    io::{AsyncReadExt, AsyncWriteExt},
};

use self::ticket::{Sealing, Ticket};

/// Bytes read at once.
const STEP: usize = 64 * 1024;
/// Where files are until they are whole; no key begins with a dot.
const UNFINISHED: &str = ".unfinished";

/// Blobs as files. Cheap to clone.
#[derive(Clone)]
pub struct FileBlobs {
    folder: Arc<Path>,
    /// What the path of every link begins with.
    links: Arc<str>,
    sealing: Arc<Sealing>,
    begun: Arc<AtomicU64>,
}

impl FileBlobs {
    /// Makes the folder. `links` is the path under which tickets are redeemed, `secret` signs them.
    ///
    /// # Errors
    /// Where the folder cannot be made.
    pub fn open(folder: impl Into<PathBuf>, links: &str, secret: &[u8]) -> io::Result<Self> {
        let folder = folder.into();
        std::fs::create_dir_all(folder.join(UNFINISHED))?;
        Ok(Self {
            folder: folder.into(),
            links: links.into(),
            sealing: Arc::new(Sealing::new(secret)),
            begun: Arc::default(),
        })
    }

    /// Whether the folder is there.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] where it is not.
    pub async fn check(&self) -> Result<(), StoreError> {
        fs::metadata(self.folder.join(UNFINISHED)).await.map_err(store_error).map(drop)
    }

    fn path(&self, key: &BlobKey) -> PathBuf {
        self.folder.join(key.as_str())
    }

    async fn open_file(&self, key: &BlobKey) -> Result<Option<(File, u64)>, StoreError> {
        let file = match File::open(self.path(key)).await {
            Ok(file) => file,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(store_error(error)),
        };
        let bytes = file.metadata().await.map_err(store_error)?.len();
        Ok(Some((file, bytes)))
    }
}

fn store_error(error: io::Error) -> StoreError {
    StoreError::Unavailable(Box::new(error))
}

fn content(file: File) -> BoxStream<'static, Result<Bytes, StoreError>> {
    let read = stream::try_unfold(file, |mut file| async move {
        let mut buffer = vec![0; STEP];
        let read = file.read(&mut buffer).await.map_err(store_error)?;
        buffer.truncate(read);
        Ok((read > 0).then(|| (Bytes::from(buffer), file)))
    });
    read.into_stream().boxed()
}

#[async_trait]
impl BlobStore for FileBlobs {
    async fn blob_begin(&self, key: &BlobKey, _: &'static str) -> Result<Box<dyn BlobWriting>, StoreError> {
        let count = self.begun.fetch_add(1, Ordering::Relaxed);
        // Of this process, and of no other that shares the folder.
        let name = format!("{}-{}-{count}", key.as_str().replace('/', "_"), std::process::id());
        let unfinished = self.folder.join(UNFINISHED).join(name);
        let file = File::create(&unfinished).await.map_err(store_error)?;
        Ok(Box::new(FileWriting {
            file,
            unfinished: Unfinished(unfinished),
            target: self.path(key),
            bytes: 0,
            sum: Sha256::new(),
        }))
    }

    async fn blob_open(
        &self,
        key: &BlobKey,
    ) -> Result<Option<BoxStream<'static, Result<Bytes, StoreError>>>, StoreError> {
        Ok(self.open_file(key).await?.map(|(file, _)| content(file)))
    }

    async fn blob_discard(&self, key: &BlobKey) -> Result<(), StoreError> {
        match fs::remove_file(self.path(key)).await {
            Ok(()) => {}
            Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => {}
            Err(error) => return Err(store_error(error)),
        }
        // The folders above, as far as nothing else is in them.
        let mut above = self.path(key);
        while above.pop() && above.starts_with(&*self.folder) && *above != *self.folder {
            if fs::remove_dir(&above).await.is_err() {
                break;
            }
        }
        let mut unfinished = fs::read_dir(self.folder.join(UNFINISHED)).await.map_err(store_error)?;
        let ours = format!("{}-", key.as_str().replace('/', "_"));
        while let Some(file) = unfinished.next_entry().await.map_err(store_error)? {
            if file.file_name().to_string_lossy().starts_with(&ours) {
                let _ = fs::remove_file(file.path()).await;
            }
        }
        Ok(())
    }

    async fn blob_link(
        &self,
        key: &BlobKey,
        file_name: &str,
        now: Timestamp,
        lifetime: TimeDelta,
    ) -> Result<String, StoreError> {
        let ticket = Ticket {
            key: key.clone(),
            file_name: file_name.to_owned(),
            expires_at: (now + lifetime).timestamp_micros(),
        };
        Ok(format!("{}/{}", self.links, self.sealing.seal(&ticket)))
    }

    async fn blob_redeem(&self, ticket: &str, now: Timestamp) -> Result<Option<Redeemed>, StoreError> {
        let Some(ticket) = self.sealing.open(ticket) else { return Ok(None) };
        if ticket.expires_at <= now.timestamp_micros() {
            return Ok(None);
        }
        let found = self.open_file(&ticket.key).await?;
        Ok(found.map(|(file, bytes)| Redeemed { file_name: ticket.file_name, bytes, content: content(file) }))
    }
}

/// A file that is not whole; goes with its writer.
struct Unfinished(PathBuf);

impl Drop for Unfinished {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.0);
    }
}

struct FileWriting {
    file: File,
    unfinished: Unfinished,
    target: PathBuf,
    bytes: u64,
    sum: Sha256,
}

#[async_trait]
impl BlobWriting for FileWriting {
    async fn write(&mut self, bytes: Bytes) -> Result<(), StoreError> {
        self.file.write_all(&bytes).await.map_err(store_error)?;
        self.bytes += bytes.len() as u64;
        self.sum.update(&bytes);
        Ok(())
    }

    async fn finish(mut self: Box<Self>) -> Result<Stored, StoreError> {
        self.file.flush().await.map_err(store_error)?;
        self.file.sync_all().await.map_err(store_error)?;
        if let Some(folder) = self.target.parent() {
            fs::create_dir_all(folder).await.map_err(store_error)?;
        }
        fs::rename(&self.unfinished.0, &self.target).await.map_err(store_error)?;
        Ok(Stored { bytes: self.bytes, sha256: self.sum.finalize().into() })
    }

    async fn abandon(self: Box<Self>) {}
}
