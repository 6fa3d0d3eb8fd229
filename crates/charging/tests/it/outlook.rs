//! From what is seen of a depot to its outlook.

mod forecast;
mod limits;
mod planning;
mod rooms;
mod stays;
pub(crate) mod yard;
