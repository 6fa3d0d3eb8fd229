//! Where documents are kept: beside the process, or in DynamoDB.

use std::sync::Arc;

use anyhow::Context;
use infra_sea::{SeaDocuments, SeaOptions};
use kernel::{Clock, StoreError};
use message_log::FrameStore;
use report::ReportIndex;

use crate::{backends::make_folder_of, config::Config};

/// The store of documents. Cheap to clone.
#[derive(Clone)]
pub enum Documents {
    Sqlite(SeaDocuments),
    #[cfg(feature = "dynamo")]
    Dynamo(infra_dynamo::Dynamo),
}

impl Documents {
    /// Prepares the store; one that is away for now is no obstacle.
    pub(crate) async fn open(config: &Config, clock: Arc<dyn Clock>) -> anyhow::Result<Self> {
        let url = config.documents.url.expose();
        #[cfg(feature = "dynamo")]
        if config.documents.scheme() == "dynamodb" {
            let settings = infra_dynamo::DynamoSettings::parse(url).context("`documents.url`")?;
            return Ok(Self::Dynamo(infra_dynamo::Dynamo::new(&settings).await));
        }
        if config.events.scheme() == "kafka" {
            tracing::warn!("`documents.url` is sqlite: only servers on this machine share its documents");
        }
        make_folder_of(url)?;
        let options =
            SeaOptions { max_connections: config.documents.max_connections, ..SeaOptions::new(url) };
        let sea = SeaDocuments::connect(&options, clock).await.context("`documents.url` cannot be opened")?;
        Ok(Self::Sqlite(sea))
    }

    /// Makes the tables that are missing, and checks those that are there.
    ///
    /// # Errors
    /// Where the store does not answer, or has something else in their place.
    pub async fn set_up(&self) -> Result<(), StoreError> {
        match self {
            Self::Sqlite(sea) => sea.set_up().await,
            #[cfg(feature = "dynamo")]
            Self::Dynamo(dynamo) => dynamo.set_up().await,
        }
    }

    /// # Errors
    /// Where the store does not answer.
    pub async fn check(&self) -> Result<(), StoreError> {
        match self {
            Self::Sqlite(sea) => sea.check().await,
            #[cfg(feature = "dynamo")]
            Self::Dynamo(dynamo) => dynamo.check().await,
        }
    }

    /// The index of reports.
    pub fn reports(&self) -> Arc<dyn ReportIndex> {
        match self {
            Self::Sqlite(sea) => Arc::new(sea.clone()),
            #[cfg(feature = "dynamo")]
            Self::Dynamo(dynamo) => Arc::new(dynamo.clone()),
        }
    }

    /// The message log.
    pub fn frames(&self) -> Arc<dyn FrameStore> {
        match self {
            Self::Sqlite(sea) => Arc::new(sea.clone()),
            #[cfg(feature = "dynamo")]
            Self::Dynamo(dynamo) => Arc::new(dynamo.clone()),
        }
    }
}
