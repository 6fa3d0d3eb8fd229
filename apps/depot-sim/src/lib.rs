//! depot-sim.
