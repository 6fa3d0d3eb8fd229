//! A simulated depot: chargers and vehicles that speak real OCPP 1.6J over real WebSockets.
//!
//! For the demo, for load, and for tests of what goes wrong. It shares no code with the server, so
//! that both do not make the same mistake, and it knows nothing of it but its address.

mod charger;
mod clock;
mod fleet;
pub mod load;
mod profile;
mod spec;
mod vehicle;

pub use charger::{ChargerHandle, ChargerView, ConnectorView, SimCharger, Status};
pub use clock::SimClock;
pub use fleet::{Fleet, FleetSpec, Shift, VehicleSpec};
pub use spec::{ChargerSpec, ConnectorSpec, Habits, Pace};
pub use tokio_tungstenite::tungstenite::http::Uri;
pub use vehicle::Vehicle;
