//! Callers whom another issuer vouches for. Who is seen for the first time becomes a user; what they
//! may do is what their token says, each time anew.

use std::sync::Arc;

use kernel::{
    Actor, AuditVerb, Invalid, OrganisationId, Rights, Scope, StoreError, Timestamp, UserId, Version,
};

use super::{AuthService, Known, grant::lock};
use crate::{
    command::NAME_CHARS,
    error::{AccessError, AuthError},
    event,
    foreign::{ForeignClaims, ForeignError, Identity, OrganisationName, Refusal},
    model::{Email, PasswordHash, User},
    port::AccessTx,
    secret::Digest,
};

/// Whom a token stands for, and what they may do. Remembered by the digest of the token.
pub(super) type KnownForeign = Known<String, Standing>;

pub(super) struct Standing {
    organisation: OrganisationId,
    user: UserId,
    rights: Arc<Rights>,
}

/// Why nobody was found or made.
enum Obstacle {
    Why(Refusal),
    Store(StoreError),
}

impl From<StoreError> for Obstacle {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl From<Refusal> for Obstacle {
    fn from(why: Refusal) -> Self {
        Self::Why(why)
    }
}

impl AuthService {
    /// The scope that a token of another issuer stands for.
    pub(super) async fn authenticate_foreign(&self, token: &str, now: Timestamp) -> Result<Scope, AuthError> {
        let claims = match self.foreign.read(token, now).await {
            Ok(claims) => claims,
            Err(ForeignError::NotTrusted) => return Err(AuthError::Refused),
            Err(error) => return Err(error.into()),
        };
        // The whole token, not who it is about: of two tokens each has the rights it says.
        let key = Digest::of(token).to_hex();
        let (epoch, known) = self.desk.known_foreign.get(&key, now);
        let standing = match known {
            Some(standing) => standing,
            None => {
                let found = self.standing(&claims).await.map_err(|obstacle| match obstacle {
                    Obstacle::Why(why) => {
                        ForeignError::Refused { issuer: claims.identity.issuer.as_str().into(), why }.into()
                    }
                    Obstacle::Store(error) => AuthError::Store(error),
                })?;
                let found = Arc::new(found);
                self.desk.known_foreign.put(epoch, key, now, found.clone());
                found
            }
        };
        let actor = Actor::User(standing.user);
        Ok(Scope::limited(standing.organisation, actor, standing.rights.clone(), self.sight.clone()))
    }

    async fn standing(&self, claims: &ForeignClaims) -> Result<Standing, Obstacle> {
        let organisation = match &claims.organisation {
            OrganisationName::Id(id) => *id,
            OrganisationName::Handle(handle) => {
                self.foreign_reader.organisation_by_handle(handle).await?.ok_or(Refusal::Organisation)?.id
            }
        };
        let user = match self.foreign_reader.user_by_identity(&claims.identity).await? {
            Some(user) => user,
            None => self.welcome(claims, organisation).await?,
        };
        if user.organisation != organisation {
            return Err(Refusal::Organisation.into());
        }
        if !user.active {
            return Err(Refusal::Inactive.into());
        }
        let names = claims.roles.iter().map(|role| role.name.as_str()).collect();
        let roles = self.foreign_reader.roles_by_name(organisation, &names).await?;
        let mut rights = Rights::default();
        for claimed in &claims.roles {
            match roles.iter().find(|role| role.name == claimed.name) {
                Some(role) => rights.add(claimed.group, role.permissions.iter().copied()),
                None => tracing::warn!(
                    oidc.issuer = claims.identity.issuer,
                    access.role = claimed.name,
                    "a claim gives a role that the organisation does not have"
                ),
            }
        }
        Ok(Standing { organisation, user: user.id, rights: Arc::new(rights) })
    }

    /// Makes or binds the user of an identity that is new here. Of several requests at once, one
    /// does.
    async fn welcome(&self, claims: &ForeignClaims, organisation: OrganisationId) -> Result<User, Obstacle> {
        let welcomed = match self.to_link(claims, organisation).await? {
            Some(user) => self.link(claims, &user).await,
            None => self.provision(claims, organisation).await,
        };
        match welcomed {
            Err(Obstacle::Store(StoreError::Duplicate { .. } | StoreError::Stale)) => {
                let made = self.foreign_reader.user_by_identity(&claims.identity).await?;
                made.ok_or(Refusal::EmailTaken.into())
            }
            outcome => outcome,
        }
    }

    async fn provision(
        &self,
        claims: &ForeignClaims,
        organisation: OrganisationId,
    ) -> Result<User, Obstacle> {
        let now = self.desk.clock.now();
        let email = email(claims);
        let user = User {
            id: self.desk.ids.uuid().into(),
            organisation,
            version: Version::FIRST,
            display_name: display_name(claims, &email),
            email,
            password: PasswordHash::of_nobody(),
            invitation: None,
            identity: Some(claims.identity.clone()),
            active: true,
            roles: [].into(),
            grants: [].into(),
            created_at: now,
            updated_at: now,
        };
        let mut tx = self.desk.begin().await?;
        found(&mut *tx, organisation).await?;
        tx.users().user_insert(&user).await?;
        let created = event::user(&*self.desk.clock, &*self.desk.ids, event::USER_CREATED, &user);
        tx.outbox().append(created).await?;
        let scope = Scope::system(organisation);
        tx.audit().record(self.desk.audit(&scope, AuditVerb::Create, "user", user.id).after(&user)).await?;
        self.desk.commit(tx).await?;
        Ok(user)
    }

    /// The user of ours whom a verified email address means, where the issuer may say so.
    async fn to_link(
        &self,
        claims: &ForeignClaims,
        organisation: OrganisationId,
    ) -> Result<Option<User>, StoreError> {
        if !(claims.may_link && claims.email_verified) {
            return Ok(None);
        }
        let Some(email) = claimed_email(claims) else { return Ok(None) };
        let found = self.reader.user_by_email(&email).await?;
        let ours = |user: &User| user.organisation == organisation && user.active && user.identity.is_none();
        Ok(found.filter(ours))
    }

    /// Binds a user to an identity. From now on the issuer vouches for them and says what they may
    /// do: their password, their sessions and the roles they were given here end.
    async fn link(&self, claims: &ForeignClaims, seen: &User) -> Result<User, Obstacle> {
        let mut tx = self.desk.begin().await?;
        found(&mut *tx, seen.organisation).await?;
        let before = tx.users().user_find(seen.organisation, seen.id).await?;
        // What was checked must still hold in the transaction that relies on it.
        let before = before.filter(|user| user.version == seen.version).ok_or(StoreError::Stale)?;
        let user = User {
            version: before.version.next(),
            password: PasswordHash::of_nobody(),
            invitation: None,
            identity: Some(claims.identity.clone()),
            roles: [].into(),
            grants: [].into(),
            updated_at: self.desk.clock.now(),
            ..before.clone()
        };
        let administered = tx.users().administrators(user.organisation).await? > 0;
        tx.users().user_update(&user, before.version).await?;
        if administered && tx.users().administrators(user.organisation).await? == 0 {
            return Err(Refusal::LastAdministrator.into());
        }
        tx.refresh_tokens().sessions_delete(user.id).await?;
        let changed = event::user(&*self.desk.clock, &*self.desk.ids, event::USER_CHANGED, &user);
        tx.outbox().append(changed).await?;
        let scope = Scope::system(user.organisation);
        let entry = self.desk.audit(&scope, AuditVerb::Update, "user", user.id).before(&before).after(&user);
        tx.audit().record(entry).await?;
        self.desk.commit(tx).await?;
        Ok(user)
    }
}

async fn found(tx: &mut dyn AccessTx, organisation: OrganisationId) -> Result<(), Obstacle> {
    match lock(tx, organisation).await {
        Ok(()) => Ok(()),
        Err(AccessError::Store(error)) => Err(error.into()),
        Err(_) => Err(Refusal::Organisation.into()),
    }
}

fn claimed_email(claims: &ForeignClaims) -> Option<Email> {
    let mut invalid = Invalid::default();
    let email = Email::check(&mut invalid, "", claims.email.as_deref()?);
    invalid.errors.is_empty().then_some(email)
}

/// The claimed address; else one that leads nowhere and that nobody else has.
fn email(claims: &ForeignClaims) -> Email {
    claimed_email(claims).unwrap_or_else(|| {
        let Identity { issuer, subject } = &claims.identity;
        let digest = Digest::of(&format!("{issuer} {subject}")).to_hex();
        Email::normalise(&format!("{}@oidc.invalid", &digest[..32]))
    })
}

fn display_name(claims: &ForeignClaims, email: &Email) -> String {
    let plain = |text: &str| -> String {
        text.trim().chars().filter(|letter| !letter.is_control()).take(NAME_CHARS).collect()
    };
    let claimed = claims.display_name.as_deref().map(plain).filter(|name| !name.is_empty());
    claimed.unwrap_or_else(|| plain(email.as_str()))
}
