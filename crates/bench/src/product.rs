//! The product in one of its shapes, over stores of its own.

mod operator;
mod server;

use std::path::Path;

use anyhow::Context;
use clap::ValueEnum;
pub(crate) use operator::{Operator, PASSWORD, PREFIX, TAG};
pub(crate) use server::Server;
use test_services::{Durability, Kafka, Postgres, Redis};

use crate::processes::{Cost, cost};

/// Which processes and stores.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Mode {
    /// One process on SQLite.
    Sqlite,
    /// One process on PostgreSQL.
    Postgres,
    /// A gateway, a worker and an API server on PostgreSQL, Kafka and Redis.
    Cluster,
}

pub(crate) struct Product {
    pub(crate) servers: Vec<Server>,
    /// Services by name and process id.
    services: Vec<(&'static str, u32)>,
    postgres: Option<Postgres>,
    redis: Option<Redis>,
    kafka: Option<Kafka>,
    folder: tempfile::TempDir,
}

impl Drop for Product {
    fn drop(&mut self) {
        self.servers.clear();
        // What does not stop is in a temporary folder, and of no consequence.
        let _ = self.kafka.as_ref().map(Kafka::stop);
        let _ = self.redis.as_ref().map(Redis::stop);
        let _ = self.postgres.as_ref().map(Postgres::stop);
    }
}

impl Product {
    pub(crate) async fn start(mode: Mode) -> anyhow::Result<Self> {
        let folder = tempfile::tempdir()?;
        let mut product = Self {
            servers: Vec::new(),
            services: Vec::new(),
            postgres: None,
            redis: None,
            kafka: None,
            folder,
        };
        let mut settings = vec![
            ("MANAGE_LOG".to_owned(), "warn".to_owned()),
            ("MANAGE_ADMIN__PASSWORD".to_owned(), operator::PASSWORD.to_owned()),
            // Stations under load are allowed more than those on the road.
            ("MANAGE_CONNECT__FRAMES_PER_SECOND".to_owned(), "100000".to_owned()),
        ];
        product.start_services(mode, &mut settings)?;
        let programs: &[&str] = match mode {
            Mode::Sqlite | Mode::Postgres => &["manage"],
            Mode::Cluster => &["api-internal", "worker", "connect"],
        };
        for program in programs {
            let server = Server::start(program, &settings, product.folder.path()).await?;
            product.servers.push(server);
        }
        Ok(product)
    }

    fn start_services(&mut self, mode: Mode, settings: &mut Vec<(String, String)>) -> anyhow::Result<()> {
        let folder = |name: &str| -> std::path::PathBuf { Path::join(self.folder.path(), name) };
        if mode == Mode::Sqlite {
            return Ok(());
        }
        let postgres = Postgres::start(&folder("postgres"), Durability::Full)?;
        settings.push(("MANAGE_DATABASE__URL".to_owned(), postgres.url.clone()));
        self.services.push(("postgres", postgres.pid().context("PostgreSQL has no process")?));
        if mode == Mode::Cluster {
            let (redis, kafka) = (Redis::start(&folder("redis"))?, Kafka::start(&folder("kafka"))?);
            settings.push(("MANAGE_CACHE__URL".to_owned(), redis.url.clone()));
            settings.push(("MANAGE_EVENTS__URL".to_owned(), kafka.url.clone()));
            self.services.extend([("redis", redis.pid()), ("kafka", kafka.pid())]);
            (self.redis, self.kafka) = (Some(redis), Some(kafka));
        }
        self.postgres = Some(postgres);
        Ok(())
    }

    fn address(&self, wanted: impl Fn(&Server) -> Option<String>) -> anyhow::Result<String> {
        self.servers.iter().find_map(wanted).context("a server is missing")
    }

    /// Where everything is stored.
    pub(crate) fn database(&self) -> String {
        match &self.postgres {
            Some(postgres) => postgres.url.clone(),
            None => format!("sqlite:{}", self.folder.path().join("var/manage.db").display()),
        }
    }

    /// The operators' API.
    pub(crate) fn internal(&self) -> anyhow::Result<String> {
        self.address(|server| server.internal.map(|address| address.to_string()))
    }

    pub(crate) async fn operator(&self) -> anyhow::Result<Operator> {
        Operator::sign_in(self.internal()?, operator::ADMIN).await
    }

    /// Where stations connect.
    pub(crate) fn endpoint(&self) -> anyhow::Result<String> {
        Ok(format!("ws://{}/ocpp", self.address(|server| server.connect.map(|a| a.to_string()))?))
    }

    /// What every process has cost until now.
    pub(crate) fn costs(&self) -> Costs {
        let ours = self.servers.iter().map(|server| (server.program, cost(server.pid())));
        let services = self.services.iter().map(|(name, pid)| (*name, cost(*pid)));
        Costs { ours: ours.collect(), services: services.collect() }
    }
}

/// What processes have cost, by name.
pub(crate) struct Costs {
    pub(crate) ours: Vec<(&'static str, Cost)>,
    pub(crate) services: Vec<(&'static str, Cost)>,
}
