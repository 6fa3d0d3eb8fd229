//! Everything in one process: both APIs, the gateway, the loops, and the commands of an operator.

pub mod access;
pub mod allocate;
pub mod demo;
mod input;
pub mod openapi;
pub mod plan;
pub mod product;
