//! Configuration keys of a simulated charger, as OCPP 1.6 names them (section 9).

use std::{collections::BTreeMap, time::Duration};

use serde_json::{Value, json};

use crate::{profile, spec::ChargerSpec};

pub(super) struct Configuration(BTreeMap<&'static str, Key>);

struct Key {
    value: String,
    kind: Kind,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    ReadOnly,
    Number,
    Truth,
    Text,
}

impl Configuration {
    pub(super) fn new(spec: &ChargerSpec) -> Self {
        let units =
            if spec.connectors.iter().any(|connector| connector.dc) { "Power" } else { "Current,Power" };
        let metering = spec.pace.metering.as_secs().to_string();
        let connectors = spec.connectors.len().to_string();
        let keys = [
            ("AllowOfflineTxForUnknownId", "true", Kind::Truth),
            ("AuthorizationCacheEnabled", "true", Kind::Truth),
            ("AuthorizeRemoteTxRequests", "false", Kind::Truth),
            ("ChargeProfileMaxStackLevel", &profile::MOST_STACK_LEVEL.to_string(), Kind::ReadOnly),
            ("ChargingScheduleAllowedChargingRateUnit", units, Kind::ReadOnly),
            ("ChargingScheduleMaxPeriods", &profile::MOST_PERIODS.to_string(), Kind::ReadOnly),
            ("ClockAlignedDataInterval", "0", Kind::Number),
            ("ConnectionTimeOut", "60", Kind::Number),
            ("ConnectorPhaseRotation", "0.RST", Kind::Text),
            ("GetConfigurationMaxKeys", "100", Kind::ReadOnly),
            ("HeartbeatInterval", "60", Kind::Number),
            ("LocalAuthorizeOffline", "true", Kind::Truth),
            ("LocalPreAuthorize", "false", Kind::Truth),
            ("MaxChargingProfilesInstalled", &profile::MOST_PROFILES.to_string(), Kind::ReadOnly),
            ("MeterValueSampleInterval", &metering, Kind::Number),
            (
                "MeterValuesSampledData",
                "Energy.Active.Import.Register,Power.Active.Import,Current.Import,Voltage,SoC,Power.Offered",
                Kind::Text,
            ),
            ("NumberOfConnectors", &connectors, Kind::ReadOnly),
            ("ResetRetries", "3", Kind::Number),
            ("StopTransactionOnEVSideDisconnect", "true", Kind::ReadOnly),
            ("StopTransactionOnInvalidId", "true", Kind::Truth),
            (
                "SupportedFeatureProfiles",
                "Core,FirmwareManagement,RemoteTrigger,SmartCharging",
                Kind::ReadOnly,
            ),
            ("TransactionMessageAttempts", "3", Kind::Number),
            ("TransactionMessageRetryInterval", "10", Kind::Number),
            ("UnlockConnectorOnEVSideDisconnect", "true", Kind::ReadOnly),
            ("WebSocketPingInterval", "60", Kind::Number),
        ];
        Self(keys.map(|(name, value, kind)| (name, Key { value: value.to_owned(), kind })).into())
    }

    /// The answer to GetConfiguration: all keys, or those asked for.
    pub(super) fn read(&self, asked: Option<&Vec<Value>>) -> Value {
        let shown = |name: &str, key: &Key| json!({"key": name, "value": key.value, "readonly": key.kind == Kind::ReadOnly});
        let asked: Vec<&str> = asked.into_iter().flatten().filter_map(Value::as_str).collect();
        if asked.is_empty() {
            let all: Vec<Value> = self.0.iter().map(|(name, key)| shown(name, key)).collect();
            return json!({"configurationKey": all});
        }
        let (known, unknown): (Vec<&str>, Vec<&str>) =
            asked.into_iter().partition(|name| self.0.contains_key(name));
        let known: Vec<Value> =
            known.iter().filter_map(|name| self.0.get(name).map(|key| shown(name, key))).collect();
        json!({"configurationKey": known, "unknownKey": unknown})
    }

    /// The status of ChangeConfiguration.
    pub(super) fn change(&mut self, name: &str, value: &str) -> &'static str {
        let Some(key) = self.0.get_mut(name) else { return "NotSupported" };
        let fits = match key.kind {
            Kind::ReadOnly => false,
            Kind::Number => value.parse::<u32>().is_ok(),
            Kind::Truth => matches!(value.to_ascii_lowercase().as_str(), "true" | "false"),
            Kind::Text => value.len() <= 500,
        };
        if !fits {
            return "Rejected";
        }
        key.value = value.to_owned();
        "Accepted"
    }

    /// The server's interval for heartbeats, from its answer to BootNotification.
    pub(super) fn set_heartbeat(&mut self, seconds: u64) {
        if let Some(key) = self.0.get_mut("HeartbeatInterval") {
            key.value = seconds.to_string();
        }
    }

    pub(super) fn is_true(&self, name: &str) -> bool {
        self.0.get(name).is_some_and(|key| key.value.eq_ignore_ascii_case("true"))
    }

    /// Whether a comma-separated list holds a word.
    pub(super) fn lists(&self, name: &str, word: &str) -> bool {
        self.0.get(name).is_some_and(|key| key.value.split(',').any(|listed| listed == word))
    }

    pub(super) fn number(&self, name: &str) -> u32 {
        self.0.get(name).and_then(|key| key.value.parse().ok()).unwrap_or_default()
    }

    /// `None` where the interval is zero: never.
    pub(super) fn interval(&self, name: &str) -> Option<Duration> {
        let seconds = self.number(name);
        (seconds > 0).then(|| Duration::from_secs(seconds.into()))
    }
}
