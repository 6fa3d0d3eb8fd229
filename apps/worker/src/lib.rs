//! What runs without being asked: publishing events, controlling depots, forgetting what is no
//! longer needed.
//!
//! Every loop survives its failures: a store that goes away for a minute costs that minute. Each
//! is told to stop by the process's lifecycle and finishes the piece of work it has in hand.

mod controls;
mod housekeeping;
mod pace;
mod relay;
mod wakes;

use std::{sync::Arc, time::Duration};

pub use controls::control_depots;
pub use housekeeping::housekeeping;
pub use relay::relay;
use runtime::Process;
pub use wakes::Wakes;

/// Starts every loop. What is returned rings when orders to chargers were given.
pub fn start(process: &Process) -> Wakes {
    let (wakes, stopping) = (Wakes::default(), process.lifecycle.stopping());
    let (sea, clock, ids) =
        (process.backends.sea.clone(), process.backends.clock.clone(), process.backends.ids.clone());

    let events = process.backends.events.clone();
    events.subscribe(Arc::new(wakes.clone()));
    let publishing = relay(sea.clone(), sea.event_bell(), Arc::new(events), stopping.clone());
    process.lifecycle.spawn("event relay", async move {
        publishing.await;
        Ok(())
    });
    let every = Duration::from_secs(process.config.charging.tick_seconds);
    let controlling =
        control_depots(process.services.clone(), sea.clone(), wakes.clone(), every, stopping.clone());
    process.lifecycle.spawn("control", async move {
        controlling.await;
        Ok(())
    });
    let orders = Arc::new(charge_point::CommandQueue::new(sea.clone(), clock.clone(), ids));
    let tidying = housekeeping(sea, orders, clock, stopping);
    process.lifecycle.spawn("housekeeping", async move {
        tidying.await;
        Ok(())
    });
    wakes
}
