//! What processes share while they live, in Redis: leases, the registry of sockets,
//! quotas, and what meters say now.
//!
//! Nothing here has to survive: leases end, sockets are noted again, and whatever must not happen
//! twice is guarded in the database. A Redis that is gone costs convenience, never a promise.

mod leases;
mod live;
mod quotas;
mod sockets;

use std::time::Duration;

use deadpool_redis::{
    Config, Connection, Pool, PoolError, Runtime, Timeouts,
    redis::{RedisError, cmd},
};
use kernel::StoreError;

/// How long any answer may take before Redis counts as gone.
const PATIENCE: Duration = Duration::from_secs(3);
/// What every key of ours begins with.
const PREFIX: &str = "manage:";

/// A pool of connections. Cheap to clone.
#[derive(Clone)]
pub struct Redis {
    pool: Pool,
}

impl Redis {
    /// Sets a pool up; connections are made when they are needed.
    ///
    /// # Errors
    /// For a URL that cannot be read.
    pub fn new(url: &str, max_connections: u32) -> Result<Self, StoreError> {
        let unusable = |error: String| StoreError::Failed(error.into());
        let size = usize::try_from(max_connections.max(1)).unwrap_or(16);
        let pool = Config::from_url(url)
            .builder()
            .map_err(|error| unusable(error.to_string()))?
            .max_size(size)
            .runtime(Runtime::Tokio1)
            .timeouts(Timeouts { wait: Some(PATIENCE), create: Some(PATIENCE), recycle: Some(PATIENCE) })
            .build()
            .map_err(|error| unusable(error.to_string()))?;
        Ok(Self { pool })
    }

    /// Whether Redis answers.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] where it does not.
    pub async fn check(&self) -> Result<(), StoreError> {
        let mut connection = self.connection().await?;
        cmd("PING").query_async::<()>(&mut connection).await.map_err(store_error)
    }

    pub(crate) async fn connection(&self) -> Result<Connection, StoreError> {
        self.pool.get().await.map_err(|error: PoolError| StoreError::Unavailable(Box::new(error)))
    }
}

fn key(kind: &str, name: impl std::fmt::Display) -> String {
    format!("{PREFIX}{kind}:{name}")
}

fn store_error(error: RedisError) -> StoreError {
    if error.is_io_error() || error.is_timeout() || error.is_connection_dropped() || error.is_cluster_error()
    {
        StoreError::Unavailable(Box::new(error))
    } else {
        StoreError::Failed(Box::new(error))
    }
}
