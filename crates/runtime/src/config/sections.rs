//! The sections, their keys, defaults and units.

use std::{
    fmt,
    net::{Ipv4Addr, SocketAddr},
    path::PathBuf,
};

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
    /// The operators' API.
    pub internal: Server,
    /// The partners' API.
    pub public: Server,
    /// The chargers' gateway.
    pub connect: Connect,
    /// The loops, where they are a process of their own.
    pub worker: Server,
    pub charging: Charging,
    pub readings: Readings,
    pub message_log: MessageLog,
    pub reports: Reports,
    pub auth: Auth,
    pub admin: Admin,
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
            internal: server(8080),
            public: server(8081),
            connect: Connect::default(),
            worker: server(8083),
            charging: Charging::default(),
            readings: Readings::default(),
            message_log: MessageLog::default(),
            reports: Reports::default(),
            auth: Auth::default(),
            admin: Admin::default(),
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
}

impl Default for Charging {
    fn default() -> Self {
        Self { tick_seconds: 2 }
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
}

impl Default for Auth {
    fn default() -> Self {
        Self { token_secret: Secret::default(), access_token_seconds: 900, refresh_token_days: 30 }
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
