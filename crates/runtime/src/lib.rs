//! What turns adapters into running services: configuration, the machine's clock and entropy,
//! telemetry, the life of a process.
//!
//! Only this crate sees all infrastructure. Apps see services, never adapters.

pub mod ambient;
pub mod backends;
pub mod blobs;
pub mod config;
pub mod documents;
pub mod feed;
pub mod frames;
pub mod lifecycle;
pub mod log;
pub mod notify;
mod planner;
pub mod process;
pub mod services;
pub mod telemetry;
mod token_secret;

pub use ambient::{Argon2Hasher, SystemClock, SystemIds};
pub use backends::Backends;
pub use blobs::Blobs;
pub use config::{Config, ConfigError};
pub use documents::Documents;
pub use frames::Frames;
pub use lifecycle::Lifecycle;
pub use log::Shared;
pub use process::Process;
pub use services::Services;
