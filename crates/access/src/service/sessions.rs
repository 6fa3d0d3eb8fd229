//! The sessions of users: as administrators look at them and end them, and as people do their own.

use kernel::{Actor, AuditVerb, Permission, Scope, UserId};

use super::{UserService, users::check_held};
use crate::{
    error::AccessError,
    model::{Session, SessionId},
    port::AccessTx,
};

impl UserService {
    /// The sessions that go on, the latest begun first.
    ///
    /// # Errors
    /// [`AccessError::NoSuchUser`].
    pub async fn session_list(&self, scope: &Scope, user: UserId) -> Result<Vec<Session>, AccessError> {
        self.user_get(scope, user).await?;
        self.going_on(scope, user).await
    }

    /// Ends one session at once.
    ///
    /// # Errors
    /// [`AccessError::NoSuchSession`]; [`AccessError::Denied`] where the user may do more than the
    /// caller.
    pub async fn session_end(&self, scope: &Scope, user: UserId, id: SessionId) -> Result<(), AccessError> {
        scope.require_everywhere(Permission::UserWrite)?;
        let going_on = self.going_on(scope, user).await?;
        let mut tx = self.desk.begin().await?;
        let found = tx.users().user_find(scope.organisation(), user).await?;
        check_held(&mut *tx, scope, &found.ok_or(AccessError::NoSuchUser)?).await?;
        let session = going_on.into_iter().find(|session| session.id == id);
        self.end(tx, scope, &[session.ok_or(AccessError::NoSuchSession)?]).await
    }

    /// The caller's own sessions that go on, the latest begun first. Everybody may know theirs; who was
    /// vouched for by an issuer has none here.
    ///
    /// # Errors
    /// [`AccessError::NoSuchUser`] where the caller is no user.
    pub async fn own_session_list(&self, scope: &Scope) -> Result<Vec<Session>, AccessError> {
        self.going_on(scope, own(scope)?).await
    }

    /// Ends one of the caller's own sessions at once, which may be the one that asks.
    ///
    /// # Errors
    /// [`AccessError::NoSuchSession`] also for sessions of others.
    pub async fn own_session_end(&self, scope: &Scope, id: SessionId) -> Result<(), AccessError> {
        let mut ended = self.own_session_list(scope).await?;
        ended.retain(|session| session.id == id);
        if ended.is_empty() {
            return Err(AccessError::NoSuchSession);
        }
        self.end_own(scope, &ended).await
    }

    /// Ends all of the caller's own sessions at once but the one that asks.
    ///
    /// # Errors
    /// [`AccessError::NoSuchUser`] where the caller is no user.
    pub async fn own_sessions_end(&self, scope: &Scope) -> Result<(), AccessError> {
        let mut ended = self.own_session_list(scope).await?;
        ended.retain(|session| Some(session.id.0) != scope.session());
        self.end_own(scope, &ended).await
    }

    async fn going_on(&self, scope: &Scope, user: UserId) -> Result<Vec<Session>, AccessError> {
        Ok(self.reader.session_list(scope.organisation(), user, self.desk.clock.now()).await?)
    }

    async fn end_own(&self, scope: &Scope, ended: &[Session]) -> Result<(), AccessError> {
        let mut tx = self.desk.begin().await?;
        // Locked, so that none of their tokens is exchanged for another meanwhile.
        tx.users().user_find(scope.organisation(), own(scope)?).await?.ok_or(AccessError::NoSuchUser)?;
        self.end(tx, scope, ended).await
    }

    async fn end(
        &self,
        mut tx: Box<dyn AccessTx>,
        scope: &Scope,
        ended: &[Session],
    ) -> Result<(), AccessError> {
        for session in ended {
            tx.refresh_tokens().session_delete(session.id).await?;
            let entry = self.desk.audit(scope, AuditVerb::Delete, "session", session.id.0);
            tx.audit().record(entry.before(session)).await?;
        }
        self.desk.commit(tx).await?;
        Ok(())
    }
}

fn own(scope: &Scope) -> Result<UserId, AccessError> {
    match scope.actor() {
        Actor::User(id) => Ok(id),
        Actor::ApiKey(_) | Actor::ChargePoint(_) | Actor::System => Err(AccessError::NoSuchUser),
    }
}
