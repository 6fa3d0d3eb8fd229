//! Where files are kept: in a folder, or in S3.

use std::{path::PathBuf, sync::Arc};

use anyhow::Context;
use infra_local::FileBlobs;
use kernel::{IdSource, StoreError};
use report::BlobStore;

use crate::{config::Config, token_secret::token_secret};

/// Under which path the operators' API hands out files that lie in a folder.
const LINKS: &str = "/api/v1/reports/files";

/// The store of files. Cheap to clone.
#[derive(Clone)]
pub enum Blobs {
    File(FileBlobs),
    #[cfg(feature = "s3")]
    S3(infra_s3::S3),
}

impl Blobs {
    /// Prepares the store; one that is away for now is no obstacle.
    pub(crate) async fn open(config: &Config, ids: &dyn IdSource) -> anyhow::Result<Self> {
        let url = config.blobs.url.expose();
        #[cfg(feature = "s3")]
        if config.blobs.scheme() == "s3" {
            let settings = infra_s3::S3Settings::parse(url).context("`blobs.url`")?;
            return Ok(Self::S3(infra_s3::S3::new(&settings).await));
        }
        if config.events.scheme() == "kafka" {
            tracing::warn!("`blobs.url` is file: only servers on this machine share its files");
        }
        let path = url.strip_prefix("file:").unwrap_or(url).trim_start_matches("//");
        // Tests that set nothing up have no folder.
        let folder = if path.is_empty() { config.data_dir.join("blobs") } else { PathBuf::from(path) };
        let secret = token_secret(config, ids)?;
        let blobs = FileBlobs::open(folder, LINKS, &secret).context("`blobs.url` cannot be opened")?;
        Ok(Self::File(blobs))
    }

    /// # Errors
    /// Where the store does not answer.
    pub async fn check(&self) -> Result<(), StoreError> {
        match self {
            Self::File(files) => files.check().await,
            #[cfg(feature = "s3")]
            Self::S3(s3) => s3.check().await,
        }
    }

    /// Files of reports.
    pub fn store(&self) -> Arc<dyn BlobStore> {
        match self {
            Self::File(files) => Arc::new(files.clone()),
            #[cfg(feature = "s3")]
            Self::S3(s3) => Arc::new(s3.clone()),
        }
    }
}
