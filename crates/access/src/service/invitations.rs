//! Letting people choose their own password: a token, shown once to who invites, good once for who
//! is invited. It serves who has forgotten theirs as well.

use chrono::TimeDelta;
use kernel::{Actor, AuditVerb, Invalid, Scope, UserId};

use super::{AuthService, UserService};
use crate::{
    command::{Origin, check_password},
    error::{AccessError, AuthError},
    event,
    model::{Invitation, PasswordHash, User},
    secret::{Digest, random_token},
};

/// How long an invitation is good.
const GOOD_FOR: TimeDelta = TimeDelta::days(7);

/// What is told to who invites, this once.
#[derive(Clone)]
pub struct Invited {
    pub user: User,
    pub token: String,
}

impl UserService {
    pub(super) fn invitation(&self) -> (Invitation, String) {
        let token = random_token(&*self.desk.ids);
        let expires_at = self.desk.clock.now() + GOOD_FOR;
        (Invitation { digest: Digest::of(&token), expires_at }, token)
    }

    /// Makes a new token for a user. Their password and an older token are no longer good, and their
    /// sessions end.
    ///
    /// # Errors
    /// As [`Self::user_change`].
    pub async fn user_invite(&self, scope: &Scope, id: UserId) -> Result<Invited, AccessError> {
        let (invitation, token) = self.invitation();
        let password = self.nobodys_password().await?;
        let user = self.change(scope, id, None, |user| {
            user.invitation = Some(invitation);
            user.password = password;
        });
        Ok(Invited { user: user.await?, token })
    }
}

impl AuthService {
    /// Sets the password of whoever was invited. The token is then used up.
    ///
    /// # Errors
    /// [`AccessError::Invalid`] for a password that breaks the policy; [`AuthError::Refused`] for a
    /// token that is unknown, used or too old.
    pub async fn accept_invitation(
        &self,
        token: &str,
        password: &str,
        origin: Origin<'_>,
    ) -> Result<Result<(), Invalid>, AuthError> {
        let mut invalid = Invalid::default();
        check_password(&mut invalid, "/password", password);
        if let Err(invalid) = invalid.into_result() {
            return Ok(Err(invalid));
        }
        let (now, digest) = (self.desk.clock.now(), Digest::of(token));
        let good = |user: &User| {
            user.active
                && user.invitation.as_ref().is_some_and(|held| held.digest == digest && held.expires_at > now)
        };
        let seen = self.reader.user_by_invitation(digest).await?.filter(good).ok_or(AuthError::Refused)?;
        let password = PasswordHash(self.hasher.hash(password).await?);

        let mut tx = self.desk.begin().await?;
        // What was checked must still hold in the transaction that relies on it.
        let before = tx.users().user_find(seen.organisation, seen.id).await?;
        let before = before.filter(good).ok_or(AuthError::Refused)?;
        let user = User {
            version: before.version.next(),
            password,
            invitation: None,
            updated_at: now,
            ..before.clone()
        };
        tx.users().user_update(&user, before.version).await?;
        tx.refresh_tokens().sessions_delete(user.id).await?;
        let changed = event::user(&*self.desk.clock, &*self.desk.ids, event::USER_CHANGED, &user);
        tx.outbox().append(changed).await?;
        let scope = origin.scope(user.organisation, Actor::User(user.id));
        let entry = self.desk.audit(&scope, AuditVerb::Update, "user", user.id);
        tx.audit().record(entry.before(&before).after(&user)).await?;
        self.desk.commit(tx).await?;
        Ok(Ok(()))
    }
}
