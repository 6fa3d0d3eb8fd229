//! Opening the database, and how its connections are used.
//!
//! SQLite allows one writer: its units of work share a single connection and wait for it in order,
//! so that none of them ever meets a lock; reads use connections of their own (write-ahead log).
//! PostgreSQL uses one pool for both.

use std::{sync::Arc, time::Duration};

use kernel::{Clock, StoreError};
use migration::MigratorTrait;
use sea_orm::{
    ConnectOptions, ConnectionTrait, Database, DatabaseConnection, DatabaseTransaction, DbBackend,
    SqliteTransactionMode, TransactionOptions, TransactionTrait,
};
use tokio::sync::Notify;

use crate::error::store_error;

/// Held while the schema is changed; any number that nobody else uses.
const MIGRATION_LOCK: &str = "SELECT pg_advisory_xact_lock(5021773009)";

/// Where the database is and how many connections it may take.
#[derive(Clone, Debug)]
pub struct SeaOptions {
    /// `sqlite:PATH` or `postgres://…`.
    pub url: String,
    pub max_connections: u32,
    /// How long a caller waits for a connection before the store counts as unavailable.
    pub acquire_timeout: Duration,
    /// Whether SQLite waits for the disk at every commit. Without, what was committed outlives the
    /// process, and of a machine that loses its power all but the last seconds.
    pub waits_for_disk: bool,
}

impl SeaOptions {
    pub fn new(url: impl Into<String>) -> Self {
        Self {
            url: url.into(),
            max_connections: 16,
            acquire_timeout: Duration::from_secs(8),
            waits_for_disk: true,
        }
    }

    fn is_sqlite(&self) -> bool {
        self.url.starts_with("sqlite:")
    }

    fn connect_options(&self, connections: u32) -> ConnectOptions {
        let synchronous = if self.waits_for_disk { "full" } else { "normal" };
        let mut options = ConnectOptions::new(self.url.clone());
        options
            .max_connections(connections)
            .min_connections(0)
            .acquire_timeout(self.acquire_timeout)
            .sqlx_logging(false)
            .map_sqlx_sqlite_opts(move |sqlite| {
                sqlite
                    .create_if_missing(true)
                    .journal_mode("wal".parse().unwrap_or_default())
                    .synchronous(synchronous.parse().unwrap_or_default())
                    .foreign_keys(true)
                    .busy_timeout(Duration::from_secs(8))
            });
        options
    }
}

/// The relational store. Cheap to clone.
#[derive(Clone)]
pub struct Sea {
    writer: DatabaseConnection,
    reader: DatabaseConnection,
    pub(crate) clock: Arc<dyn Clock>,
    events: Arc<Notify>,
}

impl Sea {
    /// Opens the database. Does not migrate it.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] where it cannot be reached.
    pub async fn connect(options: &SeaOptions, clock: Arc<dyn Clock>) -> Result<Self, StoreError> {
        let connect = |connections| Database::connect(options.connect_options(connections));
        let (writer, reader) = if options.is_sqlite() {
            let writer = connect(1).await.map_err(store_error)?;
            (writer, connect(options.max_connections).await.map_err(store_error)?)
        } else {
            let pool = connect(options.max_connections).await.map_err(store_error)?;
            (pool.clone(), pool)
        };
        Ok(Self { writer, reader, clock, events: Arc::new(Notify::new()) })
    }

    /// Brings the schema to the version this program knows.
    ///
    /// Processes that start together wait for one another.
    ///
    /// # Errors
    /// Whatever the migration met.
    pub async fn migrate(&self) -> Result<(), StoreError> {
        let turn = match self.writer.get_database_backend() {
            DbBackend::Postgres => {
                let turn = self.begin_raw().await?;
                turn.execute_unprepared(MIGRATION_LOCK).await.map_err(store_error)?;
                Some(turn)
            }
            // The engine's one writer is turn enough.
            _ => None,
        };
        migration::Migrator::up(&self.writer, None).await.map_err(store_error)?;
        match turn {
            Some(turn) => turn.commit().await.map_err(store_error),
            None => Ok(()),
        }
    }

    /// Whether the database answers.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] where it does not.
    pub async fn check(&self) -> Result<(), StoreError> {
        self.reader.ping().await.map_err(store_error)
    }

    /// Rung after a unit of work that appended events became durable.
    pub fn event_bell(&self) -> Arc<Notify> {
        self.events.clone()
    }

    /// Connections for reads outside a unit of work.
    pub(crate) fn reader(&self) -> &DatabaseConnection {
        &self.reader
    }

    /// Begins a transaction in a task of its own: a caller that goes away in the middle of BEGIN
    /// would otherwise leave its connection in the pool with a transaction open.
    pub(crate) async fn begin_raw(&self) -> Result<DatabaseTransaction, StoreError> {
        let writer = self.writer.clone();
        let options = TransactionOptions {
            sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
            ..TransactionOptions::default()
        };
        tokio::spawn(async move { writer.begin_with_options(options).await })
            .await
            .map_err(|join| StoreError::Failed(Box::new(join)))?
            .map_err(store_error)
    }
}
