//! Resource groups: a tree of groups that hold depots, charge points and vehicles.
//!
//! Roles are granted on the organisation or on a group, and then reach what the group and those
//! below it hold; a depot brings along all that stands in it and all that is at home there. How
//! every domain honours that is `kernel::reach`. This crate keeps the tree and the members, and
//! knows neither roles nor what the members are.

pub mod command;
pub mod error;
pub mod event;
pub mod model;
pub mod port;
pub mod service;
#[cfg(any(test, feature = "testing"))]
pub mod testing;
pub mod tree;

pub use command::{ChangeGroup, CreateGroup};
pub use error::GroupError;
pub use model::{Member, MemberKind, ResourceGroup};
pub use port::{GroupFilter, GroupReader, GroupRepository, GroupTx, HasGroups};
pub use service::GroupService;
pub use tree::Node;
