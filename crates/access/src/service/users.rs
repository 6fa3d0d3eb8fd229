//! Users as administrators keep them.

use std::sync::Arc;

use kernel::{
    AuditVerb, Invalid, Page, PageRequest, Permission, Scope, SecretHasher, StoreError, UserId, Version,
};

use super::{
    Desk, Invited,
    grant::{holds_all, lock, roles, still_administered},
};
use crate::{
    command::{ChangeUser, CreateUser, NAME_CHARS, check_password},
    error::AccessError,
    event,
    model::{Email, PasswordHash, User},
    port::{AccessReader, AccessTx, UserFilter},
    secret::random_token,
};

pub struct UserService {
    pub(super) desk: Desk,
    pub(super) reader: Arc<dyn AccessReader>,
    hasher: Arc<dyn SecretHasher>,
}

impl UserService {
    pub(super) fn new(desk: Desk, reader: Arc<dyn AccessReader>, hasher: Arc<dyn SecretHasher>) -> Self {
        Self { desk, reader, hasher }
    }

    /// # Errors
    /// [`AccessError::Invalid`], also for unknown roles; [`AccessError::EmailTaken`];
    /// [`AccessError::Denied`] where the roles give more than the caller has.
    pub async fn user_create(
        &self,
        scope: &Scope,
        command: CreateUser,
    ) -> Result<(User, Option<Invited>), AccessError> {
        scope.require_everywhere(Permission::UserWrite)?;
        let mut invalid = Invalid::default();
        let email = Email::check(&mut invalid, "/email", &command.email);
        let display_name = invalid.text("/display_name", &command.display_name, NAME_CHARS);
        if let Some(password) = &command.password {
            check_password(&mut invalid, "/password", password);
        }
        invalid.into_result()?;
        let (password, invited) = match &command.password {
            Some(password) => (PasswordHash(self.hasher.hash(password).await?), None),
            None => (self.nobodys_password().await?, Some(self.invitation())),
        };
        let (invitation, token) = invited.unzip();
        let now = self.desk.clock.now();
        let user = User {
            id: self.desk.ids.uuid().into(),
            organisation: scope.organisation(),
            version: Version::FIRST,
            email,
            display_name,
            password,
            invitation,
            identity: None,
            active: true,
            roles: command.roles,
            grants: command.grants,
            created_at: now,
            updated_at: now,
        };
        let mut tx = self.desk.begin().await?;
        lock(&mut *tx, user.organisation).await?;
        holds_all(scope, &user, &roles(&mut *tx, &user).await?)?;
        tx.users().user_insert(&user).await?;
        tx.outbox()
            .append(event::user(&*self.desk.clock, &*self.desk.ids, event::USER_CREATED, &user))
            .await?;
        tx.audit().record(self.desk.audit(scope, AuditVerb::Create, "user", user.id).after(&user)).await?;
        self.desk.commit(tx).await?;
        let invited = token.map(|token| Invited { user: user.clone(), token });
        Ok((user, invited))
    }

    /// # Errors
    /// [`AccessError::NoSuchUser`] also for users of others.
    pub async fn user_get(&self, scope: &Scope, id: UserId) -> Result<User, AccessError> {
        scope.require_everywhere(Permission::UserRead)?;
        self.reader.user_get(scope.organisation(), id).await?.ok_or(AccessError::NoSuchUser)
    }

    /// # Errors
    /// [`AccessError::Denied`] and store errors only.
    pub async fn user_list(
        &self,
        scope: &Scope,
        filter: &UserFilter,
        page: PageRequest,
    ) -> Result<Page<User>, AccessError> {
        scope.require_everywhere(Permission::UserRead)?;
        Ok(self.reader.user_list(scope.organisation(), filter, page).await?)
    }

    /// Whoever changes a user must hold all that the user may do, before and after: else a new
    /// password would be a way to more rights.
    ///
    /// # Errors
    /// As [`Self::user_create`]; [`AccessError::LastAdministrator`]; [`AccessError::UserOfIssuer`];
    /// [`StoreError::Stale`].
    pub async fn user_change(
        &self,
        scope: &Scope,
        id: UserId,
        expected: Option<Version>,
        command: ChangeUser,
    ) -> Result<User, AccessError> {
        scope.require_everywhere(Permission::UserWrite)?;
        let mut invalid = Invalid::default();
        let email = command.email.map(|email| Email::check(&mut invalid, "/email", &email));
        let display_name = command.display_name.map(|name| invalid.text("/display_name", &name, NAME_CHARS));
        if let Some(password) = &command.password {
            check_password(&mut invalid, "/password", password);
        }
        invalid.into_result()?;
        let password = match &command.password {
            Some(password) => Some(PasswordHash(self.hasher.hash(password).await?)),
            None => None,
        };

        let change = |user: &mut User| {
            user.email = email.unwrap_or_else(|| user.email.clone());
            user.display_name = display_name.unwrap_or_else(|| user.display_name.clone());
            if let Some(password) = password {
                (user.password, user.invitation) = (password, None);
            }
            user.active = command.active.unwrap_or(user.active);
            user.roles = command.roles.unwrap_or_else(|| user.roles.clone());
            user.grants = command.grants.unwrap_or_else(|| user.grants.clone());
        };
        self.change(scope, id, expected, change).await
    }

    /// Changes a user as whoever holds all that the user may do. A new password and inactivity end
    /// all sessions.
    pub(super) async fn change(
        &self,
        scope: &Scope,
        id: UserId,
        expected: Option<Version>,
        change: impl FnOnce(&mut User) + Send,
    ) -> Result<User, AccessError> {
        scope.require_everywhere(Permission::UserWrite)?;
        let mut tx = self.desk.begin().await?;
        lock(&mut *tx, scope.organisation()).await?;
        let before = find(&mut *tx, scope, id, expected).await?;
        let mut user = before.clone();
        change(&mut user);
        user.version = before.version.next();
        user.updated_at = self.desk.clock.now();
        let ends_sessions = user.password != before.password || !user.active;
        check_held(&mut *tx, scope, &before).await?;
        check_own(&before, &user)?;
        holds_all(scope, &user, &roles(&mut *tx, &user).await?)?;
        let administered = tx.users().administrators(user.organisation).await? > 0;
        tx.users().user_update(&user, before.version).await?;
        if administered {
            still_administered(&mut *tx, user.organisation).await?;
        }
        if ends_sessions {
            tx.refresh_tokens().sessions_delete(id).await?;
        }
        tx.outbox()
            .append(event::user(&*self.desk.clock, &*self.desk.ids, event::USER_CHANGED, &user))
            .await?;
        let entry = self.desk.audit(scope, AuditVerb::Update, "user", id).before(&before).after(&user);
        tx.audit().record(entry).await?;
        self.desk.commit(tx).await?;
        Ok(user)
    }

    /// The hash of a password that nobody knows.
    pub(super) async fn nobodys_password(&self) -> Result<PasswordHash, AccessError> {
        Ok(PasswordHash(self.hasher.hash(&random_token(&*self.desk.ids)).await?))
    }

    /// Deletes a user with their sessions. The audit trail keeps what they did.
    ///
    /// # Errors
    /// [`AccessError::NoSuchUser`], [`AccessError::LastAdministrator`], [`AccessError::Denied`]
    /// where the user may do more than the caller, [`StoreError::Stale`].
    pub async fn user_delete(
        &self,
        scope: &Scope,
        id: UserId,
        expected: Option<Version>,
    ) -> Result<(), AccessError> {
        scope.require_everywhere(Permission::UserWrite)?;
        let mut tx = self.desk.begin().await?;
        lock(&mut *tx, scope.organisation()).await?;
        let user = find(&mut *tx, scope, id, expected).await?;
        check_held(&mut *tx, scope, &user).await?;
        let administered = tx.users().administrators(user.organisation).await? > 0;
        tx.users().user_delete(user.organisation, id, user.version).await?;
        if administered {
            still_administered(&mut *tx, user.organisation).await?;
        }
        tx.outbox()
            .append(event::user(&*self.desk.clock, &*self.desk.ids, event::USER_DELETED, &user))
            .await?;
        tx.audit().record(self.desk.audit(scope, AuditVerb::Delete, "user", id).before(&user)).await?;
        self.desk.commit(tx).await?;
        Ok(())
    }
}

async fn find(
    tx: &mut dyn AccessTx,
    scope: &Scope,
    id: UserId,
    expected: Option<Version>,
) -> Result<User, AccessError> {
    let user = tx.users().user_find(scope.organisation(), id).await?.ok_or(AccessError::NoSuchUser)?;
    if expected.is_some_and(|expected| expected != user.version) {
        return Err(StoreError::Stale.into());
    }
    Ok(user)
}

/// Whether a change leaves alone what an issuer says of its users.
fn check_own(before: &User, after: &User) -> Result<(), AccessError> {
    let same = before.password == after.password
        && before.invitation == after.invitation
        && before.roles == after.roles
        && before.grants == after.grants;
    if before.identity.is_none() || same { Ok(()) } else { Err(AccessError::UserOfIssuer) }
}

/// Whether the caller holds what a user may do.
pub(super) async fn check_held(tx: &mut dyn AccessTx, scope: &Scope, user: &User) -> Result<(), AccessError> {
    let ids: Vec<_> = user.all_roles().into_iter().collect();
    let roles = tx.roles().roles_find(scope.organisation(), &ids).await?;
    Ok(holds_all(scope, user, &roles)?)
}
