//! Live readings: one hash a charge point, one field a connector, gone a day after the last news.

use std::collections::BTreeMap;

use async_trait::async_trait;
use deadpool_redis::redis::{Script, pipe};
use kernel::{ChargePointId, StoreError};
use transaction::{LiveConnector, LiveReading, LiveReadings};

use crate::{Redis, key, store_error};

const KNOWN_SECONDS: u64 = 86_400;
/// Charge points in one round trip.
const AT_ONCE: usize = 500;

/// Sets a field to `microseconds|reading` unless what is there is later.
const NOTE: &str = "
local known = redis.call('HGET', KEYS[1], ARGV[1])
if known and tonumber(string.match(known, '^(%-?%d+)|')) > tonumber(ARGV[2]) then return 0 end
redis.call('HSET', KEYS[1], ARGV[1], ARGV[2] .. '|' .. ARGV[3])
redis.call('EXPIRE', KEYS[1], ARGV[4])
return 1";

fn read(connector: &str, text: &str) -> Result<(u16, LiveReading), StoreError> {
    let reading = text.split_once('|').and_then(|(_, reading)| serde_json::from_str(reading).ok());
    let both = connector.parse().ok().zip(reading);
    both.ok_or_else(|| StoreError::corrupt("a live reading"))
}

#[async_trait]
impl LiveReadings for Redis {
    async fn live_note(&self, readings: &[(LiveConnector, LiveReading)]) -> Result<(), StoreError> {
        if readings.is_empty() {
            return Ok(());
        }
        let note = Script::new(NOTE);
        let mut connection = self.connection().await?;
        for some in readings.chunks(AT_ONCE) {
            let mut round = pipe();
            round.load_script(&note).ignore();
            for (LiveConnector { charge_point, connector }, reading) in some {
                let written = serde_json::to_string(reading);
                let written = written.map_err(|error| StoreError::Failed(Box::new(error)))?;
                let mut call = note.key(key("live", charge_point));
                call.arg(*connector).arg(reading.at.timestamp_micros()).arg(written).arg(KNOWN_SECONDS);
                round.invoke_script(&call).ignore();
            }
            round.query_async::<()>(&mut connection).await.map_err(store_error)?;
        }
        Ok(())
    }

    async fn live_find(
        &self,
        charge_points: &[ChargePointId],
    ) -> Result<Vec<(LiveConnector, LiveReading)>, StoreError> {
        let mut found = Vec::new();
        if charge_points.is_empty() {
            return Ok(found);
        }
        let mut connection = self.connection().await?;
        for some in charge_points.chunks(AT_ONCE) {
            let mut round = pipe();
            for charge_point in some {
                round.hgetall(key("live", charge_point));
            }
            let hashes: Vec<BTreeMap<String, String>> =
                round.query_async(&mut connection).await.map_err(store_error)?;
            for (charge_point, fields) in some.iter().zip(hashes) {
                for (field, text) in fields {
                    let (connector, reading) = read(&field, &text)?;
                    found.push((LiveConnector { charge_point: *charge_point, connector }, reading));
                }
            }
        }
        Ok(found)
    }
}
