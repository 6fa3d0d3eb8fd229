//! Blobs as objects.

use bytes::Bytes;
use chrono::TimeDelta;
use infra_s3::{S3, S3Settings};
use kernel::{
    Clock, StoreError,
    testing::{CountingIds, FakeClock},
};
use report::{BlobKey, BlobStore, testing::contract};

use crate::settings;

#[tokio::test(flavor = "multi_thread")]
async fn keeps_the_contract() {
    let Some(settings) = settings("").await else { return };
    contract::blobs::holds(&S3::new(&settings).await, &CountingIds::default()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn keeps_the_contract_when_objects_are_encrypted() {
    let Some(settings) = settings("&encryption=AES256").await else { return };
    contract::blobs::holds(&S3::new(&settings).await, &CountingIds::default()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_leads_to_the_file_and_names_its_end() {
    let Some(settings) = settings("&encryption=AES256").await else { return };
    let s3 = S3::new(&settings).await;
    s3.check().await.unwrap();
    let key = BlobKey::new("reports/1.csv").unwrap();
    let mut writing = s3.blob_begin(&key, "text/csv").await.unwrap();
    writing.write(Bytes::from_static(b"a,b\r\n")).await.unwrap();
    writing.finish().await.unwrap();
    // The service compares with the machine's own clock.
    #[expect(clippy::disallowed_methods, reason = "the service has no other clock")]
    let now = chrono::Utc::now();
    let link = s3.blob_link(&key, "my \"report\".csv", now, TimeDelta::minutes(5)).await.unwrap();
    assert!(link.contains("X-Amz-Expires=300") && link.contains("X-Amz-Signature="), "{link}");
    let answer = reqwest::get(&link).await.unwrap();
    assert_eq!(answer.status(), 200);
    let headers = answer.headers().clone();
    assert_eq!(headers["content-type"], "text/csv");
    assert_eq!(headers["content-disposition"], "attachment; filename=\"my report.csv\"");
    assert_eq!(headers["x-amz-server-side-encryption"], "AES256");
    assert_eq!(answer.text().await.unwrap(), "a,b\r\n");
}

#[tokio::test]
async fn where_nobody_listens_it_is_away() {
    let settings = S3Settings::parse("s3://test:test@reports?endpoint=http://127.0.0.1:9").unwrap();
    let s3 = S3::new(&settings).await;
    assert!(matches!(s3.check().await, Err(StoreError::Unavailable(_))));
    let key = BlobKey::new("a").unwrap();
    assert!(matches!(s3.blob_begin(&key, "text/csv").await.err(), Some(StoreError::Unavailable(_))));
    let link = s3.blob_link(&key, "a", FakeClock::default().now(), TimeDelta::minutes(1)).await.unwrap();
    assert!(link.starts_with("http://127.0.0.1:9/reports/a?"), "a link needs nobody: {link}");
}
