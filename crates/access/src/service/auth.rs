//! Signing in, staying signed in, and finding out who a credential belongs to.

use std::sync::{Arc, Mutex, PoisonError};

use chrono::TimeDelta;
use kernel::{Actor, AuditVerb, HashError, Scope, SecretHasher, Sight, StoreError, Timestamp};

use super::{Desk, throttle};
use crate::{
    command::Origin,
    error::AuthError,
    foreign::{ForeignReader, ForeignTokens, NoIssuers},
    model::{AccessClaims, Email, RefreshToken, Session, SessionId, User},
    port::{AccessTx, AuthReader, TokenIssuer},
    secret::{Digest, random_token},
};

/// Longer texts are no password of ours, and are not hashed.
const LONGEST_PASSWORD_BYTES: usize = 2_048;

/// How long tokens are good.
#[derive(Clone, Copy, Debug)]
pub struct Lifetimes {
    pub access: TimeDelta,
    /// A session ends after this long without a refresh.
    pub refresh: TimeDelta,
}

/// What a signed-in client holds.
#[derive(Clone)]
pub struct Tokens {
    pub access: String,
    pub access_expires_in: TimeDelta,
    /// Good for one use.
    pub refresh: String,
}

pub struct AuthService {
    pub(super) desk: Desk,
    pub(super) reader: Arc<dyn AuthReader>,
    pub(super) foreign_reader: Arc<dyn ForeignReader>,
    pub(super) sight: Arc<dyn Sight>,
    pub(super) issuer: Arc<dyn TokenIssuer>,
    pub(super) foreign: Arc<dyn ForeignTokens>,
    pub(super) hasher: Arc<dyn SecretHasher>,
    lifetimes: Lifetimes,
    /// The hash of no password: checked for unknown users, so that they take as long as known ones.
    decoy: Mutex<Option<Arc<str>>>,
}

impl AuthService {
    pub(super) fn new(
        desk: Desk,
        reader: Arc<dyn AuthReader>,
        foreign_reader: Arc<dyn ForeignReader>,
        sight: Arc<dyn Sight>,
        issuer: Arc<dyn TokenIssuer>,
        hasher: Arc<dyn SecretHasher>,
        lifetimes: Lifetimes,
    ) -> Self {
        let (foreign, decoy) = (Arc::new(NoIssuers), Mutex::default());
        Self { desk, reader, foreign_reader, sight, issuer, foreign, hasher, lifetimes, decoy }
    }

    /// # Errors
    /// [`AuthError::Refused`] for a wrong password, an unknown or an inactive user alike;
    /// [`AuthError::Throttled`].
    pub async fn sign_in(
        &self,
        email: &str,
        password: &str,
        origin: Origin<'_>,
    ) -> Result<Tokens, AuthError> {
        if email.len() > 4 * Email::MAX_CHARS || password.len() > LONGEST_PASSWORD_BYTES {
            return Err(AuthError::Refused);
        }
        let email = Email::normalise(email);
        let key = throttle::key(&email, origin.address);
        let attempt = throttle::attempt(self.desk.begin().await?, &key, self.desk.clock.now());
        attempt.await?.map_err(|retry_after| AuthError::Throttled { retry_after })?;
        let decoy = self.decoy().await?;
        // Whom an issuer vouches for has no password here.
        let known = self.reader.user_by_email(&email).await?.filter(|user| user.identity.is_none());
        let hash = known.as_ref().map_or(&*decoy, |user| &user.password.0);
        let matches = self.hasher.verify(password, hash).await?;
        let Some(seen) = known.filter(|user| matches && user.active) else {
            return Err(AuthError::Refused);
        };

        let now = self.desk.clock.now();
        let mut tx = self.desk.begin().await?;
        // What was checked must still hold in the transaction that relies on it.
        let user = tx.users().user_find(seen.organisation, seen.id).await?;
        let Some(user) = user.filter(|user| user.active && user.password == seen.password) else {
            return Err(AuthError::Refused);
        };
        tx.attempts().attempts_forget(&key).await?;
        tx.refresh_tokens().tokens_forget(user.id, now).await?;
        let session = SessionId(self.desk.ids.uuid());
        let tokens = self.issue(&mut *tx, &user, (session, now), now, origin).await?;
        let scope = origin.scope(user.organisation, Actor::User(user.id));
        tx.audit().record(self.desk.audit(&scope, AuditVerb::SignIn, "user", user.id)).await?;
        tx.commit().await?;
        Ok(tokens)
    }

    /// Exchanges a refresh token for new tokens. A token that comes a second time was copied:
    /// nobody can tell who is the thief, so the session ends for both.
    ///
    /// # Errors
    /// [`AuthError::Refused`].
    pub async fn refresh(&self, refresh: &str, origin: Origin<'_>) -> Result<Tokens, AuthError> {
        let now = self.desk.clock.now();
        let mut tx = self.desk.begin().await?;
        let (token, user) = find(&mut *tx, refresh).await?.ok_or(AuthError::Refused)?;
        if token.used_at.is_some() {
            let scope = origin.scope(token.organisation, Actor::System);
            self.end(&mut *tx, &scope, &token.session()).await?;
            self.desk.commit(tx).await?;
            return Err(AuthError::Refused);
        }
        if token.expires_at <= now || !user.active {
            return Err(AuthError::Refused);
        }
        tx.refresh_tokens().token_mark_used(token.id, now).await?;
        let session = (token.session, token.begun_at);
        let tokens = self.issue(&mut *tx, &user, session, now, origin).await?;
        tx.commit().await?;
        Ok(tokens)
    }

    /// Ends the session that a refresh token belongs to. An unknown token is a session that has
    /// ended already.
    ///
    /// # Errors
    /// Store errors only.
    pub async fn sign_out(&self, refresh: &str, origin: Origin<'_>) -> Result<(), AuthError> {
        let mut tx = self.desk.begin().await?;
        let Some((token, _)) = find(&mut *tx, refresh).await? else { return Ok(()) };
        let scope = origin.scope(token.organisation, Actor::User(token.user));
        self.end(&mut *tx, &scope, &token.session()).await?;
        self.desk.commit(tx).await?;
        Ok(())
    }

    /// The scope that an access token of ours, or of an issuer that is trusted, stands for, with the
    /// rights of this moment.
    ///
    /// # Errors
    /// [`AuthError::Refused`] also where the session has ended or the user is inactive;
    /// [`AuthError::Foreign`].
    pub async fn authenticate(&self, access: &str) -> Result<Scope, AuthError> {
        let now = self.desk.clock.now();
        let Some(claims) = self.issuer.read(access) else {
            return self.authenticate_foreign(access, now).await;
        };
        if claims.expires_at <= now {
            return Err(AuthError::Refused);
        }
        let key = (claims.organisation, claims.user, claims.session);
        let (epoch, known) = self.desk.known.get(&key, now);
        let rights = match known {
            Some(rights) => rights,
            None => {
                let (organisation, user, session) = key;
                let rights = self
                    .reader
                    .session_rights(organisation, user, session, now)
                    .await?
                    .ok_or(AuthError::Refused)?;
                let rights = Arc::new(rights);
                self.desk.known.put(epoch, key, now, rights.clone());
                rights
            }
        };
        let (actor, session) = (Actor::User(claims.user), claims.session.0);
        Ok(Scope::limited(claims.organisation, actor, rights, self.sight.clone()).with_session(session))
    }

    async fn issue(
        &self,
        tx: &mut dyn AccessTx,
        user: &User,
        (session, begun_at): (SessionId, Timestamp),
        now: Timestamp,
        origin: Origin<'_>,
    ) -> Result<Tokens, AuthError> {
        let refresh = random_token(&*self.desk.ids);
        tx.refresh_tokens()
            .token_insert(&RefreshToken {
                id: self.desk.ids.uuid(),
                session,
                organisation: user.organisation,
                user: user.id,
                digest: Digest::of(&refresh),
                begun_at,
                issued_at: now,
                expires_at: now + self.lifetimes.refresh,
                used_at: None,
                device: origin.device(),
            })
            .await?;
        let access = self.issuer.issue(&AccessClaims {
            user: user.id,
            organisation: user.organisation,
            session,
            issued_at: now,
            expires_at: now + self.lifetimes.access,
        })?;
        Ok(Tokens { access, access_expires_in: self.lifetimes.access, refresh })
    }

    /// Ends a session, and says who did.
    async fn end(&self, tx: &mut dyn AccessTx, scope: &Scope, session: &Session) -> Result<(), StoreError> {
        tx.refresh_tokens().session_delete(session.id).await?;
        let entry = self.desk.audit(scope, AuditVerb::Delete, "session", session.id.0).before(session);
        tx.audit().record(entry).await
    }

    async fn decoy(&self) -> Result<Arc<str>, HashError> {
        let made = self.decoy.lock().unwrap_or_else(PoisonError::into_inner).clone();
        if let Some(decoy) = made {
            return Ok(decoy);
        }
        let decoy: Arc<str> = self.hasher.hash(&random_token(&*self.desk.ids)).await?.into();
        *self.decoy.lock().unwrap_or_else(PoisonError::into_inner) = Some(decoy.clone());
        Ok(decoy)
    }
}

/// A refresh token with its user, who stays locked: of two uses of a token at once, one is the
/// second, and nobody signs out or deactivates the user meanwhile.
async fn find(tx: &mut dyn AccessTx, refresh: &str) -> Result<Option<(RefreshToken, User)>, StoreError> {
    let digest = Digest::of(refresh);
    let Some(seen) = tx.refresh_tokens().token_find(digest).await? else { return Ok(None) };
    let Some(user) = tx.users().user_find(seen.organisation, seen.user).await? else { return Ok(None) };
    Ok(tx.refresh_tokens().token_find(digest).await?.map(|token| (token, user)))
}
