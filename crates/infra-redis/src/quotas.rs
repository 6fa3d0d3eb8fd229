//! Quotas: a count for each, which Redis forgets when its time is over.

use std::time::Duration;

use async_trait::async_trait;
use deadpool_redis::redis::Script;
use kernel::{Quota, QuotaLeft, QuotaTaken, Quotas, StoreError};

use crate::{Redis, key, store_error};

/// Looks whether there is one of each, and only then takes them. For each quota it answers how many
/// were taken and how many milliseconds are left; before them, whether this one was granted.
const TAKE: &str = "
local granted = 1
for i = 1, #KEYS do
  if tonumber(redis.call('GET', KEYS[i]) or '0') >= tonumber(ARGV[2 * i - 1]) then granted = 0 end
end
local answer = { granted }
for i = 1, #KEYS do
  if granted == 1 and redis.call('INCR', KEYS[i]) == 1 then
    redis.call('PEXPIRE', KEYS[i], ARGV[2 * i])
  end
  answer[2 * i] = tonumber(redis.call('GET', KEYS[i]) or '0')
  answer[2 * i + 1] = redis.call('PTTL', KEYS[i])
end
return answer";

#[async_trait]
impl Quotas for Redis {
    async fn quota_take(&self, name: &str, quotas: &[Quota]) -> Result<QuotaTaken, StoreError> {
        let mut connection = self.connection().await?;
        let script = Script::new(TAKE);
        let mut call = script.prepare_invoke();
        for quota in quotas {
            // The braces keep the quotas of one key on one node of a cluster.
            call.key(key("quota", format_args!("{{{name}}}:{}", quota.name)));
            call.arg(quota.most).arg(milliseconds(quota.within));
        }
        let answer: Vec<i64> = call.invoke_async(&mut connection).await.map_err(store_error)?;
        let (granted, counts) = answer.split_first().ok_or_else(|| unexpected(&answer))?;
        let left: Vec<QuotaLeft> =
            quotas.iter().zip(counts.chunks_exact(2)).map(|(quota, count)| left(quota, count)).collect();
        if left.len() != quotas.len() {
            return Err(unexpected(&answer));
        }
        Ok(QuotaTaken { granted: *granted == 1, left })
    }
}

fn left(quota: &Quota, count: &[i64]) -> QuotaLeft {
    let taken = u32::try_from(count[0]).unwrap_or(u32::MAX);
    // Where nothing was taken there is nothing to end.
    let resets_in = u64::try_from(count[1]).map_or(quota.within, Duration::from_millis);
    QuotaLeft { left: quota.most.saturating_sub(taken), resets_in }
}

fn milliseconds(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX).max(1)
}

fn unexpected(answer: &[i64]) -> StoreError {
    StoreError::Failed(format!("a quota was answered with {answer:?}").into())
}
