//! The use cases of this domain, one group a file.

mod id_tags;
mod observations;
pub mod recording;
mod vehicles;

pub use id_tags::IdTagService;
pub use observations::{MOST_OBSERVATIONS, Observed};
pub use vehicles::VehicleService;
