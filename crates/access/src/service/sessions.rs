//! The sessions of users, as administrators look at them and end them.

use kernel::{AuditVerb, Permission, Scope, UserId};

use super::{UserService, users::check_held};
use crate::{
    error::AccessError,
    model::{Session, SessionId},
};

impl UserService {
    /// The sessions that go on, the latest begun first.
    ///
    /// # Errors
    /// [`AccessError::NoSuchUser`].
    pub async fn session_list(&self, scope: &Scope, user: UserId) -> Result<Vec<Session>, AccessError> {
        self.user_get(scope, user).await?;
        Ok(self.reader.session_list(scope.organisation(), user, self.desk.clock.now()).await?)
    }

    /// Ends one session at once.
    ///
    /// # Errors
    /// [`AccessError::NoSuchSession`]; [`AccessError::Denied`] where the user may do more than the
    /// caller.
    pub async fn session_end(&self, scope: &Scope, user: UserId, id: SessionId) -> Result<(), AccessError> {
        scope.require_everywhere(Permission::UserWrite)?;
        let organisation = scope.organisation();
        let going_on = self.reader.session_list(organisation, user, self.desk.clock.now()).await?;
        let mut tx = self.desk.begin().await?;
        let found = tx.users().user_find(organisation, user).await?.ok_or(AccessError::NoSuchUser)?;
        check_held(&mut *tx, scope, &found).await?;
        let session = going_on.into_iter().find(|session| session.id == id);
        let session = session.ok_or(AccessError::NoSuchSession)?;
        tx.refresh_tokens().session_delete(id).await?;
        let entry = self.desk.audit(scope, AuditVerb::Delete, "session", id.0).before(&session);
        tx.audit().record(entry).await?;
        self.desk.commit(tx).await?;
        Ok(())
    }
}
