//! What every adapter of leases must do.

use std::time::Duration;

use uuid::Uuid;

use crate::lease::Leases;

/// Long enough not to end while a test looks.
const LONG: Duration = Duration::from_secs(60);
const SHORT: Duration = Duration::from_millis(200);

/// Leases that nobody else uses; `wait` lets time pass.
pub async fn leases(leases: &dyn Leases, wait: impl AsyncFn(Duration)) {
    let (one, two) = (Uuid::from_u128(1), Uuid::from_u128(2));
    let take = async |owner, time| leases.lease_take("a", owner, time).await.expect("an answer");

    assert!(take(one, LONG).await);
    assert!(!take(two, LONG).await, "another has it");
    assert!(take(one, LONG).await, "it is extended");
    assert!(leases.lease_take("b", two, LONG).await.expect("an answer"), "another lease is free");

    leases.lease_release("a", two).await.expect("an answer");
    assert!(!take(two, LONG).await, "only its owner gives it back");
    leases.lease_release("a", one).await.expect("an answer");
    assert!(take(two, SHORT).await);

    wait(SHORT * 2).await;
    assert!(take(one, LONG).await, "it has ended by itself");
}
