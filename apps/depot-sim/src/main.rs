//! depot-sim.
fn main() {}
