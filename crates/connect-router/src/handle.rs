//! Recording one message through the domains' recorders, inside the caller's unit of work.

mod session;

use std::sync::Arc;

use charge_point::{
    ChargerRef, CommandKind, Generation, Recorder as Chargers, Registration, StatusMessage, request_command,
};
use kernel::{Clock, Event, IdSource, Scope, StoreError};
use serde_json::json;
use transaction::Recorder as Sessions;
use vehicle::recording::{authorise, plug};

use crate::{
    inbound::{Closed, Opened},
    message::{Message, Reply, SecurityEvent},
    port::{InboundCall, Protocol, RouterTx},
};

/// What chargers are told at boot.
#[derive(Clone, Copy, Debug)]
pub struct Settings {
    pub heartbeat_interval_seconds: u32,
    /// How often chargers shall send meter values while charging.
    pub meter_interval_seconds: u32,
}

/// How soon a charger that is not accepted may ask again.
const ASK_AGAIN_SECONDS: u32 = 60;
/// Measurands that are asked for; chargers that know fewer refuse, and send what they have.
const MEASURANDS: &str = "Energy.Active.Import.Register,Power.Active.Import,Current.Import,Voltage,SoC";

/// Records messages. Stateless; the unit of work comes with every call.
pub struct Handler {
    chargers: Chargers,
    sessions: Sessions,
    clock: Arc<dyn Clock>,
    ids: Arc<dyn IdSource>,
    settings: Settings,
}

impl Handler {
    pub fn new(clock: Arc<dyn Clock>, ids: Arc<dyn IdSource>, settings: Settings) -> Self {
        Self {
            chargers: Chargers::new(clock.clone(), ids.clone()),
            sessions: Sessions::new(clock.clone(), ids.clone()),
            clock,
            ids,
            settings,
        }
    }

    /// Records a message and says what the charger is told once it is durable.
    ///
    /// # Errors
    /// Store errors only: whatever a charger says is an answer, not an error.
    pub async fn handle(
        &self,
        work: &mut dyn RouterTx,
        call: &InboundCall,
        message: Message,
    ) -> Result<Reply, StoreError> {
        let charger = ChargerRef { organisation: call.organisation, charge_point: call.charge_point };
        match message {
            Message::Boot(report) => {
                let registration = self.chargers.boot(work, charger, report).await?;
                if registration == Registration::Accepted {
                    self.prepare(work, charger).await?;
                }
                let interval_seconds = match registration {
                    Registration::Accepted => self.spread(self.settings.heartbeat_interval_seconds, charger),
                    Registration::Pending | Registration::Rejected => self.spread(ASK_AGAIN_SECONDS, charger),
                };
                Ok(Reply::Boot { registration, now: self.clock.now(), interval_seconds })
            }
            Message::Heartbeat => Ok(Reply::Heartbeat { now: self.clock.now() }),
            Message::Status(message) => self.status(work, charger, message).await,
            Message::Authorise { id_tag } => {
                let (status, tag) = authorise(work, &*self.clock, charger.organisation, &id_tag).await?;
                Ok(Reply::Authorised { status, expires_at: tag.and_then(|tag| tag.expires_at) })
            }
            Message::Start(message) => self.start(work, charger, message).await,
            Message::Readings { connector, number, reports } => {
                self.readings(work, charger, connector, number, reports).await
            }
            Message::Stop(report) => self.stop(work, charger, report).await,
            Message::DiagnosticsStatus(status) => {
                self.chargers.diagnostics_status(work, charger, status).await.map(|()| Reply::Done)
            }
            Message::FirmwareStatus(status) => {
                self.chargers.firmware_status(work, charger, status).await.map(|()| Reply::Done)
            }
            Message::Security(event) => self.security(work, charger, event).await,
            Message::Vendor => Ok(Reply::UnknownVendor),
        }
    }

    /// Lets the store read together what these messages will ask for one after the other.
    ///
    /// # Errors
    /// Store errors only.
    pub async fn expect<'a>(
        &self,
        work: &mut dyn RouterTx,
        messages: impl Iterator<Item = (&'a InboundCall, &'a Message)>,
    ) -> Result<(), StoreError> {
        let numbers: Vec<_> = messages
            .filter_map(|(call, message)| match message {
                Message::Readings { number: Some(number), .. } if number.is_known() => {
                    Some((call.organisation, call.charge_point, *number))
                }
                _ => None,
            })
            .collect();
        // For one there is nothing to gain.
        if numbers.len() < 2 { Ok(()) } else { work.transactions().transactions_expect(&numbers).await }
    }

    /// Notes that these chargers gave a sign of life.
    ///
    /// # Errors
    /// Store errors only.
    pub async fn seen(&self, work: &mut dyn RouterTx, chargers: &[ChargerRef]) -> Result<(), StoreError> {
        self.chargers.seen(work, chargers).await
    }

    /// # Errors
    /// Store errors only.
    pub async fn opened(&self, work: &mut dyn RouterTx, opened: &Opened) -> Result<(), StoreError> {
        let charger = ChargerRef { organisation: opened.organisation, charge_point: opened.charge_point };
        let protocol = match opened.protocol {
            Protocol::Ocpp16 => charge_point::Protocol::Ocpp16,
        };
        self.chargers.opened(work, charger, Generation(opened.connection.0), protocol).await
    }

    /// # Errors
    /// Store errors only.
    pub async fn closed(&self, work: &mut dyn RouterTx, closed: &Closed) -> Result<(), StoreError> {
        let charger = ChargerRef { organisation: closed.organisation, charge_point: closed.charge_point };
        self.chargers.closed(work, charger, Generation(closed.connection.0)).await
    }

    /// Marks all chargers as offline: for the start of the only gateway.
    ///
    /// # Errors
    /// Store errors only.
    pub async fn all_offline(&self, work: &mut dyn RouterTx) -> Result<usize, StoreError> {
        self.chargers.all_offline(work).await
    }

    /// Asks a charger that has just started for its abilities, and how often it shall report.
    async fn prepare(&self, work: &mut dyn RouterTx, charger: ChargerRef) -> Result<(), StoreError> {
        let id = charger.charge_point;
        let Some(known) = work.charge_points().charge_point_find(charger.organisation, id).await? else {
            return Ok(());
        };
        let scope = Scope::system(charger.organisation);
        let set = |key: &str, value: String| CommandKind::SetConfiguration { key: key.to_owned(), value };
        let interval = self.settings.meter_interval_seconds.to_string();
        for (key, kind) in [
            ("boot:settings", CommandKind::GetConfiguration { keys: Vec::new() }),
            ("boot:interval", set("MeterValueSampleInterval", interval)),
            ("boot:measurands", set("MeterValuesSampledData", MEASURANDS.to_owned())),
        ] {
            let order =
                request_command(work, &*self.clock, &*self.ids, &scope, &known, kind, Some(key.to_owned()));
            if let Err(error) = order.await {
                match error {
                    charge_point::ChargePointError::Store(error) => return Err(error),
                    other => {
                        tracing::warn!(charge_point = %id, error = %other, "an order at boot was refused");
                    }
                }
            }
        }
        Ok(())
    }

    async fn status(
        &self,
        work: &mut dyn RouterTx,
        charger: ChargerRef,
        message: StatusMessage,
    ) -> Result<Reply, StoreError> {
        let connector = message.connector;
        let Some(recorded) = self.chargers.status(work, charger, message).await? else {
            return Ok(Reply::Done);
        };
        let Some(place) = recorded.place else { return Ok(Reply::Done) };
        let (organisation, charge_point) = (charger.organisation, charger.charge_point);
        use charge_point::ConnectorStatus::{Charging, SuspendedEv, SuspendedEvse};
        if recorded.before != recorded.after {
            let suspended = matches!(recorded.after, SuspendedEv | SuspendedEvse);
            if suspended || recorded.after == Charging {
                self.sessions.suspended(work, organisation, charge_point, connector, suspended).await?;
            }
        }
        if recorded.after.occupied() == Some(false) && recorded.before.occupied() != Some(false) {
            let now = self.clock.now();
            let begun =
                work.transactions().transactions_begun(organisation, charge_point, connector, now).await?;
            if let Some(vehicle) = begun.into_iter().find_map(|transaction| transaction.vehicle) {
                plug(work, &*self.clock, &*self.ids, organisation, vehicle, place.evse, false).await?;
            }
        }
        Ok(Reply::Done)
    }

    async fn security(
        &self,
        work: &mut dyn RouterTx,
        charger: ChargerRef,
        event: SecurityEvent,
    ) -> Result<Reply, StoreError> {
        let data = json!({
            "charge_point_id": charger.charge_point,
            "type": event.kind,
            "at": event.at,
            "detail": event.detail,
        });
        let name = "manage.charge_point.security_event.v1";
        let event =
            Event::new(&*self.clock, &*self.ids, charger.organisation, name, &charger.charge_point, data);
        work.outbox().append(event).await?;
        Ok(Reply::Done)
    }

    /// An interval that differs from charger to charger by up to a tenth, so that those which
    /// started together do not stay together.
    fn spread(&self, seconds: u32, charger: ChargerRef) -> u32 {
        let tenth = (seconds / 10).max(1);
        let last = charger.charge_point.as_uuid().as_u128() % u128::from(tenth);
        seconds.saturating_add(u32::try_from(last).unwrap_or(0))
    }
}
