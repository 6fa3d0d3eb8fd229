//! Smart charging: who may draw how much, now.
//!
//! [`allocation`] is the pure heart: from a depot's electrical tree and what its vehicles ask for
//! to a setpoint for every EVSE, with the reason of each. It knows no clock, no store, no charger.

pub mod allocation;
