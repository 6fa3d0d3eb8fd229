//! A night at a depot, in accelerated time: the product's own services from the HTTP request to the
//! database, with a clock set by hand and chargers that do as they are told.
//!
//! Vehicles come back from their runs, plug in, charge under one connection that is too small for all
//! at once, and leave in the morning. What became of their runs, what the energy and its peak cost,
//! is held against an optimum that knew everything beforehand. It opens no socket, and shows nothing
//! of frames: other tests do.

mod clock;
mod first_come;
mod optimum;
mod scene;
mod score;
mod stage;
mod story;
mod tariff;
mod yard;

pub use optimum::{Optimum, optimum};
pub use scene::{Night, Scene};
pub use score::{Score, table};
pub use story::{Rule, play};
