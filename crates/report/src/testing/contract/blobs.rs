//! What every store of blobs must do.

use bytes::Bytes;
use chrono::TimeDelta;
use futures::TryStreamExt;
use kernel::{Clock, IdSource, testing::FakeClock};
use sha2::{Digest, Sha256};

use crate::port::{BlobKey, BlobStore};

/// Runs every clause on one store. `ids` are new to it.
pub async fn holds(store: &dyn BlobStore, ids: &dyn IdSource) {
    a_blob_comes_back_whole(store, ids).await;
    a_blob_shows_only_when_it_is_finished(store, ids).await;
    the_last_one_finished_counts(store, ids).await;
    what_is_discarded_is_gone(store, ids).await;
    a_link_is_given_for_a_file(store, ids).await;
    what_is_no_ticket_opens_nothing(store).await;
}

fn key(ids: &dyn IdSource) -> BlobKey {
    BlobKey::new(format!("contract/{}/1.csv", ids.uuid())).unwrap()
}

/// So many bytes, none like its neighbours.
fn bytes(length: usize) -> Bytes {
    (0..length).map(|n| u8::try_from((n * 31 + n / 251) % 256).unwrap()).collect::<Vec<_>>().into()
}

/// Everything of a blob.
pub async fn read(store: &dyn BlobStore, key: &BlobKey) -> Option<Vec<u8>> {
    let content = store.blob_open(key).await.unwrap()?;
    Some(
        content
            .try_fold(Vec::new(), async |mut all, some| {
                all.extend_from_slice(&some);
                Ok(all)
            })
            .await
            .unwrap(),
    )
}

async fn write(store: &dyn BlobStore, key: &BlobKey, content: &Bytes) {
    let mut writing = store.blob_begin(key, "text/csv").await.unwrap();
    writing.write(content.clone()).await.unwrap();
    writing.finish().await.unwrap();
}

async fn a_blob_comes_back_whole(store: &dyn BlobStore, ids: &dyn IdSource) {
    // Nothing, a little, and more than one part of any upload, in pieces that fit none.
    for length in [0, 1, 100_000, 17 * 1024 * 1024 + 7] {
        let (key, content) = (key(ids), bytes(length));
        let mut writing = store.blob_begin(&key, "text/csv").await.unwrap();
        let mut left = content.clone();
        while !left.is_empty() {
            let piece = left.split_to(left.len().min(1_000_003));
            writing.write(piece).await.unwrap();
        }
        let stored = writing.finish().await.unwrap();
        assert_eq!(stored.bytes, length as u64);
        assert_eq!(stored.sha256[..], Sha256::digest(&content)[..]);
        assert!(read(store, &key).await.unwrap() == content, "{length} bytes come back");
    }
}

async fn a_blob_shows_only_when_it_is_finished(store: &dyn BlobStore, ids: &dyn IdSource) {
    let key = key(ids);
    assert_eq!(read(store, &key).await, None);
    let mut writing = store.blob_begin(&key, "text/csv").await.unwrap();
    writing.write(bytes(6 * 1024 * 1024)).await.unwrap();
    assert_eq!(read(store, &key).await, None, "half of it is nothing");
    writing.abandon().await;
    assert_eq!(read(store, &key).await, None);
    let mut dropped = store.blob_begin(&key, "text/csv").await.unwrap();
    dropped.write(bytes(10)).await.unwrap();
    drop(dropped);
    assert_eq!(read(store, &key).await, None);
}

async fn the_last_one_finished_counts(store: &dyn BlobStore, ids: &dyn IdSource) {
    let key = key(ids);
    let (mut one, mut two) = (
        store.blob_begin(&key, "text/csv").await.unwrap(),
        store.blob_begin(&key, "text/csv").await.unwrap(),
    );
    one.write(Bytes::from_static(b"one")).await.unwrap();
    two.write(Bytes::from_static(b"two")).await.unwrap();
    two.finish().await.unwrap();
    assert_eq!(read(store, &key).await.unwrap(), b"two");
    one.finish().await.unwrap();
    assert_eq!(read(store, &key).await.unwrap(), b"one");
}

async fn what_is_discarded_is_gone(store: &dyn BlobStore, ids: &dyn IdSource) {
    let (gone, stays) = (key(ids), key(ids));
    write(store, &gone, &bytes(9)).await;
    write(store, &stays, &bytes(9)).await;
    let mut begun = store.blob_begin(&gone, "text/csv").await.unwrap();
    begun.write(bytes(6 * 1024 * 1024)).await.unwrap();
    store.blob_discard(&gone).await.unwrap();
    assert_eq!(read(store, &gone).await, None);
    store.blob_discard(&gone).await.unwrap();
    assert!(read(store, &stays).await.is_some());
}

async fn a_link_is_given_for_a_file(store: &dyn BlobStore, ids: &dyn IdSource) {
    let (key, now) = (key(ids), FakeClock::default().now());
    write(store, &key, &bytes(9)).await;
    let link = store.blob_link(&key, "a file.csv", now, TimeDelta::minutes(5)).await.unwrap();
    assert!(link.starts_with("http") || link.starts_with('/'), "{link}");
    if !link.starts_with('/') {
        return;
    }
    // Ours to serve.
    let ticket = link.rsplit('/').next().unwrap();
    let soon = now + TimeDelta::minutes(4);
    let redeemed = store.blob_redeem(ticket, soon).await.unwrap().unwrap();
    assert_eq!((redeemed.file_name.as_str(), redeemed.bytes), ("a file.csv", 9));
    assert_eq!(redeemed.content.try_collect::<Vec<_>>().await.unwrap().concat(), bytes(9));
    assert!(store.blob_redeem(ticket, now + TimeDelta::minutes(5)).await.unwrap().is_none(), "it expires");
    let (first, rest) = ticket.split_at(1);
    let other = if first == "A" { "B" } else { "A" };
    for forged in [format!("{other}{rest}"), format!("{ticket}A"), ticket[..ticket.len() - 4].to_owned()] {
        assert!(store.blob_redeem(&forged, soon).await.unwrap().is_none(), "{forged}");
    }
    store.blob_discard(&key).await.unwrap();
    assert!(store.blob_redeem(ticket, soon).await.unwrap().is_none(), "the file is gone");
}

async fn what_is_no_ticket_opens_nothing(store: &dyn BlobStore) {
    let now = FakeClock::default().now();
    for ticket in ["", ".", "a.b", "x", "\u{1f50c}.é"] {
        assert!(store.blob_redeem(ticket, now).await.unwrap().is_none(), "{ticket}");
    }
}
