//! The control over simulated depots: chargers that do what they last accepted, or do not.

mod following;
mod history;
mod laxity;
mod limits;
mod manners;
mod rotation;
mod safety;
mod strategies;
mod yard;
