//! Files in a folder keep the contract of every store of blobs.

use bytes::Bytes;
use infra_local::FileBlobs;
use kernel::testing::CountingIds;
use report::{BlobKey, BlobStore, testing::contract};

#[tokio::test]
async fn keeps_the_contract() {
    let folder = tempfile::tempdir().unwrap();
    let blobs = FileBlobs::open(folder.path(), "/files", b"a secret").unwrap();
    contract::blobs::holds(&blobs, &CountingIds::default()).await;
}

#[tokio::test]
async fn nothing_is_left_of_what_was_never_whole() {
    let folder = tempfile::tempdir().unwrap();
    let blobs = FileBlobs::open(folder.path(), "/files", b"a secret").unwrap();
    let key = BlobKey::new("reports/a/1.csv").unwrap();
    let unfinished = || std::fs::read_dir(folder.path().join(".unfinished")).unwrap().count();
    let mut writing = blobs.blob_begin(&key, "text/csv").await.unwrap();
    writing.write(Bytes::from_static(b"half")).await.unwrap();
    assert_eq!(unfinished(), 1);
    drop(writing);
    assert_eq!(unfinished(), 0);
    // As a process that was killed leaves it.
    std::mem::forget(blobs.blob_begin(&key, "text/csv").await.unwrap());
    assert_eq!(unfinished(), 1);
    blobs.blob_discard(&key).await.unwrap();
    assert_eq!(unfinished(), 0);
    blobs.blob_begin(&key, "text/csv").await.unwrap().finish().await.unwrap();
    assert!(folder.path().join("reports/a/1.csv").exists());
    blobs.blob_discard(&key).await.unwrap();
    assert!(!folder.path().join("reports").exists(), "empty folders go too");
}

#[tokio::test]
async fn a_folder_that_is_gone_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let blobs = FileBlobs::open(folder.path(), "/files", b"a secret").unwrap();
    blobs.check().await.unwrap();
    folder.close().unwrap();
    assert!(blobs.check().await.unwrap_err().retryable());
    assert!(blobs.blob_begin(&BlobKey::new("a").unwrap(), "text/csv").await.err().unwrap().retryable());
}
