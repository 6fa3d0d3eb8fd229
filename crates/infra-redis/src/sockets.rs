//! The registry of sockets: one key a charger, `connection|socket`, that ends unless it is kept.

use async_trait::async_trait;
use connect_router::{ConnectionId, Socket, SocketRegistry};
use deadpool_redis::redis::{Script, cmd, pipe};
use kernel::{ChargePointId, StoreError};

use crate::{Redis, key, store_error};

/// For how long a socket is known without being kept. Gateways keep theirs three times as often.
const KNOWN_MILLISECONDS: u64 = 60_000;
/// Sockets kept in one round trip.
const AT_ONCE: usize = 500;

/// Sets the socket unless a later one is there; returns what was there.
const OPEN: &str = "
local known = redis.call('GET', KEYS[1])
if known and tonumber(string.match(known, '^(%-?%d+)|')) > tonumber(ARGV[1]) then return known end
redis.call('SET', KEYS[1], ARGV[1] .. '|' .. ARGV[2], 'PX', ARGV[3])
return known";

const CLOSE: &str = "
local known = redis.call('GET', KEYS[1])
if known and string.match(known, '^(%-?%d+)|') == ARGV[1] then redis.call('DEL', KEYS[1]) end
return 1";

fn socket_key(charge_point: ChargePointId) -> String {
    key("socket", charge_point)
}

fn written(socket: &Socket) -> Result<String, StoreError> {
    serde_json::to_string(socket).map_err(|error| StoreError::Failed(Box::new(error)))
}

fn read(text: &str) -> Result<Socket, StoreError> {
    let socket = text.split_once('|').and_then(|(_, socket)| serde_json::from_str(socket).ok());
    socket.ok_or_else(|| StoreError::corrupt("a registered socket"))
}

#[async_trait]
impl SocketRegistry for Redis {
    async fn socket_opened(
        &self,
        charge_point: ChargePointId,
        socket: &Socket,
    ) -> Result<Option<Socket>, StoreError> {
        let mut connection = self.connection().await?;
        let known: Option<String> = Script::new(OPEN)
            .key(socket_key(charge_point))
            .arg(socket.connection.0)
            .arg(written(socket)?)
            .arg(KNOWN_MILLISECONDS)
            .invoke_async(&mut connection)
            .await
            .map_err(store_error)?;
        known.as_deref().map(read).transpose()
    }

    async fn socket_closed(
        &self,
        charge_point: ChargePointId,
        connection_id: ConnectionId,
    ) -> Result<(), StoreError> {
        let mut connection = self.connection().await?;
        Script::new(CLOSE)
            .key(socket_key(charge_point))
            .arg(connection_id.0)
            .invoke_async::<()>(&mut connection)
            .await
            .map_err(store_error)
    }

    async fn sockets_keep(&self, sockets: &[(ChargePointId, Socket)]) -> Result<(), StoreError> {
        let open = Script::new(OPEN);
        let mut connection = self.connection().await?;
        for some in sockets.chunks(AT_ONCE) {
            let mut round = pipe();
            round.load_script(&open).ignore();
            for (charge_point, socket) in some {
                let mut call = open.key(socket_key(*charge_point));
                call.arg(socket.connection.0).arg(written(socket)?).arg(KNOWN_MILLISECONDS);
                round.invoke_script(&call).ignore();
            }
            round.query_async::<()>(&mut connection).await.map_err(store_error)?;
        }
        Ok(())
    }

    async fn sockets_find(&self, chargers: &[ChargePointId]) -> Result<Vec<Option<Socket>>, StoreError> {
        let mut connection = self.connection().await?;
        let mut found = Vec::with_capacity(chargers.len());
        for some in chargers.chunks(AT_ONCE) {
            let keys: Vec<String> = some.iter().copied().map(socket_key).collect();
            let texts: Vec<Option<String>> =
                cmd("MGET").arg(keys).query_async(&mut connection).await.map_err(store_error)?;
            for text in texts {
                found.push(text.as_deref().map(read).transpose()?);
            }
        }
        Ok(found)
    }
}
