//! What a simulated charger is: its plate, its sockets, and its bad habits.

use std::time::Duration;

/// One charging station.
#[derive(Clone, Debug)]
pub struct ChargerSpec {
    /// The last segment of its path on the server.
    pub identity: String,
    /// For basic authentication, where the server asks for it.
    pub password: Option<String>,
    pub vendor: String,
    pub model: String,
    pub firmware: String,
    /// EVSEs of one connector each, numbered from 1.
    pub connectors: Vec<ConnectorSpec>,
    /// What it charged before, in watt-hours: the first value of every register.
    pub register_wh: f64,
    pub habits: Habits,
    pub pace: Pace,
    /// The same seed makes the same choices.
    pub seed: u64,
}

#[derive(Clone, Copy, Debug)]
pub struct ConnectorSpec {
    pub dc: bool,
    pub max_w: f64,
    /// 1 to 3; 3 for DC.
    pub phases: u8,
}

/// What goes wrong, on purpose. The default is a well-behaved charger.
#[derive(Clone, Debug, Default)]
pub struct Habits {
    /// Loses its socket now and then: the mean time between two losses.
    pub drops_every: Option<Duration>,
    /// Thinks this long before it answers.
    pub answers_after: Option<Duration>,
    /// Refuses every charging profile.
    pub refuses_profiles: bool,
    /// Accepts charging profiles and charges as before.
    pub ignores_profiles: bool,
    /// Sends no meter values.
    pub never_meters: bool,
    /// Gives nothing any more so long after a session began, and says nothing of it.
    pub stalls_after: Option<Duration>,
}

/// How fast things happen. The default is that of a real charger.
#[derive(Clone, Copy, Debug)]
pub struct Pace {
    /// Between two steps of the simulation.
    pub step: Duration,
    /// The first wait before connecting again; doubles up to `reconnect_most`.
    pub reconnect: Duration,
    pub reconnect_most: Duration,
    /// How long a call may wait for its answer.
    pub answer: Duration,
    /// From the answer to a reset to the next connection.
    pub reboot: Duration,
    /// Between two meter values, until the server sets `MeterValueSampleInterval`.
    pub metering: Duration,
    /// Before booting again where the server names no interval.
    pub boot_retry: Duration,
}

impl Default for Pace {
    fn default() -> Self {
        Self {
            step: Duration::from_secs(1),
            reconnect: Duration::from_secs(1),
            reconnect_most: Duration::from_secs(60),
            answer: Duration::from_secs(30),
            reboot: Duration::from_secs(5),
            metering: Duration::from_secs(10),
            boot_retry: Duration::from_secs(30),
        }
    }
}

impl ChargerSpec {
    /// A DC charger with one connector.
    pub fn dc(identity: impl Into<String>, max_w: f64) -> Self {
        Self::with(identity, "Fast", ConnectorSpec { dc: true, max_w, phases: 3 })
    }

    /// A three-phase AC charger with one connector.
    pub fn ac(identity: impl Into<String>, max_w: f64) -> Self {
        Self::with(identity, "Wall", ConnectorSpec { dc: false, max_w, phases: 3 })
    }

    fn with(identity: impl Into<String>, model: &str, connector: ConnectorSpec) -> Self {
        Self {
            identity: identity.into(),
            password: None,
            vendor: "Simulated".into(),
            model: model.into(),
            firmware: "1.0.0".into(),
            connectors: vec![connector],
            register_wh: 0.0,
            habits: Habits::default(),
            pace: Pace::default(),
            seed: 1,
        }
    }
}
