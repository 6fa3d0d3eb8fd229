//! Redis itself, asked through the ports.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::time::Duration;

use connect_router::{ConnectionId, GatewayAddress, Socket, SocketRegistry};
use infra_redis::Redis;
use kernel::{ChargePointId, StoreError};
use uuid::Uuid;

fn redis() -> Option<Redis> {
    let url = testkit::service("MANAGE_TEST_REDIS_URL").unwrap()?;
    Some(Redis::new(&url, 8).unwrap())
}

#[expect(clippy::disallowed_methods, reason = "a key that no other test uses")]
fn charger() -> ChargePointId {
    Uuid::now_v7().into()
}

fn socket(connection: i64, gateway: u128) -> Socket {
    let gateway = GatewayAddress { instance: Uuid::from_u128(gateway), partition: 3 };
    Socket { identity: "CP|1".to_owned(), connection: ConnectionId(connection), gateway }
}

#[tokio::test]
async fn leases_are_leases() {
    let Some(redis) = redis() else { return };
    kernel::testing::leases::leases(&redis, tokio::time::sleep).await;
}

#[tokio::test]
async fn quotas_are_quotas() {
    let Some(redis) = redis() else { return };
    kernel::testing::quotas::quotas(&redis, &charger().to_string(), tokio::time::sleep).await;
}

#[tokio::test]
async fn quotas_are_exact_over_several_processes() {
    let (Some(one), Some(two)) = (redis(), redis()) else { return };
    kernel::testing::quotas::quotas_are_exact(&[&one, &two], &charger().to_string()).await;
}

#[tokio::test]
async fn live_readings_are_live_readings() {
    let Some(redis) = redis() else { return };
    transaction::testing::live::live(&redis, charger(), charger()).await;
}

#[tokio::test]
async fn the_latest_socket_of_a_charger_counts() {
    let Some(redis) = redis() else { return };
    let (charger, early, late) = (charger(), socket(-5, 1), socket(1_764_000_000_000_001, 2));
    let found = async || redis.sockets_find(&[charger]).await.unwrap()[0].clone();

    assert_eq!(found().await, None);
    assert_eq!(redis.socket_opened(charger, &early).await.unwrap(), None);
    assert_eq!(redis.socket_opened(charger, &late).await.unwrap(), Some(early.clone()));
    assert_eq!(found().await, Some(late.clone()));
    // Late news of the early one change nothing.
    assert_eq!(redis.socket_opened(charger, &early).await.unwrap(), Some(late.clone()));
    redis.socket_closed(charger, early.connection).await.unwrap();
    redis.sockets_keep(&[(charger, early)]).await.unwrap();
    assert_eq!(found().await, Some(late.clone()));

    redis.socket_closed(charger, late.connection).await.unwrap();
    assert_eq!(found().await, None);
}

#[tokio::test]
async fn sockets_are_noted_again_by_the_thousand() {
    let Some(redis) = redis() else { return };
    let held: Vec<(ChargePointId, Socket)> = (0..1_201).map(|n| (charger(), socket(n, 1))).collect();
    redis.sockets_keep(&held).await.unwrap();
    let chargers: Vec<ChargePointId> = held.iter().map(|(charger, _)| *charger).collect();
    let found = redis.sockets_find(&chargers).await.unwrap();
    assert!(found.into_iter().eq(held.into_iter().map(|(_, socket)| Some(socket))));
}

#[tokio::test]
async fn a_redis_that_is_away_is_unavailable() {
    let redis = Redis::new("redis://127.0.0.1:1", 2).unwrap();
    assert!(matches!(redis.check().await, Err(StoreError::Unavailable(_))));
    let asked = tokio::time::timeout(Duration::from_secs(10), redis.sockets_find(&[charger()])).await;
    assert!(matches!(asked.unwrap(), Err(StoreError::Unavailable(_))));
}

#[test]
fn what_is_no_url_is_refused() {
    assert!(Redis::new("nonsense", 2).is_err());
}
