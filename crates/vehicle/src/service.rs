//! The use cases of this domain, one group a file.

mod id_tags;
pub mod recording;
mod vehicles;

pub use id_tags::IdTagService;
pub use vehicles::VehicleService;
