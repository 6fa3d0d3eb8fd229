//! The gateway and the router together over real sockets and real databases.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod client;
mod faults;
mod frames;
mod gateway;
mod outage;
mod rig;

/// Makes two tests of one async function over a [`rig::Rig`]: `sqlite::name` and `postgres::name`.
macro_rules! on_both_engines {
    ($($name:ident),* $(,)?) => {
        mod sqlite {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $name() {
                super::$name(crate::rig::Rig::sqlite().await).await;
            })*
        }
        mod postgres {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $name() {
                if let Some(rig) = crate::rig::Rig::postgres().await {
                    super::$name(rig).await;
                }
            })*
        }
    };
}
pub(crate) use on_both_engines;
