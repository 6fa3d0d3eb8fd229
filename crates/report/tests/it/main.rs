//! Reports: the contracts on the stores in memory.

use kernel::testing::CountingIds;
use report::testing::{FakeBlobs, FakeIndex, contract};

#[tokio::test]
async fn files_in_memory_keep_the_contract() {
    contract::blobs::holds(&FakeBlobs::default(), &CountingIds::default()).await;
}

#[tokio::test]
async fn the_index_in_memory_keeps_the_contract() {
    contract::index::holds(&FakeIndex::default(), &CountingIds::default()).await;
}
