//! The facts this domain publishes.

use std::collections::BTreeSet;

use kernel::{Clock, Event, IdSource};
use serde_json::json;

use crate::model::{Member, ResourceGroup};

pub const GROUP_CREATED: &str = "manage.resource_group.created.v1";
/// It has another name or another parent.
pub const GROUP_CHANGED: &str = "manage.resource_group.changed.v1";
pub const GROUP_DELETED: &str = "manage.resource_group.deleted.v1";
/// It holds more or less than before.
pub const GROUP_MEMBERS_CHANGED: &str = "manage.resource_group.members_changed.v1";

pub(crate) fn group(
    clock: &dyn Clock,
    ids: &dyn IdSource,
    name: &'static str,
    group: &ResourceGroup,
) -> Event {
    let data = json!({ "resource_group_id": group.id, "parent_id": group.parent, "name": group.name });
    Event::new(clock, ids, group.organisation, name, &group.id, data)
}

pub(crate) fn members(
    clock: &dyn Clock,
    ids: &dyn IdSource,
    group: &ResourceGroup,
    before: &BTreeSet<Member>,
) -> Event {
    let added: Vec<_> = group.members.difference(before).collect();
    let removed: Vec<_> = before.difference(&group.members).collect();
    let data = json!({ "resource_group_id": group.id, "added": added, "removed": removed });
    Event::new(clock, ids, group.organisation, GROUP_MEMBERS_CHANGED, &group.id, data)
}
