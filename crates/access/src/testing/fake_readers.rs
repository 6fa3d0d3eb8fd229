//! The readers over maps.

use async_trait::async_trait;
use kernel::{
    Actor, ApiKeyId, AuditEntry, AuditId, Cursor, GroupSet, OrganisationId, Page, PageRequest, Reach, Rights,
    RoleId, Sight, StoreError, Thing, Timestamp, UserId,
};

use super::FakeAccess;
use crate::{
    model::{ApiKey, AuditRecord, Email, Organisation, RefreshToken, Role, Session, SessionId, User},
    port::{AccessReader, ApiKeyFilter, ApiKeyReader, AuditFilter, AuditReader, AuthReader, UserFilter},
    secret::Digest,
};

fn page<T>(rows: impl Iterator<Item = T>, request: PageRequest, cursor: impl Fn(&T) -> Cursor) -> Page<T> {
    let after = |row: &T| request.after.is_none_or(|after| cursor(row).id > after.id);
    let rows = rows.filter(after).take(usize::from(request.limit.get()) + 1).collect();
    Page::from_surplus(rows, request.limit, cursor)
}

#[async_trait]
impl AccessReader for FakeAccess {
    async fn organisation_get(&self, id: OrganisationId) -> Result<Option<Organisation>, StoreError> {
        Ok(self.state().organisations.get(&id).cloned())
    }

    async fn user_get(&self, organisation: OrganisationId, id: UserId) -> Result<Option<User>, StoreError> {
        Ok(self.state().users.get(&id).filter(|user| user.organisation == organisation).cloned())
    }

    async fn user_list(
        &self,
        organisation: OrganisationId,
        filter: &UserFilter,
        request: PageRequest,
    ) -> Result<Page<User>, StoreError> {
        let contains = |text: &str, search: &str| text.to_lowercase().contains(&search.to_lowercase());
        let matches = |user: &&User| {
            user.organisation == organisation
                && filter.active.is_none_or(|active| user.active == active)
                && filter.role.is_none_or(|role| user.all_roles().contains(&role))
                && filter.search.as_ref().is_none_or(|search| {
                    contains(user.email.as_str(), search) || contains(&user.display_name, search)
                })
        };
        let state = self.state();
        Ok(page(state.users.values().filter(matches).cloned(), request, |user| Cursor::of(user.id)))
    }

    async fn session_list(
        &self,
        organisation: OrganisationId,
        user: UserId,
        now: Timestamp,
    ) -> Result<Vec<Session>, StoreError> {
        let state = self.state();
        let is_live = |token: &&RefreshToken| {
            let of_user = token.organisation == organisation && token.user == user;
            of_user && token.used_at.is_none() && token.expires_at > now
        };
        let mut live: Vec<_> = state.tokens.values().filter(is_live).map(RefreshToken::session).collect();
        live.sort_by_key(|session| std::cmp::Reverse((session.begun_at, session.id)));
        Ok(live)
    }

    async fn role_get(&self, organisation: OrganisationId, id: RoleId) -> Result<Option<Role>, StoreError> {
        Ok(self.state().roles.get(&id).filter(|role| role.organisation == organisation).cloned())
    }

    async fn role_list(
        &self,
        organisation: OrganisationId,
        request: PageRequest,
    ) -> Result<Page<Role>, StoreError> {
        let state = self.state();
        let ours = state.roles.values().filter(|role| role.organisation == organisation);
        Ok(page(ours.cloned(), request, |role| Cursor::of(role.id)))
    }
}

#[async_trait]
impl ApiKeyReader for FakeAccess {
    async fn api_key_get(
        &self,
        organisation: OrganisationId,
        id: ApiKeyId,
    ) -> Result<Option<ApiKey>, StoreError> {
        Ok(self.state().api_keys.get(&id).filter(|key| key.organisation == organisation).cloned())
    }

    async fn api_key_list(
        &self,
        organisation: OrganisationId,
        filter: &ApiKeyFilter,
        request: PageRequest,
    ) -> Result<Page<ApiKey>, StoreError> {
        let matches = |key: &&ApiKey| {
            key.organisation == organisation
                && filter.revoked.is_none_or(|revoked| key.revoked_at.is_some() == revoked)
        };
        let state = self.state();
        Ok(page(state.api_keys.values().filter(matches).cloned(), request, |key| Cursor::of(key.id)))
    }
}

#[async_trait]
impl AuthReader for FakeAccess {
    async fn user_by_email(&self, email: &Email) -> Result<Option<User>, StoreError> {
        Ok(self.state().users.values().find(|user| user.email == *email).cloned())
    }

    async fn user_by_invitation(&self, digest: Digest) -> Result<Option<User>, StoreError> {
        let holds = |user: &&User| user.invitation.as_ref().is_some_and(|held| held.digest == digest);
        Ok(self.state().users.values().find(holds).cloned())
    }

    async fn session_rights(
        &self,
        organisation: OrganisationId,
        user: UserId,
        session: SessionId,
        now: Timestamp,
    ) -> Result<Option<Rights>, StoreError> {
        let state = self.state();
        let found = state.users.get(&user).filter(|user| user.organisation == organisation && user.active);
        let live = state
            .tokens
            .values()
            .any(|token| token.session == session && token.user == user && token.expires_at > now);
        let Some(user) = found.filter(|_| live) else { return Ok(None) };
        let may = |id: &RoleId| state.roles.get(id).map(|role| role.permissions.clone()).unwrap_or_default();
        let mut rights = Rights::default();
        for role in &user.roles {
            rights.add(None, may(role));
        }
        for grant in &user.grants {
            rights.add(Some(grant.group), may(&grant.role));
        }
        Ok(Some(rights))
    }

    async fn api_key_by_prefix(&self, prefix: &str) -> Result<Option<ApiKey>, StoreError> {
        Ok(self.state().api_keys.values().find(|key| key.prefix == prefix).cloned())
    }
}

/// The store of this domain holds no things: its callers see none by their groups.
#[async_trait]
impl Sight for FakeAccess {
    async fn holds(&self, _: OrganisationId, _: &GroupSet, _: Thing) -> Result<bool, StoreError> {
        Ok(false)
    }
}

#[async_trait]
impl AuditReader for FakeAccess {
    async fn audit_list(
        &self,
        reach: &Reach,
        own: Actor,
        filter: &AuditFilter,
        request: PageRequest,
    ) -> Result<Page<AuditRecord>, StoreError> {
        let matches = |entry: &&AuditEntry| {
            entry.organisation == reach.organisation()
                && filter.resource.as_ref().is_none_or(|resource| entry.resource == resource)
                && filter.resource_id.is_none_or(|id| entry.resource_id == id)
                && filter.actor_id.is_none_or(|id| entry.actor.id() == Some(id))
                && filter.request_id.as_ref().is_none_or(|id| entry.request_id.as_ref() == Some(id))
                && filter.text.as_ref().is_none_or(|text| {
                    let states = [&entry.before, &entry.after].into_iter().flatten();
                    states
                        .map(ToString::to_string)
                        .any(|state| state.to_lowercase().contains(&text.to_lowercase()))
                })
                && filter.verb.is_none_or(|verb| entry.verb == verb)
                && filter.from.is_none_or(|from| entry.at >= from)
                && filter.to.is_none_or(|to| entry.at < to)
                && request.after.is_none_or(|after| (Some(entry.at), entry.id.into()) < (after.at, after.id))
        };
        let found: Vec<_> = self.state().audit.iter().filter(matches).cloned().map(record).collect();
        let (by_them, by_others) =
            found.into_iter().partition(|record| own.id().is_some() && record.actor == own);
        let mut found = reach.keep(by_others, |record: &AuditRecord| record.id).await?;
        found.extend::<Vec<_>>(by_them);
        found.sort_by_key(|record| std::cmp::Reverse((record.at, record.id)));
        found.truncate(usize::from(request.limit.get()) + 1);
        Ok(Page::from_surplus(found, request.limit, |record| Cursor::at(record.at, record.id)))
    }

    async fn audit_get(
        &self,
        organisation: OrganisationId,
        id: AuditId,
    ) -> Result<Option<AuditRecord>, StoreError> {
        let same = |entry: &&AuditEntry| entry.organisation == organisation && entry.id == id;
        Ok(self.state().audit.iter().find(same).cloned().map(record))
    }
}

fn record(entry: AuditEntry) -> AuditRecord {
    AuditRecord {
        id: entry.id,
        organisation: entry.organisation,
        at: entry.at,
        actor: entry.actor,
        verb: entry.verb,
        resource: entry.resource.to_owned(),
        resource_id: entry.resource_id,
        before: entry.before,
        after: entry.after,
        request_id: entry.request_id,
        address: entry.address,
    }
}
