//! Tables are made once, and checked.

use infra_dynamo::{Dynamo, DynamoSettings};
use kernel::StoreError;

use crate::settings;

#[tokio::test(flavor = "multi_thread")]
async fn set_up_together_they_are_made_once_and_found_again() {
    let Some(settings) = settings().await else { return };
    let (one, two) = (Dynamo::new(&settings).await, Dynamo::new(&settings).await);
    assert!(matches!(one.check().await, Err(StoreError::Failed(_))), "there are no tables yet");
    let (first, second) = tokio::join!(one.set_up(), two.set_up());
    first.unwrap();
    second.unwrap();
    one.check().await.unwrap();
    one.set_up().await.unwrap();
}

#[tokio::test]
async fn where_nobody_listens_it_is_away() {
    // Nobody is given a port below 1024 by chance.
    let settings = DynamoSettings::parse("dynamodb://test:test@local?endpoint=http://127.0.0.1:9").unwrap();
    let dynamo = Dynamo::new(&settings).await;
    assert!(matches!(dynamo.check().await, Err(StoreError::Unavailable(_))));
    assert!(matches!(dynamo.set_up().await, Err(StoreError::Unavailable(_))));
}
