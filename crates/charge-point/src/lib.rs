//! charge-point.
