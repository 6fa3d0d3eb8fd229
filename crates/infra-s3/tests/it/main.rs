//! S3 itself, asked through the port, and through a proxy that lets it fail.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod blobs;
mod faults;

use infra_s3::{S3, S3Settings};

/// A bucket of a test's own; `None` where there is no service and none is required.
pub(crate) async fn settings(more: &str) -> Option<S3Settings> {
    let endpoint = testkit::service("MANAGE_TEST_S3_URL").unwrap()?;
    #[expect(clippy::disallowed_methods, reason = "a name that no other test process takes")]
    let name = uuid::Uuid::now_v7().simple();
    let url = format!("s3://test:test@t{name}/some/where?endpoint={endpoint}{more}");
    let settings = S3Settings::parse(&url).unwrap();
    S3::new(&settings).await.make_bucket().await.unwrap();
    Some(settings)
}
