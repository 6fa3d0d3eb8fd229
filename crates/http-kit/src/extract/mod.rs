//! Strict extractors: what reaches a handler has been read whole, and nothing was ignored.

mod caller;
mod decode;
mod json;
mod patch;
mod path;
mod peer;
mod query;
mod upload;

pub use caller::Caller;
pub use json::ValidJson;
pub use patch::{Patch, not_null};
pub use path::PathId;
pub use peer::Peer;
pub use query::{PageParams, PagedQuery, ValidQuery};
pub use upload::Upload;
