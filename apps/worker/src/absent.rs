//! Chargers whose gateway has died: nobody tells that their sockets are closed.

use std::{sync::Arc, time::Duration};

use charge_point::{Connection, ConnectionReader};
use connect_router::{Closed, ConnectionId, Inbound, Item, Recording, SocketRegistry};
use kernel::{ChargePointId, StoreError};
use tokio_util::sync::CancellationToken;

use crate::{
    pace::wait,
    turn::{Turn, Turns},
};

/// How often it is looked; shorter than a lease, so that the turn is kept.
const EVERY: Duration = Duration::from_secs(5);
/// In how many looks in a row a socket must be missing: longer than gateways take to note their
/// sockets again in a registry that has forgotten everything.
const LOOKS: u32 = 6;

/// Finds chargers that are thought to be connected and are not, in one worker at a time.
pub(crate) struct Absent {
    pub(crate) believed: Arc<dyn ConnectionReader>,
    pub(crate) sockets: Arc<dyn SocketRegistry>,
    pub(crate) recording: Recording,
    pub(crate) turns: Turns,
}

impl Absent {
    /// Looks until told to stop.
    pub(crate) async fn run(self, stopping: CancellationToken) {
        let mut turn = Turn::of("absent");
        let mut missing = Missing::default();
        while wait(None, EVERY, &stopping).await {
            if stopping.is_cancelled() {
                break;
            }
            if turn.take(&self.turns).await.is_none() {
                missing = Missing::default();
                continue;
            }
            match self.look().await {
                Ok(absent) => {
                    for gone in missing.again(absent) {
                        self.close(gone).await;
                    }
                }
                // What cannot be looked up is not missing.
                Err(error) => {
                    tracing::debug!(%error, "sockets cannot be looked up for now");
                    missing = Missing::default();
                }
            }
        }
        turn.give_back(&self.turns).await;
    }

    /// The connections that are not in the registry.
    async fn look(&self) -> Result<Vec<Connection>, StoreError> {
        let believed = self.believed.connections().await?;
        let ids: Vec<ChargePointId> =
            believed.iter().map(|connection| connection.charger.charge_point).collect();
        let sockets = self.sockets.sockets_find(&ids).await?;
        Ok(believed.into_iter().zip(sockets).filter(|(_, socket)| socket.is_none()).map(|(c, _)| c).collect())
    }

    async fn close(&self, gone: Connection) {
        tracing::info!(identity = gone.identity, "a charger's gateway is gone");
        metrics::counter!("sockets_lost_total").increment(1);
        let closed = Closed {
            organisation: gone.charger.organisation,
            charge_point: gone.charger.charge_point,
            identity: gone.identity,
            connection: ConnectionId(gone.generation.0),
        };
        let recorded =
            self.recording.record(&[Item { inbound: Inbound::Closed(closed), advance: None }]).await;
        if let Some(stopped) = recorded.stopped {
            tracing::warn!(error = %stopped, "a lost socket cannot be recorded for now");
        }
    }
}

/// Who was missing in how many looks in a row.
#[derive(Default)]
struct Missing(Vec<(Connection, u32)>);

impl Missing {
    /// Takes up a look, and returns who has been missing for long enough.
    fn again(&mut self, absent: Vec<Connection>) -> Vec<Connection> {
        let before = std::mem::take(&mut self.0);
        let looks = |connection: &Connection| {
            before.iter().find(|(known, _)| known == connection).map_or(0, |(_, looks)| *looks)
        };
        let (gone, still): (Vec<_>, Vec<_>) = absent
            .into_iter()
            .map(|connection| (looks(&connection) + 1, connection))
            .partition(|(looks, _)| *looks >= LOOKS);
        self.0 = still.into_iter().map(|(looks, connection)| (connection, looks)).collect();
        gone.into_iter().map(|(_, connection)| connection).collect()
    }
}

#[cfg(test)]
mod tests {
    use charge_point::{ChargerRef, Generation};
    use kernel::{IdSource, testing::CountingIds};

    use super::*;

    #[test]
    fn only_who_is_missing_again_and_again_is_gone() {
        let ids = CountingIds::default();
        let charger = ChargerRef { organisation: ids.uuid().into(), charge_point: ids.uuid().into() };
        let connection = Connection { charger, identity: "CP".to_owned(), generation: Generation(1) };
        let mut missing = Missing::default();
        for _ in 1..LOOKS {
            assert!(missing.again(vec![connection.clone()]).is_empty());
        }
        assert_eq!(missing.again(vec![connection.clone()]), std::slice::from_ref(&connection));
        // Found once, or connected anew: it begins again.
        assert!(missing.again(vec![connection.clone()]).is_empty());
        let anew = Connection { generation: Generation(2), ..connection };
        for _ in 1..LOOKS {
            assert!(missing.again(vec![anew.clone()]).is_empty());
        }
    }
}
