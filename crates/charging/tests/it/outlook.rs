//! From what is seen of a depot to its outlook.

mod fakes;
mod forecast;
mod limits;
mod planning;
mod rooms;
mod service;
mod stays;
pub(crate) mod yard;
