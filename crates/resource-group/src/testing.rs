//! A store in memory, a builder, and the contract that every adapter of the ports must pass.

pub mod contract;
mod fake;

pub use fake::FakeGroups;

use kernel::{Clock, IdSource, OrganisationId, ResourceGroupId, Version, testing::FakeClock};

use crate::model::ResourceGroup;

/// A group without members.
pub fn group(
    ids: &dyn IdSource,
    organisation: OrganisationId,
    parent: Option<ResourceGroupId>,
    name: &str,
) -> ResourceGroup {
    let now = FakeClock::default().now();
    ResourceGroup {
        id: ids.uuid().into(),
        organisation,
        version: Version::FIRST,
        parent,
        name: name.to_owned(),
        members: Default::default(),
        created_at: now,
        updated_at: now,
    }
}
