//! Starts, readings and stops: one message, several domains, one unit of work.

use std::collections::BTreeSet;

use charge_point::ChargerRef;
use kernel::{DepotId, StoreError};
use transaction::{
    Flag, MeterReport, StartReport, StopReport, Transaction, TransactionNumber, TransactionPlace,
};
use vehicle::{
    Authorisation, SocObservation, SocSource,
    recording::{authorise, observe_soc, plug},
};

use super::Handler;
use crate::{
    message::{Reply, StartMessage},
    port::RouterTx,
};

impl Handler {
    pub(super) async fn start(
        &self,
        work: &mut dyn RouterTx,
        charger: ChargerRef,
        message: StartMessage,
    ) -> Result<Reply, StoreError> {
        let organisation = charger.organisation;
        let Some(depot) = depot(work, charger).await? else {
            return Ok(Reply::Started { number: TransactionNumber(0), status: Authorisation::Unknown });
        };
        let mut flags = BTreeSet::new();
        // A charger that starts without a tag was told to charge whoever comes.
        let (status, tag) = match &message.id_tag {
            Some(text) => authorise(work, &*self.clock, organisation, text).await?,
            None => (Authorisation::Accepted, None),
        };
        match status {
            Authorisation::Accepted => {}
            Authorisation::Unknown => _ = flags.insert(Flag::UnknownTag),
            Authorisation::Blocked | Authorisation::Expired => _ = flags.insert(Flag::RefusedTag),
        }
        let place = self.chargers.connector(work, charger, message.connector).await?;
        if place.is_none() {
            flags.insert(Flag::UnknownConnector);
        }
        let report = StartReport {
            place: TransactionPlace {
                charge_point: charger.charge_point,
                depot,
                evse: place.map(|place| place.evse),
                evse_number: place.map_or(0, |place| place.evse_number),
                connector: message.connector,
            },
            id_tag: message.id_tag,
            vehicle: tag.and_then(|tag| tag.vehicle),
            at: message.at,
            meter_start: message.meter_start,
            refused: status != Authorisation::Accepted,
            flags,
        };
        let started = self.sessions.start(work, organisation, report).await?.transaction;
        if let (Some(vehicle), Some(evse), true) = (started.vehicle, started.place.evse, started.is_open()) {
            plug(work, &*self.clock, &*self.ids, organisation, vehicle, evse, true).await?;
        }
        Ok(Reply::Started { number: started.number, status })
    }

    pub(super) async fn readings(
        &self,
        work: &mut dyn RouterTx,
        charger: ChargerRef,
        connector: u16,
        number: Option<TransactionNumber>,
        reports: Vec<MeterReport>,
    ) -> Result<Reply, StoreError> {
        let newest = newest_soc(&reports);
        let (organisation, charge_point) = (charger.organisation, charger.charge_point);
        let touched =
            self.sessions.readings(work, organisation, charge_point, connector, number, reports).await?;
        if let (Some(observed), [only]) = (newest, &touched[..]) {
            self.observe(work, only, observed).await?;
        }
        Ok(Reply::Done)
    }

    pub(super) async fn stop(
        &self,
        work: &mut dyn RouterTx,
        charger: ChargerRef,
        report: StopReport,
    ) -> Result<Reply, StoreError> {
        let organisation = charger.organisation;
        let Some(depot) = depot(work, charger).await? else { return Ok(Reply::Stopped { status: None }) };
        let status = match &report.id_tag {
            Some(text) => Some(authorise(work, &*self.clock, organisation, text).await?.0),
            None => None,
        };
        let newest = newest_soc(&report.readings);
        let place = TransactionPlace {
            charge_point: charger.charge_point,
            depot,
            evse: None,
            evse_number: 0,
            connector: 0,
        };
        let stopped = self.sessions.stop(work, organisation, place, report).await?;
        if let Some(observed) = newest {
            self.observe(work, stopped.transaction(), observed).await?;
        }
        Ok(Reply::Stopped { status })
    }

    async fn observe(
        &self,
        work: &mut dyn RouterTx,
        transaction: &Transaction,
        observation: SocObservation,
    ) -> Result<(), StoreError> {
        let Some(vehicle) = transaction.vehicle else { return Ok(()) };
        observe_soc(work, &*self.clock, &*self.ids, transaction.organisation, vehicle, observation).await
    }
}

/// The last state of charge that a message tells.
fn newest_soc(reports: &[MeterReport]) -> Option<SocObservation> {
    let told = reports.iter().filter_map(|report| Some((report.at, report.soc?)));
    let (at, soc) = told.max_by_key(|(at, _)| *at)?;
    Some(SocObservation { soc, source: SocSource::Charger, at })
}

/// Where a charger stands; `None` where it is gone.
async fn depot(work: &mut dyn RouterTx, charger: ChargerRef) -> Result<Option<DepotId>, StoreError> {
    let found = work.charge_points().charge_point_find(charger.organisation, charger.charge_point).await?;
    Ok(found.map(|charge_point| charge_point.depot))
}
