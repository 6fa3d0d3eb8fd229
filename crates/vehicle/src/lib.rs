//! vehicle.
