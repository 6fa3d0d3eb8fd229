//! Documents on one machine: a SQLite database of their own, so that what is written all the time
//! never waits for the main database, nor that for it.

mod entity;
mod frame;
mod report;
mod report_entity;

use std::sync::Arc;

use kernel::{Clock, StoreError};
use migration::{DocumentMigrator, MigratorTrait};

use crate::{
    connect::{Sea, SeaOptions},
    error::store_error,
};

/// The embedded store of documents. Cheap to clone.
#[derive(Clone)]
pub struct SeaDocuments(Sea);

impl SeaDocuments {
    /// Opens the database. Does not make its tables.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] where it cannot be opened.
    pub async fn connect(options: &SeaOptions, clock: Arc<dyn Clock>) -> Result<Self, StoreError> {
        // As the journal they come from: only the machine itself can lose those of its last seconds.
        let options = SeaOptions { waits_for_disk: false, ..options.clone() };
        Ok(Self(Sea::connect(&options, clock).await?))
    }

    /// Makes the tables that are missing. Processes that start together wait for one another.
    ///
    /// # Errors
    /// Whatever the migration met.
    pub async fn set_up(&self) -> Result<(), StoreError> {
        let turn = self.0.begin_raw().await?;
        DocumentMigrator::up(&turn, None).await.map_err(store_error)?;
        turn.commit().await.map_err(store_error)
    }

    /// Whether the database answers.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] where it does not.
    pub async fn check(&self) -> Result<(), StoreError> {
        self.0.check().await
    }
}
