//! The allocation against generated depots and against published snapshots.

mod generated;
mod judge;
mod snapshots;
