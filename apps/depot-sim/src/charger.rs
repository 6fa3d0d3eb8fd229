//! A simulated charging station that speaks OCPP 1.6J over a WebSocket.
//!
//! [`SimCharger`] is the driver: the socket, the timer, and the calls in flight. What the station
//! *is* lives in `station` and `orders`, which know neither.

mod configuration;
mod connector;
mod link;
mod orders;
mod outbox;
mod reading;
mod run;
mod station;

pub use connector::Status;
pub use run::SimCharger;

use tokio::sync::{mpsc, oneshot, watch};

use crate::vehicle::Vehicle;

/// What people do at a charger.
pub(crate) enum Act {
    PlugIn { connector: usize, vehicle: Vehicle, done: oneshot::Sender<bool> },
    Unplug { connector: usize, done: oneshot::Sender<Option<Vehicle>> },
    Fault { connector: usize, error: Option<String> },
    CutLink,
}

/// Access to a running charger: its surroundings, not its server.
#[derive(Clone, Debug)]
pub struct ChargerHandle {
    pub identity: String,
    acts: mpsc::Sender<Act>,
    view: watch::Receiver<ChargerView>,
}

/// What one sees who stands in front of it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ChargerView {
    pub online: bool,
    /// The server has accepted its boot.
    pub accepted: bool,
    pub connectors: Vec<ConnectorView>,
    /// Messages of transactions that the server has not answered yet.
    pub owed: usize,
}

#[derive(Clone, Debug, PartialEq)]
pub struct ConnectorView {
    pub status: Status,
    pub offered_w: f64,
    pub power_w: f64,
    pub register_wh: i64,
    /// 0 to 1, where a vehicle is plugged in.
    pub soc: Option<f64>,
    /// The server's number of the running transaction.
    pub transaction: Option<i64>,
}

impl ChargerHandle {
    /// Plugs a vehicle in and shows its tag. False where the connector is taken or unknown, or the
    /// charger has stopped.
    pub async fn plug_in(&self, connector: usize, vehicle: Vehicle) -> bool {
        let (done, answer) = oneshot::channel();
        let sent = self.acts.send(Act::PlugIn { connector, vehicle, done }).await;
        sent.is_ok() && answer.await.unwrap_or(false)
    }

    /// Takes the vehicle away, as it is now.
    pub async fn unplug(&self, connector: usize) -> Option<Vehicle> {
        let (done, answer) = oneshot::channel();
        self.acts.send(Act::Unplug { connector, done }).await.ok()?;
        answer.await.ok().flatten()
    }

    /// Breaks a connector with one of OCPP's error codes, or mends it.
    pub async fn fault(&self, connector: usize, error: Option<String>) {
        // A charger that has stopped cannot break.
        let _stopped = self.acts.send(Act::Fault { connector, error }).await;
    }

    /// Cuts its network cable; it connects again by itself.
    pub async fn cut_link(&self) {
        let _stopped = self.acts.send(Act::CutLink).await;
    }

    /// Changes whenever anything visible does.
    pub fn view(&self) -> watch::Receiver<ChargerView> {
        self.view.clone()
    }
}
