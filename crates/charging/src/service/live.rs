//! What every connector of a depot is doing this moment.

use std::{collections::BTreeMap, sync::Arc};

use charge_point::{ChargePointReader, ConnectorStatus};
use depot::DepotReader;
use kernel::{
    ChargePointId, DepotId, EvseId, MilliAmps, OrganisationId, Permission, Scope, Soc, StoreError, Timestamp,
    TransactionId, VehicleId, W, Wh,
};
use transaction::{LiveConnector, LiveReading, LiveReadings, OpenSession, OpenSessionReader};

use crate::{error::ChargingError, port::SetpointReader};

/// One connector as it is now.
#[derive(Clone, Debug, PartialEq)]
pub struct LiveState {
    pub charge_point: ChargePointId,
    pub identity: String,
    pub evse: EvseId,
    pub evse_number: u16,
    pub connector_number: u16,
    pub online: bool,
    pub status: ConnectorStatus,
    pub transaction: Option<TransactionId>,
    pub vehicle: Option<VehicleId>,
    /// The limit its EVSE was last told.
    pub setpoint: Option<W>,
    /// What the meter last said, and when.
    pub at: Option<Timestamp>,
    pub power: Option<W>,
    pub register: Option<Wh>,
    pub current: Option<MilliAmps>,
    pub voltage_millivolts: Option<i64>,
    pub soc: Option<Soc>,
}

/// Everything that is asked of the store.
trait Store: DepotReader + ChargePointReader + OpenSessionReader + SetpointReader {}
impl<T: DepotReader + ChargePointReader + OpenSessionReader + SetpointReader> Store for T {}

pub struct LiveService {
    store: Arc<dyn Store>,
    live: Arc<dyn LiveReadings>,
}

impl LiveService {
    pub fn new<S>(store: Arc<S>, live: Arc<dyn LiveReadings>) -> Self
    where
        S: DepotReader + ChargePointReader + OpenSessionReader + SetpointReader + 'static,
    {
        Self { store, live }
    }

    /// Every connector of a depot, by charge point, EVSE and number.
    ///
    /// # Errors
    /// [`ChargingError::NoSuchDepot`] also for depots of others.
    pub async fn depot_live(&self, scope: &Scope, depot: DepotId) -> Result<Vec<LiveState>, ChargingError> {
        scope.require(Permission::ChargingRead)?.sees(depot).await?.ok_or(ChargingError::NoSuchDepot)?;
        let organisation = scope.organisation();
        self.store.depot_get(organisation, depot).await?.ok_or(ChargingError::NoSuchDepot)?;
        Ok(self.look(organisation, depot).await?)
    }

    async fn look(&self, organisation: OrganisationId, depot: DepotId) -> Result<Vec<LiveState>, StoreError> {
        let chargers = self.store.charge_points_of_depot(organisation, depot).await?;
        let sessions = self.store.open_sessions(organisation, depot).await?;
        let setpoints = self.store.setpoints_of(organisation, depot).await?;
        let setpoints: BTreeMap<EvseId, Option<W>> =
            setpoints.iter().map(|setpoint| (setpoint.evse, setpoint.told())).collect();
        let live = self.live(&chargers.iter().map(|charger| charger.id).collect::<Vec<_>>()).await;
        let mut states = Vec::new();
        for charger in &chargers {
            for (evse, connector) in
                charger.evses.iter().flat_map(|evse| evse.connectors.iter().map(move |c| (evse, c)))
            {
                let flat = connector.flat_number;
                let session = sessions.iter().find(|session| {
                    session.place.charge_point == charger.id && session.place.connector == flat
                });
                let mut state = LiveState {
                    charge_point: charger.id,
                    identity: charger.identity.as_str().to_owned(),
                    evse: evse.id,
                    evse_number: evse.number,
                    connector_number: connector.number,
                    online: charger.live.online,
                    status: connector.live.status(),
                    transaction: session.map(|session| session.transaction),
                    vehicle: session.and_then(|session| session.vehicle),
                    setpoint: setpoints.get(&evse.id).copied().flatten(),
                    at: None,
                    power: None,
                    register: None,
                    current: None,
                    voltage_millivolts: None,
                    soc: None,
                };
                let wanted = LiveConnector { charge_point: charger.id, connector: flat };
                state.measured(session, live.get(&wanted));
                states.push(state);
            }
        }
        Ok(states)
    }

    /// Live readings where they can be had: without them, those of the store are shown.
    async fn live(&self, charge_points: &[ChargePointId]) -> BTreeMap<LiveConnector, LiveReading> {
        match self.live.live_find(charge_points).await {
            Ok(found) => found.into_iter().collect(),
            Err(error) => {
                tracing::debug!(%error, "live readings cannot be had for now");
                BTreeMap::new()
            }
        }
    }
}

impl LiveState {
    /// Takes up the later of what the store and the live readings know.
    fn measured(&mut self, session: Option<&OpenSession>, live: Option<&LiveReading>) {
        let latest = session.and_then(|session| session.latest);
        let live = live.filter(|live| latest.is_none_or(|latest| latest.at <= live.at));
        if let Some(live) = live {
            self.at = Some(live.at);
            (self.power, self.register, self.current) = (live.power, live.energy, live.current);
            (self.voltage_millivolts, self.soc) = (live.voltage_millivolts, live.soc);
        } else if let Some(latest) = latest {
            self.at = Some(latest.at);
            (self.power, self.current, self.soc) = (latest.power, latest.current, latest.soc);
        }
    }
}
