//! The stores of a process, opened as the configuration says.

use std::{path::Path, sync::Arc};

use anyhow::Context;
use connect_router::SocketRegistry;
use infra_local::{EventBus, MemoryLeases, MemoryLive, MemoryQuotas};
use infra_sea::{Sea, SeaOptions};
use kernel::{Clock, IdSource, Leases, Quotas, StoreError};
use transaction::LiveReadings;

use crate::{
    ambient::{SystemClock, SystemIds},
    blobs::Blobs,
    config::Config,
    documents::Documents,
    log::Log,
};

/// Adapters, shared by all services of the process.
#[derive(Clone)]
pub struct Backends {
    pub sea: Arc<Sea>,
    pub clock: Arc<dyn Clock>,
    pub ids: Arc<dyn IdSource>,
    /// Where the events of this process are heard once they are durable.
    pub events: EventBus,
    /// What joins this process with others.
    pub log: Log,
    pub leases: Arc<dyn Leases>,
    /// How often partners may ask.
    pub quotas: Arc<dyn Quotas>,
    /// Where sockets are; `None` where the only gateway is in this process.
    pub sockets: Option<Arc<dyn SocketRegistry>>,
    /// What meters say now.
    pub live: Arc<dyn LiveReadings>,
    /// The message log, and the index of reports.
    pub documents: Documents,
    /// Files of reports.
    pub blobs: Blobs,
    cache: Cache,
}

/// What processes share while they live.
#[derive(Clone)]
enum Cache {
    Memory,
    #[cfg(feature = "redis")]
    Redis(infra_redis::Redis),
}

impl Backends {
    /// Opens the stores with the machine's clock and entropy.
    ///
    /// # Errors
    /// Where a store cannot be reached or made.
    pub async fn open(config: &Config) -> anyhow::Result<Self> {
        Self::open_with(config, Arc::new(SystemClock), Arc::new(SystemIds)).await
    }

    /// Opens the stores with a given clock and ids, for tests.
    ///
    /// # Errors
    /// Where a store cannot be reached or made.
    pub async fn open_with(
        config: &Config,
        clock: Arc<dyn Clock>,
        ids: Arc<dyn IdSource>,
    ) -> anyhow::Result<Self> {
        let url = config.database.url.expose();
        make_folder_of(url)?;
        let options = SeaOptions { max_connections: config.database.max_connections, ..SeaOptions::new(url) };
        let sea = Sea::connect(&options, clock.clone()).await.context("the database cannot be opened")?;
        let documents = Documents::open(config, clock.clone()).await?;
        let blobs = Blobs::open(config, &*ids).await?;
        let log = Log::open(&config.events).await?;
        let cache = open_cache(config)?;
        let leases: Arc<dyn Leases> = match &cache {
            Cache::Memory => Arc::new(MemoryLeases::default()),
            #[cfg(feature = "redis")]
            Cache::Redis(redis) => Arc::new(redis.clone()),
        };
        let quotas: Arc<dyn Quotas> = match &cache {
            Cache::Memory => Arc::new(MemoryQuotas::default()),
            #[cfg(feature = "redis")]
            Cache::Redis(redis) => Arc::new(redis.clone()),
        };
        let live: Arc<dyn LiveReadings> = match &cache {
            Cache::Memory => Arc::new(MemoryLive::default()),
            #[cfg(feature = "redis")]
            Cache::Redis(redis) => Arc::new(redis.clone()),
        };
        let sockets = log.is_shared().then(|| registry(&cache)).flatten();
        Ok(Self {
            sea: Arc::new(sea),
            clock,
            ids,
            events: EventBus::default(),
            log,
            leases,
            quotas,
            sockets,
            live,
            documents,
            blobs,
            cache,
        })
    }

    /// Asks a backend whether it answers: `database`, `events`, `cache`, `documents`, `blobs`. Those that are
    /// part of this process do.
    ///
    /// # Errors
    /// Where it does not.
    pub async fn check(&self, backend: Backend) -> Result<(), StoreError> {
        match backend {
            Backend::Database => self.sea.check().await,
            Backend::Events => self.log.check().await,
            Backend::Cache => match &self.cache {
                Cache::Memory => Ok(()),
                #[cfg(feature = "redis")]
                Cache::Redis(redis) => redis.check().await,
            },
            Backend::Documents => self.documents.check().await,
            Backend::Blobs => self.blobs.check().await,
        }
    }
}

/// The backends that readiness asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Backend {
    Database,
    Events,
    Cache,
    Documents,
    Blobs,
}

impl Backend {
    pub const ALL: [Self; 5] = [Self::Database, Self::Events, Self::Cache, Self::Documents, Self::Blobs];

    /// The name of its configuration section.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Database => "database",
            Self::Events => "events",
            Self::Cache => "cache",
            Self::Documents => "documents",
            Self::Blobs => "blobs",
        }
    }

    /// Whether servers are of no use while it is away. Without documents and blobs chargers are
    /// served and depots controlled all the same; what is to be kept waits.
    pub const fn is_required(self) -> bool {
        !matches!(self, Self::Documents | Self::Blobs)
    }
}

fn open_cache(config: &Config) -> anyhow::Result<Cache> {
    match config.cache.scheme() {
        #[cfg(feature = "redis")]
        "redis" | "rediss" => {
            let redis = infra_redis::Redis::new(config.cache.url.expose(), config.cache.max_connections);
            Ok(Cache::Redis(redis.context("`cache.url` cannot be used")?))
        }
        _ => Ok(Cache::Memory),
    }
}

fn registry(cache: &Cache) -> Option<Arc<dyn SocketRegistry>> {
    match cache {
        Cache::Memory => None,
        #[cfg(feature = "redis")]
        Cache::Redis(redis) => Some(Arc::new(redis.clone())),
    }
}

/// Makes the folder of an embedded database.
pub(crate) fn make_folder_of(url: &str) -> anyhow::Result<()> {
    match url.strip_prefix("sqlite:") {
        Some(path) => make_folder(Path::new(path.trim_start_matches("//"))),
        None => Ok(()),
    }
}

fn make_folder(file: &Path) -> anyhow::Result<()> {
    match file.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => {
            std::fs::create_dir_all(folder).with_context(|| format!("{} cannot be made", folder.display()))
        }
        _ => Ok(()),
    }
}
