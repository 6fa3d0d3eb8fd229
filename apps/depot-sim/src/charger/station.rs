//! The charging station as a state machine: vehicles come and go, energy flows, calls are due.
//!
//! It knows no socket and no timer. Whoever drives it tells it the time, hands it the server's
//! answers and orders, and sends what is in its outbox.

use std::time::Duration;

use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use serde_json::{Value, json};

use super::{
    configuration::Configuration,
    connector::{Connector, Invitation, Session, Status},
    outbox::{About, Outbox},
    reading,
};
use crate::{
    profile::{Profile, Profiles},
    spec::ChargerSpec,
    vehicle::Vehicle,
};

pub(super) struct Station {
    pub(super) spec: ChargerSpec,
    pub(super) configuration: Configuration,
    pub(super) connectors: Vec<Connector>,
    pub(super) profiles: Profiles,
    pub(super) outbox: Outbox,
    pub(super) registration: Registration,
    next_heartbeat: Option<DateTime<Utc>>,
    sessions: u64,
    online: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Registration {
    /// The server has not accepted the charger yet; the next boot is due then.
    Booting {
        again: Option<DateTime<Utc>>,
    },
    Accepted,
}

impl Station {
    pub(super) fn new(spec: ChargerSpec) -> Self {
        let connectors = (1..)
            .zip(&spec.connectors)
            .map(|(number, connector)| Connector::new(number, *connector, spec.register_wh))
            .collect();
        Self {
            configuration: Configuration::new(&spec),
            connectors,
            profiles: Profiles::default(),
            outbox: Outbox::default(),
            registration: Registration::Booting { again: None },
            next_heartbeat: None,
            sessions: 0,
            online: false,
            spec,
        }
    }

    pub(super) fn connector(&mut self, number: usize) -> Option<&mut Connector> {
        number.checked_sub(1).and_then(|index| self.connectors.get_mut(index))
    }

    // ---- the socket

    pub(super) fn connected(&mut self, now: DateTime<Utc>) {
        self.online = true;
        match self.registration {
            Registration::Booting { .. } => self.registration = Registration::Booting { again: Some(now) },
            // It has been accepted before: the server learns what it missed.
            Registration::Accepted => self.report_all(now),
        }
    }

    pub(super) fn disconnected(&mut self) {
        self.online = false;
        self.outbox.lost();
    }

    /// After a reset: everything but vehicles, meters and unsent transactions begins anew.
    pub(super) fn rebooted(&mut self) {
        self.registration = Registration::Booting { again: None };
        for connector in &mut self.connectors {
            connector.reported = None;
            connector.invited = None;
        }
    }

    pub(super) fn boot(&mut self) {
        let payload = json!({
            "chargePointVendor": self.spec.vendor,
            "chargePointModel": self.spec.model,
            "chargePointSerialNumber": self.spec.identity.chars().take(25).collect::<String>(),
            "firmwareVersion": self.spec.firmware,
        });
        self.outbox.push("BootNotification", payload, About::Boot);
    }

    // ---- people and vehicles

    /// A vehicle is plugged in and shows its tag. False where another one is there.
    pub(super) fn plug_in(
        &mut self,
        number: usize,
        vehicle: Vehicle,
        now: DateTime<Utc>,
    ) -> Result<(), Vehicle> {
        let Some(connector) = self.connector(number).filter(|connector| connector.vehicle.is_none()) else {
            return Err(vehicle);
        };
        let id_tag = vehicle.id_tag.clone();
        connector.vehicle = Some(vehicle);
        connector.finished = false;
        if let Some(invitation) = connector.invited.take().filter(|invitation| now < invitation.until) {
            self.begin(number, &invitation, now);
        } else {
            self.present(number, &id_tag, now);
        }
        Ok(())
    }

    /// A tag is shown at a connector: it is asked for, or believed while nobody can be asked.
    pub(super) fn present(&mut self, number: usize, id_tag: &str, now: DateTime<Utc>) {
        if !self.connector(number).is_some_and(|connector| connector.is_ready()) {
            return;
        }
        // A charger that was never accepted waits: it asks once it is.
        if self.registration != Registration::Accepted {
            return;
        }
        if self.online {
            let about = About::Authorize { connector: number, id_tag: id_tag.to_owned() };
            self.outbox.push("Authorize", json!({"idTag": id_tag}), about);
        } else if self.configuration.is_true("LocalAuthorizeOffline") {
            self.begin(number, &invitation(id_tag, now), now);
        }
    }

    /// Vehicles that came before the server had accepted the charger.
    fn present_waiting(&mut self, now: DateTime<Utc>) {
        let waiting = self.connectors.iter().filter(|connector| connector.status() == Status::Preparing);
        let waiting: Vec<(usize, String)> = waiting
            .filter_map(|connector| Some((connector.number, connector.vehicle.as_ref()?.id_tag.clone())))
            .collect();
        waiting.iter().for_each(|(number, id_tag)| self.present(*number, id_tag, now));
    }

    /// The vehicle leaves, and with it its session.
    pub(super) fn unplug(&mut self, number: usize, now: DateTime<Utc>) -> Option<Vehicle> {
        self.end(number, "EVDisconnected", now);
        let connector = self.connector(number)?;
        connector.finished = false;
        connector.vehicle.take()
    }

    // ---- sessions

    pub(super) fn begin(&mut self, number: usize, invitation: &Invitation, now: DateTime<Utc>) {
        let id = self.sessions + 1;
        let metering = self.configuration.interval("MeterValueSampleInterval");
        let Some(connector) = self.connector(number) else { return };
        if !connector.is_ready() || connector.vehicle.is_none() {
            return;
        }
        connector.invited = None;
        connector.finished = false;
        connector.session = Some(Session {
            id,
            id_tag: invitation.id_tag.clone(),
            transaction: None,
            since: now,
            next_reading: metering.map(|interval| now + interval),
        });
        let charging = connector.charging();
        let payload = json!({
            "connectorId": number,
            "idTag": invitation.id_tag,
            "meterStart": connector.register(),
            "timestamp": stamp(now),
        });
        if let Some(profile) = &invitation.profile {
            self.profiles.set(number, profile.clone(), Some(charging), now);
        }
        self.sessions = id;
        self.outbox.push("StartTransaction", payload, About::Start { connector: number, session: id });
    }

    pub(super) fn end(&mut self, number: usize, reason: &str, now: DateTime<Utc>) {
        let Some(connector) = self.connector(number) else { return };
        let Some(session) = connector.session.take() else { return };
        let last = reading::sampled(connector, "Transaction.End");
        connector.finished = true;
        connector.power_w = 0.0;
        connector.offered_w = 0.0;
        if let Some(operative) = connector.scheduled.take() {
            connector.operative = operative;
        }
        let payload = json!({
            "idTag": session.id_tag,
            "meterStop": connector.register(),
            "timestamp": stamp(now),
            "reason": reason,
            "transactionData": [{"timestamp": stamp(now), "sampledValue": last}],
        });
        self.profiles.transaction_ended(number);
        self.outbox.push("StopTransaction", payload, About::Stop { session: session.id });
    }

    pub(super) fn end_all(&mut self, reason: &str, now: DateTime<Utc>) {
        (1..=self.connectors.len()).for_each(|number| self.end(number, reason, now));
    }

    // ---- time

    /// Lets `lasting` pass until `now`.
    pub(super) fn step(&mut self, now: DateTime<Utc>, lasting: Duration) {
        self.flow(now, lasting);
        for number in 1..=self.connectors.len() {
            self.expire_invitation(number, now);
            self.meter(number, now);
        }
        if !self.online {
            return;
        }
        match self.registration {
            Registration::Accepted => {
                (0..=self.connectors.len()).for_each(|number| self.report(number, now, false));
                self.beat(now);
            }
            Registration::Booting { again: Some(again) } if now >= again && !self.outbox.is_booting() => {
                self.registration = Registration::Booting { again: None };
                self.boot();
            }
            Registration::Booting { .. } => {}
        }
    }

    /// Energy flows at what was offered before; then the offer is set anew.
    fn flow(&mut self, now: DateTime<Utc>, lasting: Duration) {
        for connector in &mut self.connectors {
            connector.register_wh += connector.power_w * lasting.as_secs_f64() / 3600.0;
            let power = connector.power_w;
            if let Some(vehicle) = &mut connector.vehicle {
                vehicle.charge(power, lasting);
            }
        }
        self.set_offers(now);
    }

    pub(super) fn set_offers(&mut self, now: DateTime<Utc>) {
        let listens = !self.spec.habits.ignores_profiles;
        let stalls_after = self.spec.habits.stalls_after.and_then(|after| TimeDelta::from_std(after).ok());
        let busy = self.connectors.iter().filter(|connector| connector.session.is_some()).count();
        let share = self
            .profiles
            .station_limit(now)
            .map(|watts| watts / f64::from(u32::try_from(busy.max(1)).unwrap_or(1)));
        for connector in &mut self.connectors {
            if connector.session.is_none() {
                (connector.offered_w, connector.power_w) = (0.0, 0.0);
                continue;
            }
            let phases = connector.phases();
            let plate = connector.spec.max_w * f64::from(phases) / f64::from(connector.spec.phases.max(1));
            let own = self.profiles.connector_limit(connector.number, phases, connector.charging(), now);
            let limits = [own, share].into_iter().flatten().filter(|_| listens);
            connector.offered_w = limits.fold(plate, f64::min);
            let stalled = stalls_after
                .zip(connector.charging().since)
                .is_some_and(|(after, since)| now - since >= after);
            connector.power_w = if stalled { 0.0 } else { connector.draw(connector.offered_w) };
        }
    }

    fn expire_invitation(&mut self, number: usize, now: DateTime<Utc>) {
        if let Some(connector) = self.connector(number) {
            connector.invited.take_if(|invitation| now >= invitation.until);
        }
    }

    fn meter(&mut self, number: usize, now: DateTime<Utc>) {
        let interval = self.configuration.interval("MeterValueSampleInterval");
        let metering = !self.spec.habits.never_meters;
        let Some(connector) = self.connector(number) else { return };
        let Some(session) = &mut connector.session else { return };
        if session.next_reading.is_some_and(|due| now < due) {
            return;
        }
        let first = session.next_reading.is_none();
        session.next_reading = interval.map(|interval| now + interval);
        if metering && !first {
            let session = session.id;
            let payload = reading::meter_values(connector, "Sample.Periodic", now);
            self.outbox.push("MeterValues", payload, About::Reading { session });
        }
    }

    fn beat(&mut self, now: DateTime<Utc>) {
        let interval = self.configuration.interval("HeartbeatInterval");
        if self.next_heartbeat.is_some_and(|due| now >= due) {
            self.heartbeat();
            self.next_heartbeat = None;
        }
        if self.next_heartbeat.is_none() {
            self.next_heartbeat = interval.map(|interval| now + interval);
        }
    }

    pub(super) fn heartbeat(&mut self) {
        self.outbox.push("Heartbeat", json!({}), About::Notice);
    }

    // ---- reports

    pub(super) fn report_all(&mut self, now: DateTime<Utc>) {
        (0..=self.connectors.len()).for_each(|number| self.report(number, now, true));
    }

    /// Tells a connector's status: when it changed, or always. Connector 0 is the station.
    pub(super) fn report(&mut self, number: usize, now: DateTime<Utc>, always: bool) {
        let (status, error) = match self.connector(number) {
            None if number == 0 && always => (Status::Available, "NoError".to_owned()),
            None => return,
            Some(connector) => {
                let error = connector.fault.clone().unwrap_or_else(|| "NoError".to_owned());
                let told = (connector.status(), error);
                if !always && connector.reported.as_ref() == Some(&told) {
                    return;
                }
                connector.reported = Some(told.clone());
                told
            }
        };
        let payload = json!({
            "connectorId": number,
            "errorCode": error,
            "status": status.name(),
            "timestamp": stamp(now),
        });
        self.outbox.push("StatusNotification", payload, About::Notice);
    }

    // ---- answers

    /// The server answered the call in flight.
    pub(super) fn answered(&mut self, answer: &Value, now: DateTime<Utc>) {
        let Some(call) = self.outbox.answered() else { return };
        let tag_accepted = answer["idTagInfo"]["status"] == "Accepted";
        match call.about {
            About::Boot => self.registered(answer, now),
            About::Authorize { connector, id_tag } if tag_accepted => {
                self.begin(connector, &invitation(&id_tag, now), now);
            }
            About::Start { connector, session } => {
                let number = answer["transactionId"].as_i64();
                if let Some(number) = number {
                    self.outbox.number(session, number);
                }
                let strict = self.configuration.is_true("StopTransactionOnInvalidId");
                let current = self.connector(connector).and_then(|connector| connector.session.as_mut());
                if let Some(current) = current.filter(|current| current.id == session) {
                    current.transaction = number;
                    if !tag_accepted && strict {
                        self.end(connector, "DeAuthorized", now);
                    }
                }
            }
            About::Stop { session } => self.outbox.forget(session),
            About::Authorize { .. } | About::Reading { .. } | About::Notice => {}
        }
    }

    /// The server answered the call in flight with an error.
    pub(super) fn refused(&mut self, now: DateTime<Utc>) {
        let attempts = self.configuration.number("TransactionMessageAttempts").max(1);
        if self.outbox.refused(attempts) == Some(About::Boot) {
            self.registration = Registration::Booting { again: Some(now + self.spec.pace.boot_retry) };
        }
    }

    fn registered(&mut self, answer: &Value, now: DateTime<Utc>) {
        let interval = answer["interval"].as_u64().filter(|seconds| *seconds > 0);
        if answer["status"] == "Accepted" {
            self.registration = Registration::Accepted;
            if let Some(seconds) = interval {
                self.configuration.set_heartbeat(seconds);
            }
            self.next_heartbeat = None;
            self.report_all(now);
            self.present_waiting(now);
        } else {
            let wait = interval.map_or(self.spec.pace.boot_retry, Duration::from_secs);
            self.registration = Registration::Booting { again: Some(now + wait) };
        }
    }
}

fn invitation(id_tag: &str, now: DateTime<Utc>) -> Invitation {
    Invitation { id_tag: id_tag.to_owned(), profile: None::<Profile>, until: now + TimeDelta::minutes(1) }
}

pub(super) fn stamp(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Millis, true)
}
