//! Leases: a key that ends by itself, and belongs to whoever set it.

use std::time::Duration;

use async_trait::async_trait;
use deadpool_redis::redis::Script;
use kernel::{Leases, StoreError};
use uuid::Uuid;

use crate::{Redis, key, store_error};

/// Takes a free lease, extends one's own, leaves another's alone.
const TAKE: &str = "
local owner = redis.call('GET', KEYS[1])
if owner and owner ~= ARGV[1] then return 0 end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
return 1";

const RELEASE: &str = "
if redis.call('GET', KEYS[1]) == ARGV[1] then redis.call('DEL', KEYS[1]) end
return 1";

#[async_trait]
impl Leases for Redis {
    async fn lease_take(&self, name: &str, owner: Uuid, time: Duration) -> Result<bool, StoreError> {
        let mut connection = self.connection().await?;
        let milliseconds = u64::try_from(time.as_millis()).unwrap_or(u64::MAX).max(1);
        let taken: i64 = Script::new(TAKE)
            .key(key("lease", name))
            .arg(owner.to_string())
            .arg(milliseconds)
            .invoke_async(&mut connection)
            .await
            .map_err(store_error)?;
        Ok(taken == 1)
    }

    async fn lease_release(&self, name: &str, owner: Uuid) -> Result<(), StoreError> {
        let mut connection = self.connection().await?;
        Script::new(RELEASE)
            .key(key("lease", name))
            .arg(owner.to_string())
            .invoke_async::<()>(&mut connection)
            .await
            .map_err(store_error)
    }
}
