//! DynamoDB itself, asked through the ports, and through a proxy that lets it fail.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod faults;
mod frames;
mod proxy;
mod reports;
mod tables;

use infra_dynamo::{Dynamo, DynamoSettings};

/// Tables of a test's own; `None` where there is no service and none is required.
pub(crate) async fn settings() -> Option<DynamoSettings> {
    let endpoint = testkit::service("MANAGE_TEST_DYNAMODB_URL").unwrap()?;
    #[expect(clippy::disallowed_methods, reason = "a name that no other test process takes")]
    let name = uuid::Uuid::now_v7().simple();
    let url = format!("dynamodb://test:test@local?endpoint={endpoint}&prefix=t{name}-");
    Some(DynamoSettings::parse(&url).unwrap())
}

pub(crate) async fn dynamo() -> Option<Dynamo> {
    let dynamo = Dynamo::new(&settings().await?).await;
    dynamo.set_up().await.unwrap();
    Some(dynamo)
}
