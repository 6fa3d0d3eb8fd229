//! What runs without being asked: publishing events, controlling depots, sending orders to
//! chargers, forgetting what is no longer needed.
//!
//! Every loop survives its failures: a store that goes away for a minute costs that minute. Each
//! is told to stop by the process's lifecycle and finishes the piece of work it has in hand.

mod pace;
mod relay;

pub use relay::relay;
