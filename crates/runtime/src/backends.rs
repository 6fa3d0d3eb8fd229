//! The stores of a process, opened as the configuration says.

use std::{path::Path, sync::Arc};

use anyhow::Context;
use infra_local::EventBus;
use infra_sea::{Sea, SeaOptions};
use kernel::{Clock, IdSource};

use crate::{
    ambient::{SystemClock, SystemIds},
    config::Config,
};

/// Adapters, shared by all services of the process.
#[derive(Clone)]
pub struct Backends {
    pub sea: Arc<Sea>,
    pub clock: Arc<dyn Clock>,
    pub ids: Arc<dyn IdSource>,
    /// Where the events of this process are heard once they are durable.
    pub events: EventBus,
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
        if let Some(path) = url.strip_prefix("sqlite:") {
            make_folder(Path::new(path.trim_start_matches("//")))?;
        }
        let options = SeaOptions { max_connections: config.database.max_connections, ..SeaOptions::new(url) };
        let sea = Sea::connect(&options, clock.clone()).await.context("the database cannot be opened")?;
        Ok(Self { sea: Arc::new(sea), clock, ids, events: EventBus::default() })
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
