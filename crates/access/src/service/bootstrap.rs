//! The first organisation and its first administrator, made where an installation has none.

use std::sync::Arc;

use kernel::{AuditVerb, Invalid, OrganisationId, Scope, SecretHasher, StoreError, Version};

use super::{Desk, grant::lock};
use crate::{
    command::NAME_CHARS,
    error::AccessError,
    event,
    model::{BuiltInRole, Email, Organisation, PasswordHash, Role, User},
    port::AccessTx,
    secret::random_token,
};

pub struct Bootstrap {
    desk: Desk,
    hasher: Arc<dyn SecretHasher>,
}

/// A sign-in that did not exist before.
#[derive(Clone)]
pub struct FirstAdministrator {
    pub user: User,
    /// To be shown once; absent where the caller chose it.
    pub generated_password: Option<String>,
}

impl Bootstrap {
    pub(super) fn new(desk: Desk, hasher: Arc<dyn SecretHasher>) -> Self {
        Self { desk, hasher }
    }

    /// The organisation made under this name, whatever it is called by now. Makes it, with its
    /// built-in roles, where there is none; of several processes at once, one does.
    ///
    /// # Errors
    /// [`AccessError::Invalid`] for a name that no organisation can have.
    pub async fn ensure_organisation(&self, name: &str) -> Result<Organisation, AccessError> {
        let mut invalid = Invalid::default();
        let name = invalid.text("/name", name, NAME_CHARS);
        invalid.into_result()?;
        match self.try_ensure(&name).await {
            Err(AccessError::Store(StoreError::Duplicate { .. })) => self.try_ensure(&name).await,
            outcome => outcome,
        }
    }

    async fn try_ensure(&self, name: &str) -> Result<Organisation, AccessError> {
        let mut tx = self.desk.begin().await?;
        if let Some(found) = tx.organisations().organisation_find_by_handle(name).await? {
            self.complete_roles(tx, &found).await?;
            return Ok(found);
        }
        let now = self.desk.clock.now();
        let organisation = Organisation {
            id: self.desk.ids.uuid().into(),
            version: Version::FIRST,
            name: name.to_owned(),
            handle: Some(name.to_owned()),
            created_at: now,
            updated_at: now,
        };
        tx.organisations().organisation_insert(&organisation).await?;
        for built_in in BuiltInRole::ALL {
            tx.roles().role_insert(&self.role(organisation.id, built_in)).await?;
        }
        let scope = Scope::system(organisation.id);
        tx.outbox().append(event::organisation(&*self.desk.clock, &*self.desk.ids, &organisation)).await?;
        let entry = self.desk.audit(&scope, AuditVerb::Create, "organisation", organisation.id);
        tx.audit().record(entry.after(&organisation)).await?;
        self.desk.commit(tx).await?;
        Ok(organisation)
    }

    /// Adds the built-in roles that this version of the program knows and an older one did not.
    async fn complete_roles(
        &self,
        mut tx: Box<dyn AccessTx>,
        organisation: &Organisation,
    ) -> Result<(), AccessError> {
        let mut added = false;
        for built_in in BuiltInRole::ALL {
            if tx.roles().role_find_built_in(organisation.id, built_in).await?.is_some() {
                continue;
            }
            let role = self.role(organisation.id, built_in);
            let (clock, ids) = (&*self.desk.clock, &*self.desk.ids);
            tx.roles().role_insert(&role).await?;
            tx.outbox().append(event::role(clock, ids, event::ROLE_CREATED, &role)).await?;
            let scope = Scope::system(organisation.id);
            let entry = self.desk.audit(&scope, AuditVerb::Create, "role", role.id).after(&role);
            tx.audit().record(entry).await?;
            added = true;
        }
        if added {
            self.desk.commit(tx).await?;
        }
        Ok(())
    }

    /// Makes an administrator where the organisation has none that is active; else `None`. An
    /// inactive user of that email is not woken up.
    ///
    /// # Errors
    /// [`AccessError::Invalid`] for a malformed email; [`AccessError::EmailTaken`].
    pub async fn ensure_first_administrator(
        &self,
        organisation: OrganisationId,
        email: &str,
        password: Option<&str>,
    ) -> Result<Option<FirstAdministrator>, AccessError> {
        let mut invalid = Invalid::default();
        let email = Email::check(&mut invalid, "/email", email);
        invalid.into_result()?;
        if self.begin_without_administrator(organisation).await?.is_none() {
            return Ok(None);
        }
        let generated_password = match password {
            Some(_) => None,
            None => Some(random_token(&*self.desk.ids).chars().take(20).collect::<String>()),
        };
        let chosen = generated_password.as_deref().or(password).unwrap_or_default();
        let password = PasswordHash(self.hasher.hash(chosen).await?);

        let Some(mut tx) = self.begin_without_administrator(organisation).await? else { return Ok(None) };
        let now = self.desk.clock.now();
        let role = tx
            .roles()
            .role_find_built_in(organisation, BuiltInRole::Administrator)
            .await?
            .ok_or(AccessError::NoSuchRole)?;
        let user = User {
            id: self.desk.ids.uuid().into(),
            organisation,
            version: Version::FIRST,
            email,
            display_name: "Administrator".to_owned(),
            password,
            invitation: None,
            identity: None,
            active: true,
            roles: [role.id].into(),
            grants: [].into(),
            created_at: now,
            updated_at: now,
        };
        tx.users().user_insert(&user).await?;
        let scope = Scope::system(organisation);
        tx.outbox()
            .append(event::user(&*self.desk.clock, &*self.desk.ids, event::USER_CREATED, &user))
            .await?;
        tx.audit().record(self.desk.audit(&scope, AuditVerb::Create, "user", user.id).after(&user)).await?;
        self.desk.commit(tx).await?;
        Ok(Some(FirstAdministrator { user, generated_password }))
    }

    /// A unit of work in which nobody else makes an administrator; `None` where there is one.
    async fn begin_without_administrator(
        &self,
        organisation: OrganisationId,
    ) -> Result<Option<Box<dyn AccessTx>>, AccessError> {
        let mut tx = self.desk.begin().await?;
        lock(&mut *tx, organisation).await?;
        let administered = tx.users().administrators(organisation).await? > 0;
        Ok((!administered).then_some(tx))
    }

    fn role(&self, organisation: OrganisationId, built_in: BuiltInRole) -> Role {
        let now = self.desk.clock.now();
        Role {
            id: self.desk.ids.uuid().into(),
            organisation,
            version: Version::FIRST,
            name: built_in.name().to_owned(),
            built_in: Some(built_in),
            permissions: built_in.permissions(),
            created_at: now,
            updated_at: now,
        }
    }
}
