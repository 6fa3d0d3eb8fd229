//! The facts this domain publishes. They name people by id only.

use kernel::{Clock, Event, IdSource, OrganisationId};
use serde_json::json;

use crate::model::{ApiKey, Organisation, Role, User};

pub const ORGANISATION_CHANGED: &str = "manage.organisation.changed.v1";
pub const USER_CREATED: &str = "manage.user.created.v1";
pub const USER_CHANGED: &str = "manage.user.changed.v1";
pub const USER_DELETED: &str = "manage.user.deleted.v1";
pub const ROLE_CREATED: &str = "manage.role.created.v1";
pub const ROLE_CHANGED: &str = "manage.role.changed.v1";
pub const ROLE_DELETED: &str = "manage.role.deleted.v1";
pub const API_KEY_CREATED: &str = "manage.api_key.created.v1";
pub const API_KEY_CHANGED: &str = "manage.api_key.changed.v1";
pub const API_KEY_REVOKED: &str = "manage.api_key.revoked.v1";

pub(crate) fn organisation(clock: &dyn Clock, ids: &dyn IdSource, organisation: &Organisation) -> Event {
    let data = json!({ "organisation_id": organisation.id, "name": organisation.name });
    Event::new(clock, ids, organisation.id, ORGANISATION_CHANGED, &organisation.id, data)
}

pub(crate) fn user(clock: &dyn Clock, ids: &dyn IdSource, name: &'static str, user: &User) -> Event {
    let data =
        json!({ "user_id": user.id, "active": user.active, "role_ids": user.roles, "grants": user.grants });
    Event::new(clock, ids, user.organisation, name, &user.id, data)
}

pub(crate) fn role(clock: &dyn Clock, ids: &dyn IdSource, name: &'static str, role: &Role) -> Event {
    let data = json!({ "role_id": role.id, "name": role.name, "permissions": role.permissions });
    Event::new(clock, ids, role.organisation, name, &role.id, data)
}

pub(crate) fn api_key(clock: &dyn Clock, ids: &dyn IdSource, name: &'static str, key: &ApiKey) -> Event {
    let organisation: OrganisationId = key.organisation;
    let data = json!({ "api_key_id": key.id, "prefix": key.prefix, "expires_at": key.expires_at });
    Event::new(clock, ids, organisation, name, &key.id, data)
}
