//! Every adapter on both engines: the contract suites of the domains and the promises of the
//! store itself.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod access;
mod audit;
mod charge_point;
mod charging;
mod chart;
mod dead_letter;
mod depot;
mod dispatch;
mod documents;
mod feed;
mod idempotency;
mod notification;
mod outbox;
mod plans;
mod priority;
mod processes;
mod reach;
mod readings;
mod report;
mod report_cost;
mod resource_group;
mod transaction;
mod vehicle;
mod webhook;

use std::sync::Arc;

use infra_sea::{Sea, SeaOptions};
use kernel::testing::FakeClock;
use testkit::TestDatabase;

/// A migrated store over a database of its own.
pub(crate) struct Fixture {
    pub(crate) sea: Arc<Sea>,
    pub(crate) clock: Arc<FakeClock>,
    pub(crate) _database: TestDatabase,
}

impl Fixture {
    async fn over(database: TestDatabase) -> Self {
        let clock = Arc::new(FakeClock::default());
        let sea = Sea::connect(&SeaOptions::new(database.url()), clock.clone()).await.expect("connects");
        sea.migrate().await.expect("migrates");
        Self { sea: Arc::new(sea), clock, _database: database }
    }

    pub(crate) async fn sqlite() -> Self {
        Self::over(TestDatabase::sqlite().expect("a folder")).await
    }

    pub(crate) async fn postgres() -> Option<Self> {
        Some(Self::over(TestDatabase::postgres().await.expect("a test server")?).await)
    }
}

/// Makes two tests of one async function over a [`Fixture`]: `sqlite::name` and `postgres::name`.
macro_rules! on_both_engines {
    ($($name:ident),* $(,)?) => {
        mod sqlite {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $name() {
                super::$name(&crate::Fixture::sqlite().await).await;
            })*
        }
        mod postgres {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $name() {
                if let Some(fixture) = crate::Fixture::postgres().await {
                    super::$name(&fixture).await;
                }
            })*
        }
    };
}
pub(crate) use on_both_engines;
