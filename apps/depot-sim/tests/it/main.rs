//! Simulated chargers against a server in the test process, over real sockets.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod boot;
mod fleet;
mod load;
mod offline;
mod orders;
mod server;
mod session;

use depot_sim::Vehicle;

/// A bus at a third of its battery.
pub(crate) fn bus() -> Vehicle {
    Vehicle {
        id_tag: "BUS-7".into(),
        battery_wh: 300_000.0,
        soc: 0.33,
        max_ac_w: 22_000.0,
        max_dc_w: 150_000.0,
        phases: 3,
        haste: 1.0,
    }
}
