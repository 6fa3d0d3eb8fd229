//! What the server asks of the charger, and the charger's answers.

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json};

use super::{
    connector::Invitation,
    outbox::About,
    reading,
    station::{Station, stamp},
};
use crate::profile::{Profile, Purpose, RateUnit};

/// An answer: a result, or an error code of OCPP-J with its description.
pub(super) type Answer = Result<Value, (&'static str, String)>;

/// What happens once the answer is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Afterwards {
    GoOn,
    Reboot,
}

impl Station {
    pub(super) fn order(
        &mut self,
        action: &str,
        payload: &Value,
        now: DateTime<Utc>,
    ) -> (Answer, Afterwards) {
        if action == "Reset" {
            let reason = if payload["type"] == "Hard" { "HardReset" } else { "SoftReset" };
            self.end_all(reason, now);
            return (Ok(json!({"status": "Accepted"})), Afterwards::Reboot);
        }
        (self.carry_out(action, payload, now), Afterwards::GoOn)
    }

    fn carry_out(&mut self, action: &str, payload: &Value, now: DateTime<Utc>) -> Answer {
        match action {
            "RemoteStartTransaction" => self.remote_start(payload, now),
            "RemoteStopTransaction" => self.remote_stop(payload, now),
            "UnlockConnector" => self.unlock(payload, now),
            "ChangeAvailability" => self.change_availability(payload, now),
            "GetConfiguration" => Ok(self.configuration.read(payload["key"].as_array())),
            "ChangeConfiguration" => {
                let text = |field: &str| required(payload[field].as_str(), field);
                Ok(json!({"status": self.configuration.change(text("key")?, text("value")?)}))
            }
            "TriggerMessage" => self.trigger(payload, now),
            "ClearCache" => Ok(json!({"status": "Accepted"})),
            "SetChargingProfile" => self.set_profile(payload, now),
            "ClearChargingProfile" => self.clear_profile(payload, now),
            "GetCompositeSchedule" => self.composite_schedule(payload, now),
            "GetDiagnostics" => {
                let name = format!("{}-diagnostics.zip", self.spec.identity);
                self.progress("DiagnosticsStatusNotification", &["Uploading", "Uploaded"]);
                Ok(json!({"fileName": name}))
            }
            "UpdateFirmware" => {
                let steps = ["Downloading", "Downloaded", "Installing", "Installed"];
                self.progress("FirmwareStatusNotification", &steps);
                Ok(json!({}))
            }
            "DataTransfer" => Ok(json!({"status": "UnknownVendorId"})),
            "GetLocalListVersion" => Ok(json!({"listVersion": -1})),
            "SendLocalList" => Ok(json!({"status": "NotSupported"})),
            "ReserveNow" | "CancelReservation" => Ok(json!({"status": "Rejected"})),
            _ => Err(("NotImplemented", format!("this charger does not know {action}"))),
        }
    }

    fn remote_start(&mut self, payload: &Value, now: DateTime<Utc>) -> Answer {
        let id_tag = required(payload["idTag"].as_str(), "idTag")?.to_owned();
        let profile: Option<Profile> = match &payload["chargingProfile"] {
            Value::Null => None,
            profile => Some(parsed(profile)?),
        };
        let wanted = payload["connectorId"].as_u64();
        let mut free: Vec<_> = self.connectors.iter().filter(|connector| connector.is_ready()).collect();
        // Where none is named: one with a vehicle before one without.
        free.sort_by_key(|connector| connector.vehicle.is_none());
        let chosen = free
            .into_iter()
            .find(|connector| wanted.is_none_or(|wanted| usize::try_from(wanted) == Ok(connector.number)))
            .map(|connector| (connector.number, connector.vehicle.is_some()));
        let refused = profile.as_ref().is_some_and(|profile| !profile.is_transaction_profile());
        let Some((number, plugged)) = chosen.filter(|_| !refused) else { return status("Rejected") };
        let until = now + TimeDelta::seconds(self.configuration.number("ConnectionTimeOut").into());
        let invitation = Invitation { id_tag: id_tag.clone(), profile, until };
        if !plugged {
            if let Some(connector) = self.connector(number) {
                connector.invited = Some(invitation);
            }
        } else if self.configuration.is_true("AuthorizeRemoteTxRequests") {
            self.present(number, &id_tag, now);
        } else {
            self.begin(number, &invitation, now);
        }
        status("Accepted")
    }

    fn remote_stop(&mut self, payload: &Value, now: DateTime<Utc>) -> Answer {
        let wanted = required(payload["transactionId"].as_i64(), "transactionId")?;
        let running =
            self.connectors.iter().find(|connector| connector.charging().transaction == Some(wanted));
        let Some(number) = running.map(|connector| connector.number) else { return status("Rejected") };
        self.end(number, "Remote", now);
        status("Accepted")
    }

    fn unlock(&mut self, payload: &Value, now: DateTime<Utc>) -> Answer {
        let number = connector_of(payload)?;
        if self.connector(number).is_none() {
            return status("UnlockFailed");
        }
        self.end(number, "UnlockCommand", now);
        status("Unlocked")
    }

    fn change_availability(&mut self, payload: &Value, now: DateTime<Utc>) -> Answer {
        let wanted = connector_of(payload)?;
        let operative = match payload["type"].as_str() {
            Some("Operative") => true,
            Some("Inoperative") => false,
            _ => return Err(("PropertyConstraintViolation", "type is Operative or Inoperative".into())),
        };
        if wanted > self.connectors.len() {
            return status("Rejected");
        }
        let mut scheduled = false;
        for connector in &mut self.connectors {
            if wanted == 0 || connector.number == wanted {
                if connector.session.is_some() && !operative {
                    connector.scheduled = Some(operative);
                    scheduled = true;
                } else {
                    connector.operative = operative;
                    connector.scheduled = None;
                }
            }
        }
        (1..=self.connectors.len()).for_each(|number| self.report(number, now, false));
        status(if scheduled { "Scheduled" } else { "Accepted" })
    }

    fn trigger(&mut self, payload: &Value, now: DateTime<Utc>) -> Answer {
        let number = payload["connectorId"].as_u64().map(usize::try_from).and_then(Result::ok);
        if number.is_some_and(|number| number > self.connectors.len()) {
            return status("Rejected");
        }
        match payload["requestedMessage"].as_str() {
            Some("BootNotification") => self.boot(),
            Some("Heartbeat") => self.heartbeat(),
            Some("StatusNotification") => match number {
                Some(number) => self.report(number, now, true),
                None => self.report_all(now),
            },
            Some("MeterValues") => {
                for connector in &self.connectors {
                    if number.is_none_or(|number| number == 0 || number == connector.number) {
                        let about = connector
                            .session
                            .as_ref()
                            .map_or(About::Notice, |session| About::Reading { session: session.id });
                        let payload = reading::meter_values(connector, "Trigger", now);
                        self.outbox.push("MeterValues", payload, about);
                    }
                }
            }
            Some("DiagnosticsStatusNotification") => {
                self.progress("DiagnosticsStatusNotification", &["Idle"]);
            }
            Some("FirmwareStatusNotification") => self.progress("FirmwareStatusNotification", &["Idle"]),
            _ => return status("NotImplemented"),
        }
        status("Accepted")
    }

    fn set_profile(&mut self, payload: &Value, now: DateTime<Utc>) -> Answer {
        let number = connector_of(payload)?;
        let profile: Profile = parsed(&payload["csChargingProfiles"])?;
        let charging = self.connector(number).map(|connector| connector.charging());
        let there = number == 0 || charging.is_some();
        let accepted = there
            && !self.spec.habits.refuses_profiles
            && self.configuration.lists("ChargingScheduleAllowedChargingRateUnit", profile.unit_name())
            && self.profiles.set(number, profile, charging, now);
        self.set_offers(now);
        status(if accepted { "Accepted" } else { "Rejected" })
    }

    fn clear_profile(&mut self, payload: &Value, now: DateTime<Utc>) -> Answer {
        let purpose: Option<Purpose> = match &payload["chargingProfilePurpose"] {
            Value::Null => None,
            purpose => Some(parsed(purpose)?),
        };
        let connector = payload["connectorId"].as_u64().and_then(|number| usize::try_from(number).ok());
        let level = payload["stackLevel"].as_u64().and_then(|level| u32::try_from(level).ok());
        let cleared = self.profiles.clear(payload["id"].as_i64(), connector, purpose, level);
        self.set_offers(now);
        status(if cleared { "Accepted" } else { "Unknown" })
    }

    fn composite_schedule(&mut self, payload: &Value, now: DateTime<Utc>) -> Answer {
        let number = connector_of(payload)?;
        let seconds = required(payload["duration"].as_i64(), "duration")?.clamp(0, 86_400);
        let unit = if payload["chargingRateUnit"] == "A" { RateUnit::A } else { RateUnit::W };
        let total: f64 = self.connectors.iter().map(|connector| connector.spec.max_w).sum();
        let (most, phases, charging) = match self.connector(number) {
            Some(connector) => (connector.spec.max_w, connector.spec.phases, connector.charging()),
            None if number == 0 => (total, 3, Default::default()),
            None => return status("Rejected"),
        };
        let mut answer =
            self.profiles.composite(number, (most, phases.max(1)), charging, (now, seconds), unit);
        answer["scheduleStart"] = json!(stamp(now));
        answer["chargingSchedule"]["startSchedule"] = json!(stamp(now));
        Ok(answer)
    }

    fn progress(&mut self, action: &'static str, steps: &[&str]) {
        for step in steps {
            self.outbox.push(action, json!({"status": step}), About::Notice);
        }
    }
}

#[expect(clippy::unnecessary_wraps, reason = "it ends functions that answer with errors too")]
fn status(status: &str) -> Answer {
    Ok(json!({"status": status}))
}

fn required<T>(value: Option<T>, field: &str) -> Result<T, (&'static str, String)> {
    value.ok_or_else(|| ("OccurenceConstraintViolation", format!("{field} is missing or of another type")))
}

fn connector_of(payload: &Value) -> Result<usize, (&'static str, String)> {
    let number = required(payload["connectorId"].as_u64(), "connectorId")?;
    usize::try_from(number).map_err(|_| ("PropertyConstraintViolation", "connectorId is absurd".into()))
}

fn parsed<T: serde::de::DeserializeOwned>(value: &Value) -> Result<T, (&'static str, String)> {
    T::deserialize(value).map_err(|error| ("TypeConstraintViolation", error.to_string()))
}
