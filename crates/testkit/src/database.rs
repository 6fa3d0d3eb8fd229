//! A database of its own for every test.
//!
//! PostgreSQL is used where `MANAGE_TEST_POSTGRES_URL` names a server and an administrator;
//! `cargo xtask test` starts one and sets it. `MANAGE_TEST_REQUIRE_SERVICES` turns its absence
//! from a skipped test into a failure.

use anyhow::{Context, bail};
use sea_orm::{ConnectionTrait, Database};
use tempfile::TempDir;

/// An empty database, gone (SQLite) or left to its disposable server (PostgreSQL) after the test.
pub struct TestDatabase {
    url: String,
    _folder: Option<TempDir>,
}

impl TestDatabase {
    /// A file database in a folder of its own.
    ///
    /// # Errors
    /// Where no folder can be made.
    pub fn sqlite() -> anyhow::Result<Self> {
        let folder = tempfile::tempdir().context("a temporary folder")?;
        let url = format!("sqlite:{}", folder.path().join("test.db").display());
        Ok(Self { url, _folder: Some(folder) })
    }

    /// A fresh database on the test server; `None` where there is none and none is required.
    ///
    /// # Errors
    /// Where the server is required but not named, or does not do as asked.
    pub async fn postgres() -> anyhow::Result<Option<Self>> {
        let Ok(server) = std::env::var("MANAGE_TEST_POSTGRES_URL") else {
            if std::env::var_os("MANAGE_TEST_REQUIRE_SERVICES").is_some() {
                bail!("MANAGE_TEST_POSTGRES_URL must name a PostgreSQL server");
            }
            eprintln!("skipped: MANAGE_TEST_POSTGRES_URL is not set (`cargo xtask test` sets it)");
            return Ok(None);
        };
        #[expect(clippy::disallowed_methods, reason = "a name that no other test process takes")]
        let name = format!("test_{}", uuid::Uuid::now_v7().simple());
        let administrator = Database::connect(&server).await.context("the test server")?;
        administrator.execute_unprepared(&format!("CREATE DATABASE {name}")).await?;
        administrator.close().await?;
        let (base, _) = server.rsplit_once('/').context("a server URL with a database name")?;
        Ok(Some(Self { url: format!("{base}/{name}"), _folder: None }))
    }

    pub fn url(&self) -> &str {
        &self.url
    }

    /// Runs a statement past every adapter, to lay the ground of a test.
    ///
    /// # Errors
    /// Where the database refuses it.
    pub async fn run(&self, sql: &str) -> anyhow::Result<()> {
        let connection = Database::connect(&self.url).await?;
        connection.execute_unprepared(sql).await?;
        Ok(connection.close().await?)
    }
}
