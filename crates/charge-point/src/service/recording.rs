//! What chargers report, recorded inside the unit of work of whoever understood their message.
//!
//! Everything here may be repeated and come late: a repeat changes nothing, and old news does not
//! overwrite newer. A charge point that is gone is not an error; the functions say so.

use std::sync::Arc;

use chrono::TimeDelta;
use kernel::{ChargePointId, Clock, IdSource, StoreError, Timestamp};

use crate::{
    event::{self, Stamp},
    model::{
        ChargePoint, ChargerRef, ConfigurationKey, ConnectorPlace, ConnectorStatus, Fact, Generation,
        HistoryEntry, Progress, Protocol, Registration, StatusReport,
    },
    port::ChargePointWork,
};

/// "Last seen" is kept to within this.
const SEEN_RESOLUTION: TimeDelta = TimeDelta::seconds(30);

/// What a charger says of itself when it starts.
#[derive(Clone, Debug, Default)]
pub struct BootReport {
    pub vendor: String,
    pub model: String,
    pub serial: Option<String>,
    pub firmware: Option<String>,
}

/// What a connector, or with number 0 the whole charge point, says it is doing.
#[derive(Clone, Debug)]
pub struct StatusMessage {
    /// Counted over the whole charge point.
    pub connector: u16,
    pub status: ConnectorStatus,
    /// `None` for "no error".
    pub error_code: Option<String>,
    pub info: Option<String>,
    pub vendor_id: Option<String>,
    pub vendor_error_code: Option<String>,
    /// Now, unless told.
    pub at: Option<Timestamp>,
}

impl StatusMessage {
    pub fn new(connector: u16, status: ConnectorStatus) -> Self {
        Self {
            connector,
            status,
            error_code: None,
            info: None,
            vendor_id: None,
            vendor_error_code: None,
            at: None,
        }
    }
}

/// What became of a status message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StatusRecorded {
    /// `None` for the whole charge point, and where it has too many connectors already.
    pub place: Option<ConnectorPlace>,
    pub before: ConnectorStatus,
    pub after: ConnectorStatus,
}

/// One setting as the charger reported it.
#[derive(Clone, Debug)]
pub struct ReportedKey {
    pub key: String,
    pub value: Option<String>,
    pub readonly: bool,
}

/// Records what chargers report. Stateless; the unit of work comes with every call.
#[derive(Clone)]
pub struct Recorder {
    clock: Arc<dyn Clock>,
    ids: Arc<dyn IdSource>,
}

impl Recorder {
    pub fn new(clock: Arc<dyn Clock>, ids: Arc<dyn IdSource>) -> Self {
        Self { clock, ids }
    }

    /// Takes up what a starting charger says of itself, and answers whether it may take part. One
    /// that is gone is rejected.
    ///
    /// # Errors
    /// Store errors only.
    pub async fn boot(
        &self,
        work: &mut dyn ChargePointWork,
        charger: ChargerRef,
        report: BootReport,
    ) -> Result<Registration, StoreError> {
        let Some(mut charge_point) = find(work, charger).await? else { return Ok(Registration::Rejected) };
        let now = self.clock.now();
        let live = &mut charge_point.live;
        live.vendor = Some(told(&report.vendor));
        live.model = Some(told(&report.model));
        live.serial = report.serial.as_deref().map(told).or(live.serial.take());
        live.firmware = report.firmware.as_deref().map(told).or(live.firmware.take());
        live.booted_at = Some(now);
        live.last_seen_at = Some(now);
        work.charger_state().charge_point_update_live(&charge_point).await?;
        let event = self.stamp().charge_point(event::CHARGE_POINT_BOOTED, &charge_point);
        work.outbox().append(event).await?;
        Ok(charge_point.registration)
    }

    /// Takes up a status. A connector that nobody told us of is added to the charge point. `None`
    /// where the charge point is gone.
    ///
    /// # Errors
    /// Store errors only.
    pub async fn status(
        &self,
        work: &mut dyn ChargePointWork,
        charger: ChargerRef,
        message: StatusMessage,
    ) -> Result<Option<StatusRecorded>, StoreError> {
        let Some(mut charge_point) = find(work, charger).await? else { return Ok(None) };
        let number = message.connector;
        let report = StatusReport {
            status: message.status,
            error_code: message.error_code.as_deref().map(told),
            info: message.info.as_deref().map(told),
            vendor_id: message.vendor_id.as_deref().map(told),
            vendor_error_code: message.vendor_error_code.as_deref().map(told),
            at: self.plausible(message.at),
        };
        if number == 0 {
            let before = charge_point.live.whole.clone();
            let at = report.at;
            if charge_point.live.whole.take(report) {
                work.charger_state().charge_point_update_live(&charge_point).await?;
            }
            let after = charge_point.live.whole.clone();
            if after.status() != before.status() {
                let fact = Fact::Status { connector: 0, status: after.status() };
                self.note(work, charge_point.id, at, fact).await?;
            }
            if after.tells_more_than(&before) {
                work.outbox().append(self.stamp().status(&charge_point, None, &after)).await?;
            }
            let recorded = StatusRecorded { place: None, before: before.status(), after: after.status() };
            return Ok(Some(recorded));
        }
        let Some(place) = self.learn(work, &mut charge_point, number).await? else {
            let unknown = ConnectorStatus::Unknown;
            return Ok(Some(StatusRecorded { place: None, before: unknown, after: unknown }));
        };
        let Some(connector) = charge_point.connector_mut(number) else {
            return Err(StoreError::corrupt("a connector without its number"));
        };
        let (before, at) = (connector.live.clone(), report.at);
        let taken = connector.live.take(report);
        let connector = connector.clone();
        if taken {
            work.charger_state().connector_update_live(charge_point.id, &connector).await?;
        }
        if connector.live.status() != before.status() {
            let fact = Fact::Status { connector: number, status: connector.live.status() };
            self.note(work, charge_point.id, at, fact).await?;
        }
        if connector.live.tells_more_than(&before) {
            let event = self.stamp().status(&charge_point, Some(place), &connector.live);
            work.outbox().append(event).await?;
        }
        let (before, after) = (before.status(), connector.live.status());
        Ok(Some(StatusRecorded { place: Some(place), before, after }))
    }

    /// Where a connector is, by its number over the whole charge point; one that nobody told us
    /// of is added. `None` for 0, for a charge point that is gone, and where it has too many
    /// connectors already.
    ///
    /// # Errors
    /// Store errors only.
    pub async fn connector(
        &self,
        work: &mut dyn ChargePointWork,
        charger: ChargerRef,
        number: u16,
    ) -> Result<Option<ConnectorPlace>, StoreError> {
        let ChargerRef { organisation, charge_point: id } = charger;
        if number == 0 {
            return Ok(None);
        }
        if let Some(place) = work.charger_state().connector_place(organisation, id, number).await? {
            return Ok(Some(place));
        }
        let Some(mut charge_point) = find(work, charger).await? else { return Ok(None) };
        self.learn(work, &mut charge_point, number).await
    }

    /// Notes that these chargers gave a sign of life.
    ///
    /// # Errors
    /// Store errors only.
    pub async fn seen(
        &self,
        work: &mut dyn ChargePointWork,
        chargers: &[ChargerRef],
    ) -> Result<(), StoreError> {
        if chargers.is_empty() {
            return Ok(());
        }
        let now = self.clock.now();
        work.charger_state().charge_points_seen(chargers, now, now - SEEN_RESOLUTION).await
    }

    /// Notes an opened socket. One that is older than the present one changes nothing.
    ///
    /// # Errors
    /// Store errors only.
    pub async fn opened(
        &self,
        work: &mut dyn ChargePointWork,
        charger: ChargerRef,
        generation: Generation,
        protocol: Protocol,
    ) -> Result<(), StoreError> {
        let Some(mut charge_point) = find(work, charger).await? else { return Ok(()) };
        let now = self.clock.now();
        let live = &mut charge_point.live;
        if generation < live.generation || (generation == live.generation && live.online) {
            return Ok(());
        }
        let came = !live.online;
        live.online = true;
        live.generation = generation;
        live.protocol = Some(protocol);
        live.last_seen_at = Some(now);
        if came {
            live.connection_changed_at = Some(now);
        }
        work.charger_state().charge_point_update_live(&charge_point).await?;
        if came {
            self.note(work, charge_point.id, now, Fact::Online(true)).await?;
            let event = self.stamp().charge_point(event::CHARGE_POINT_CONNECTED, &charge_point);
            work.outbox().append(event).await?;
        }
        Ok(())
    }

    /// Notes a closed socket, unless a later one has been opened since.
    ///
    /// # Errors
    /// Store errors only.
    pub async fn closed(
        &self,
        work: &mut dyn ChargePointWork,
        charger: ChargerRef,
        generation: Generation,
    ) -> Result<(), StoreError> {
        let Some(mut charge_point) = find(work, charger).await? else { return Ok(()) };
        let live = &mut charge_point.live;
        if generation < live.generation || !live.online {
            return Ok(());
        }
        live.online = false;
        live.generation = generation;
        let now = self.clock.now();
        live.connection_changed_at = Some(now);
        work.charger_state().charge_point_update_live(&charge_point).await?;
        self.note(work, charge_point.id, now, Fact::Online(false)).await?;
        let event = self.stamp().charge_point(event::CHARGE_POINT_DISCONNECTED, &charge_point);
        work.outbox().append(event).await
    }

    /// Marks every charger of every organisation as offline: for the start of the only gateway,
    /// whose sockets of before are gone. Returns how many were thought to be online.
    ///
    /// # Errors
    /// Store errors only.
    pub async fn all_offline(&self, work: &mut dyn ChargePointWork) -> Result<usize, StoreError> {
        let now = self.clock.now();
        let gone = work.charger_state().charge_points_all_offline(now).await?;
        let entry = |charge_point: &ChargePoint| self.entry(charge_point.id, now, Fact::Online(false));
        work.charger_state().history_append(&gone.iter().map(entry).collect::<Vec<_>>()).await?;
        for charge_point in &gone {
            let event = self.stamp().charge_point(event::CHARGE_POINT_DISCONNECTED, charge_point);
            work.outbox().append(event).await?;
        }
        Ok(gone.len())
    }

    /// Takes up how far a firmware update is, in the charger's word.
    ///
    /// # Errors
    /// Store errors only.
    pub async fn firmware_status(
        &self,
        work: &mut dyn ChargePointWork,
        charger: ChargerRef,
        status: String,
    ) -> Result<(), StoreError> {
        let Some(mut charge_point) = find(work, charger).await? else { return Ok(()) };
        let progress = Progress { status: told(&status), at: self.clock.now() };
        charge_point.live.firmware_status = Some(progress.clone());
        work.charger_state().charge_point_update_live(&charge_point).await?;
        let event = self.stamp().progress(event::FIRMWARE_STATUS_CHANGED, &charge_point, &progress);
        work.outbox().append(event).await
    }

    /// Takes up how far an upload of diagnostics is, in the charger's word.
    ///
    /// # Errors
    /// Store errors only.
    pub async fn diagnostics_status(
        &self,
        work: &mut dyn ChargePointWork,
        charger: ChargerRef,
        status: String,
    ) -> Result<(), StoreError> {
        let Some(mut charge_point) = find(work, charger).await? else { return Ok(()) };
        let progress = Progress { status: told(&status), at: self.clock.now() };
        charge_point.live.diagnostics_status = Some(progress.clone());
        work.charger_state().charge_point_update_live(&charge_point).await?;
        let event = self.stamp().progress(event::DIAGNOSTICS_STATUS_CHANGED, &charge_point, &progress);
        work.outbox().append(event).await
    }

    /// Takes up reported settings and what they tell about the charger's abilities. Values of
    /// secret settings are not kept. Settings that are not named stay as they were.
    ///
    /// # Errors
    /// Store errors only.
    pub async fn configuration(
        &self,
        work: &mut dyn ChargePointWork,
        charger: ChargerRef,
        reported: Vec<ReportedKey>,
    ) -> Result<(), StoreError> {
        if reported.is_empty() {
            return Ok(());
        }
        let Some(mut charge_point) = find(work, charger).await? else { return Ok(()) };
        let before = charge_point.live.capabilities.clone();
        let keys = self.reported(reported);
        for ConfigurationKey { key, value, .. } in &keys {
            charge_point.live.capabilities.learn(key, value.as_deref().unwrap_or_default());
        }
        work.charger_state().configuration_save(charge_point.id, &keys).await?;
        if charge_point.live.capabilities != before {
            work.charger_state().charge_point_update_live(&charge_point).await?;
        }
        let names: Vec<&str> = keys.iter().map(|key| key.key.as_str()).collect();
        work.outbox().append(self.stamp().configuration(&charge_point, &names)).await
    }

    /// The last report of a key counts; more keys than any charger has are not believed.
    fn reported(&self, reported: Vec<ReportedKey>) -> Vec<ConfigurationKey> {
        const MOST: usize = 1_000;
        let reported_at = self.clock.now();
        let mut keys = std::collections::BTreeMap::new();
        for ReportedKey { key, value, readonly } in reported.into_iter().take(MOST) {
            let key = told(&key);
            let value = value.filter(|_| !ConfigurationKey::is_secret(&key)).as_deref().map(long);
            keys.insert(key.clone(), ConfigurationKey { key, value, readonly, reported_at });
        }
        keys.into_values().collect()
    }

    async fn learn(
        &self,
        work: &mut dyn ChargePointWork,
        charge_point: &mut ChargePoint,
        number: u16,
    ) -> Result<Option<ConnectorPlace>, StoreError> {
        if let Some(place) = charge_point.place(number) {
            return Ok(Some(place));
        }
        if !charge_point.learn_connector(number, &*self.ids) {
            return Ok(None);
        }
        let read = charge_point.version;
        charge_point.version = read.next();
        charge_point.updated_at = self.clock.now();
        work.charge_points().charge_point_update(charge_point, read).await?;
        let event = self.stamp().charge_point(event::CHARGE_POINT_CHANGED, charge_point);
        work.outbox().append(event).await?;
        Ok(charge_point.place(number))
    }

    /// Writes down what changed, beside the change.
    async fn note(
        &self,
        work: &mut dyn ChargePointWork,
        charge_point: ChargePointId,
        at: Timestamp,
        fact: Fact,
    ) -> Result<(), StoreError> {
        work.charger_state().history_append(&[self.entry(charge_point, at, fact)]).await
    }

    fn entry(&self, charge_point: ChargePointId, at: Timestamp, fact: Fact) -> HistoryEntry {
        HistoryEntry { id: self.ids.uuid(), charge_point, at, fact }
    }

    /// What is reported has happened: a charger whose clock runs ahead must not outdate its own
    /// next reports.
    fn plausible(&self, told: Option<Timestamp>) -> Timestamp {
        let now = self.clock.now();
        told.map_or(now, |at| kernel::clock::to_micros(at).min(now))
    }

    fn stamp(&self) -> Stamp<'_> {
        Stamp { clock: &*self.clock, ids: &*self.ids }
    }
}

/// A text as it can be kept: without control characters, at most 255 characters.
fn told(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).take(255).collect()
}

/// The same for the value of a setting, which may be a long list.
fn long(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).take(10_000).collect()
}

async fn find(
    work: &mut dyn ChargePointWork,
    charger: ChargerRef,
) -> Result<Option<ChargePoint>, StoreError> {
    work.charge_points().charge_point_find(charger.organisation, charger.charge_point).await
}
