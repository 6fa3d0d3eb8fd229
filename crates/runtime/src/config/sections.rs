//! The sections, their keys, defaults and units.

use std::{
    fmt,
    net::{Ipv4Addr, SocketAddr},
    path::PathBuf,
    time::Duration,
};

use chrono::TimeDelta;
use kernel::{Proxies, Quota, W};
use serde::Deserialize;

/// Everything that can be set.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// Where embedded stores and generated secrets live.
    pub data_dir: PathBuf,
    /// What is logged, as `tracing` filters are written: `info`, `info,connect=debug`.
    pub log: String,
    pub log_format: LogFormat,
    /// `sqlite:` (the default, in `data_dir`) or `postgres://…`.
    pub database: Store,
    /// `inproc:` (the default: one process) or `kafka://host:port,…?partitions=12&replication=3`.
    pub events: Store,
    /// `memory:` (the default: one process) or `redis://…`.
    pub cache: Store,
    /// `file:` (the default, in `data_dir`) or `s3://bucket/prefix?region=eu-central-1`.
    pub blobs: Store,
    /// `sqlite:` (the default, in `data_dir`) or `dynamodb://region?prefix=manage-`.
    pub documents: Store,
    /// What stands in front of both APIs.
    pub proxies: Proxies,
    /// The operators' API.
    pub internal: Server,
    /// The partners' API.
    pub public: Public,
    /// The chargers' gateway.
    pub connect: Connect,
    /// The loops, where they are a process of their own.
    pub worker: Server,
    pub charging: Charging,
    pub readings: Readings,
    pub uptime: Uptime,
    pub plans: Plans,
    pub message_log: MessageLog,
    pub reports: Reports,
    pub auth: Auth,
    pub admin: Admin,
    pub alerts: Alerts,
    pub mail: Mail,
    pub webhooks: Webhooks,
}

impl Default for Config {
    fn default() -> Self {
        let server = |port| Server { bind: SocketAddr::from((Ipv4Addr::LOCALHOST, port)) };
        Self {
            data_dir: "./var".into(),
            log: "info".into(),
            log_format: LogFormat::Text,
            database: Store::default(),
            events: Store::at("inproc:"),
            cache: Store::at("memory:"),
            blobs: Store::default(),
            documents: Store::default(),
            proxies: Proxies::default(),
            internal: server(8080),
            public: Public::default(),
            connect: Connect::default(),
            worker: server(8083),
            charging: Charging::default(),
            readings: Readings::default(),
            uptime: Uptime::default(),
            plans: Plans::default(),
            message_log: MessageLog::default(),
            reports: Reports::default(),
            auth: Auth::default(),
            admin: Admin::default(),
            alerts: Alerts::default(),
            mail: Mail::default(),
            webhooks: Webhooks::default(),
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LogFormat {
    Text,
    Json,
}

/// A store, chosen by the scheme of its URL.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Store {
    /// Empty: the embedded default inside `data_dir`.
    pub url: Secret,
    /// Connections at most, where the store has a pool.
    pub max_connections: u32,
}

impl Store {
    fn at(url: &str) -> Self {
        Self { url: Secret(url.into()), ..Self::default() }
    }

    /// The part before the first colon.
    pub fn scheme(&self) -> &str {
        self.url.expose().split(':').next().unwrap_or_default()
    }
}

impl Default for Store {
    fn default() -> Self {
        Self { url: Secret::default(), max_connections: 16 }
    }
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Server {
    pub bind: SocketAddr,
}

/// The API of partners. What an API key may ask is counted for all servers together where the cache is
/// Redis, else for each server by itself.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Public {
    pub bind: SocketAddr,
    /// Requests of one API key within ten seconds; 0 for as many as it likes.
    pub requests_per_10_seconds: u32,
    /// Requests of one API key within an hour; 0 for as many as it likes.
    pub requests_per_hour: u32,
}

impl Default for Public {
    fn default() -> Self {
        Self {
            bind: SocketAddr::from((Ipv4Addr::LOCALHOST, 8081)),
            requests_per_10_seconds: 200,
            requests_per_hour: 20_000,
        }
    }
}

impl Public {
    /// What every API key has of its own.
    pub fn quotas(&self) -> Vec<Quota> {
        let quota = |name, most, seconds| Quota { name, most, within: Duration::from_secs(seconds) };
        let all = [
            quota("burst", self.requests_per_10_seconds, 10),
            quota("hourly", self.requests_per_hour, 3_600),
        ];
        all.into_iter().filter(|quota| quota.most > 0).collect()
    }
}

/// The gateway that chargers connect to.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Connect {
    pub bind: SocketAddr,
    /// Refuse chargers that were created without a password (security profile 0).
    pub require_password: bool,
    /// The largest frame a charger may send.
    pub frame_limit_bytes: usize,
    /// Frames a charger may send in a second, on average, before its socket has to wait.
    pub frames_per_second: u32,
    /// How long a charger may take to answer a command.
    pub call_timeout_seconds: u64,
    /// A socket that is silent for this long is pinged.
    pub ping_interval_seconds: u64,
    /// A socket that is silent for this long is closed.
    pub idle_timeout_seconds: u64,
    /// The heartbeat interval chargers are told at boot.
    pub heartbeat_interval_seconds: u32,
    /// How often chargers are asked to send meter values while charging.
    pub meter_interval_seconds: u32,
    /// Sockets at most.
    pub max_connections: usize,
}

impl Default for Connect {
    fn default() -> Self {
        Self {
            bind: SocketAddr::from((Ipv4Addr::LOCALHOST, 8082)),
            require_password: false,
            frame_limit_bytes: 256 * 1024,
            frames_per_second: 50,
            call_timeout_seconds: 30,
            ping_interval_seconds: 60,
            idle_timeout_seconds: 180,
            heartbeat_interval_seconds: 300,
            meter_interval_seconds: 10,
            max_connections: 20_000,
        }
    }
}

/// The control loops.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Charging {
    /// How often a depot's setpoints are computed when nothing happens.
    pub tick_seconds: u64,
    /// An EVSE is raised by no more than this at once.
    pub ramp_kw: u32,
    /// From a reduction of an EVSE to its next increase.
    pub raise_delay_seconds: u32,
    /// Smaller changes are not worth an order, unless a circuit needs them.
    pub hysteresis_watts: u32,
    /// Between the orders to one charger, where the later one raises.
    pub order_interval_seconds: u32,
    /// Where not all can charge at once: for how long what was received counts. Everybody has a turn
    /// within as many windows as there are vehicles waiting.
    pub rotation_window_minutes: u32,
    /// How long a vehicle that was switched on stays on; at most half a window.
    pub minimum_on_minutes: u32,
    /// How long a vehicle that was switched off stays off; at most a window.
    pub minimum_off_minutes: u32,
    /// Charging that makes no progress for so long counts as stalled.
    pub stalled_after_minutes: u32,
    /// An older plan is not followed.
    pub plan_valid_minutes: u32,
}

impl Default for Charging {
    fn default() -> Self {
        Self {
            tick_seconds: 2,
            ramp_kw: 50,
            raise_delay_seconds: 10,
            hysteresis_watts: 500,
            order_interval_seconds: 5,
            rotation_window_minutes: 15,
            minimum_on_minutes: 5,
            minimum_off_minutes: 2,
            stalled_after_minutes: 20,
            plan_valid_minutes: 30,
        }
    }
}

impl Charging {
    /// After how long without progress charging has stalled.
    pub fn stalled_after(&self) -> TimeDelta {
        TimeDelta::minutes(self.stalled_after_minutes.into())
    }

    /// The manners of the control.
    pub fn pace(&self) -> charging::Pace {
        let minutes = |minutes: u32| TimeDelta::minutes(minutes.into());
        let seconds = |seconds: u32| TimeDelta::seconds(seconds.into());
        charging::Pace {
            ramp: W(i64::from(self.ramp_kw) * 1_000),
            raise_after: seconds(self.raise_delay_seconds),
            hysteresis: W(self.hysteresis_watts.into()),
            between_orders: seconds(self.order_interval_seconds),
            window: minutes(self.rotation_window_minutes),
            turn: minutes(self.minimum_on_minutes),
            rest: minutes(self.minimum_off_minutes),
            plan_valid: minutes(self.plan_valid_minutes),
        }
    }
}

/// What meters said.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Readings {
    /// For how many days readings and their sums are kept; 0 for ever.
    pub retention_days: u32,
}

impl Default for Readings {
    fn default() -> Self {
        Self { retention_days: 730 }
    }
}

/// When connectors could be used.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Uptime {
    /// For how many days the history of chargers is kept; 0 for ever.
    pub retention_days: u32,
}

impl Default for Uptime {
    fn default() -> Self {
        Self { retention_days: 1_096 }
    }
}

/// What depots planned.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Plans {
    /// For how many days past slots of plans are kept; 0 for ever.
    pub retention_days: u32,
}

impl Default for Plans {
    fn default() -> Self {
        Self { retention_days: 730 }
    }
}

/// A number of days that stands for a time; `None` for 0, which means for ever.
pub fn retention(days: u32) -> Option<TimeDelta> {
    TimeDelta::try_days(days.into()).filter(|time| !time.is_zero())
}

/// Every frame of chargers.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct MessageLog {
    /// For how many days frames are kept; 0 for ever.
    pub retention_days: u32,
}

impl Default for MessageLog {
    fn default() -> Self {
        Self { retention_days: 30 }
    }
}

/// Files of reports.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Reports {
    /// For how many days files are kept; 0 for ever.
    pub retention_days: u32,
}

impl Default for Reports {
    fn default() -> Self {
        Self { retention_days: 365 }
    }
}

/// Sign-in to the operators' API.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Auth {
    /// Signs access tokens; at least 32 bytes. Empty: generated once and kept in `data_dir`.
    pub token_secret: Secret,
    pub access_token_seconds: u64,
    pub refresh_token_days: u64,
    /// Other issuers whose tokens are taken: `[[auth.oidc]]`.
    pub oidc: Vec<infra_oidc::IssuerSettings>,
}

impl Default for Auth {
    fn default() -> Self {
        Self {
            token_secret: Secret::default(),
            access_token_seconds: 900,
            refresh_token_days: 30,
            oidc: Vec::new(),
        }
    }
}

/// The organisation of an installation that has only one.
pub const ORGANISATION: &str = "default";

/// The first administrator, made where an installation has none.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Admin {
    /// The name of the organisation that is made with it.
    pub organisation: String,
    pub email: String,
    /// Empty: one is generated and printed once.
    pub password: Secret,
}

impl Default for Admin {
    fn default() -> Self {
        Self {
            organisation: ORGANISATION.into(),
            email: "admin@example.com".into(),
            password: Secret::default(),
        }
    }
}

/// What becomes an alert.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Alerts {
    /// How long a charger may be without its connection.
    pub offline_after_seconds: u32,
    /// How long a circuit may be measured above its usable limit.
    pub limit_exceeded_after_seconds: u32,
    /// How many days before their end API keys are told of.
    pub api_key_days: u32,
    /// For how many days cleared alerts and their messages are kept.
    pub alert_retention_days: u32,
}

impl Default for Alerts {
    fn default() -> Self {
        Self {
            offline_after_seconds: 300,
            limit_exceeded_after_seconds: 30,
            api_key_days: 14,
            alert_retention_days: 365,
        }
    }
}

/// The server that mail is handed to.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Mail {
    /// Empty: no mail is sent.
    pub host: String,
    /// 0: the usual one, 587, 465 or 25 by `security`.
    pub port: u16,
    pub security: MailSecurity,
    /// Empty: the server wants no name.
    pub username: String,
    pub password: Secret,
    /// `Name <address>` or an address alone.
    pub from: String,
    /// PEM: authorities whose certificates are taken beside the usual ones.
    pub ca_file: Option<PathBuf>,
}

impl Default for Mail {
    fn default() -> Self {
        Self {
            host: String::new(),
            port: 0,
            security: MailSecurity::Starttls,
            username: String::new(),
            password: Secret::default(),
            from: "alerts@localhost".into(),
            ca_file: None,
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MailSecurity {
    Starttls,
    Tls,
    /// For a server on the same machine.
    None,
}

/// Requests to URLs that operators name.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Webhooks {
    /// Whether they may reach private networks and this machine.
    pub allow_private: bool,
    pub timeout_seconds: u32,
    /// PEM: authorities whose certificates are taken beside the usual ones.
    pub ca_file: Option<PathBuf>,
}

impl Default for Webhooks {
    fn default() -> Self {
        Self { allow_private: false, timeout_seconds: 10, ca_file: None }
    }
}

/// A value that never shows in logs.
#[derive(Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(transparent)]
pub struct Secret(String);

impl Secret {
    pub fn new(value: impl Into<String>) -> Self {
        Self(value.into())
    }

    pub fn expose(&self) -> &str {
        &self.0
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.0.is_empty() { "(empty)" } else { "(set)" })
    }
}
