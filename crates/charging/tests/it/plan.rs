//! The plan against generated depots, an independent optimum, and published problems.

mod generated;
mod instances;
mod judge;
mod reference;
mod slivers;
mod tapering;
