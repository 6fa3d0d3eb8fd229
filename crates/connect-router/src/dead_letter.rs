//! Calls that could not be recorded, kept with their reason until somebody looks.

use std::sync::Arc;

use async_trait::async_trait;
use kernel::{
    AuditEntry, AuditVerb, Begin, ChargePointId, Clock, Commit, DeadLetterId, Denied, Event, Fault,
    FaultClass, HasAudit, IdSource, OrganisationId, Page, PageRequest, Permission, Reach, Scope, StoreError,
    Timestamp,
};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use uuid::Uuid;

use crate::{
    at_once::read,
    handle::Handler,
    port::{ConnectionId, InboundCall, Protocol, RouterTx},
    record::words,
};

/// The name of the event that tells of a new dead letter; its data is the letter.
pub const DEAD_LETTER_KEPT: &str = "manage.dead_letter.kept.v1";

/// A call as it came, and why it was set aside.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DeadLetter {
    pub id: DeadLetterId,
    pub organisation: OrganisationId,
    pub charge_point: ChargePointId,
    pub identity: String,
    pub protocol: String,
    pub message_id: String,
    pub action: String,
    pub payload: String,
    pub reason: String,
    pub received_at: Timestamp,
}

impl DeadLetter {
    pub(crate) fn of(id: Uuid, call: &InboundCall, reason: impl Into<String>) -> Self {
        Self {
            id: id.into(),
            organisation: call.organisation,
            charge_point: call.charge_point,
            identity: call.identity.clone(),
            protocol: call.protocol.subprotocol().to_owned(),
            message_id: call.message_id.clone(),
            action: call.action.clone(),
            payload: call.payload.get().to_owned(),
            reason: reason.into(),
            received_at: call.received_at,
        }
    }

    /// The call as it was, where it was one.
    fn call(&self) -> Result<InboundCall, String> {
        if self.protocol != Protocol::Ocpp16.subprotocol() {
            return Err(format!("{} is no protocol that is spoken here", self.protocol));
        }
        Ok(InboundCall {
            organisation: self.organisation,
            charge_point: self.charge_point,
            identity: self.identity.clone(),
            protocol: Protocol::Ocpp16,
            connection: ConnectionId(0),
            message_id: self.message_id.clone(),
            action: self.action.clone(),
            payload: RawValue::from_string(self.payload.clone()).map_err(|error| error.to_string())?,
            received_at: self.received_at,
        })
    }
}

/// Sets a letter aside and tells of it, in the unit of work that gives it up otherwise.
pub(crate) async fn keep(
    tx: &mut dyn RouterTx,
    clock: &dyn Clock,
    ids: &dyn IdSource,
    letter: &DeadLetter,
) -> Result<(), StoreError> {
    tx.dead_letters().dead_letter_insert(letter).await?;
    let data = serde_json::to_value(letter).map_err(|error| StoreError::Failed(Box::new(error)))?;
    let event = Event::new(clock, ids, letter.organisation, DEAD_LETTER_KEPT, &letter.identity, data);
    tx.outbox().append(event).await
}

/// Dead letters within a unit of work.
#[async_trait]
pub trait DeadLetterRepository: Send {
    async fn dead_letter_insert(&mut self, letter: &DeadLetter) -> Result<(), StoreError>;

    async fn dead_letter_find(
        &mut self,
        organisation: OrganisationId,
        id: DeadLetterId,
    ) -> Result<Option<DeadLetter>, StoreError>;

    async fn dead_letter_delete(
        &mut self,
        organisation: OrganisationId,
        id: DeadLetterId,
    ) -> Result<(), StoreError>;
}

pub trait HasDeadLetters: Send {
    fn dead_letters(&mut self) -> &mut dyn DeadLetterRepository;
}

pub trait DeadLetterTx: HasDeadLetters + HasAudit + Commit {}
impl<T: HasDeadLetters + HasAudit + Commit> DeadLetterTx for T {}

#[async_trait]
pub trait DeadLetterReader: Send + Sync {
    /// Oldest first.
    async fn dead_letter_list(
        &self,
        reach: &Reach,
        charge_point: Option<ChargePointId>,
        page: PageRequest,
    ) -> Result<Page<DeadLetter>, StoreError>;
}

#[derive(Debug, thiserror::Error)]
pub enum DeadLetterError {
    #[error("no such dead letter")]
    NoSuchDeadLetter,
    #[error(transparent)]
    Denied(#[from] Denied),
    #[error("the call still cannot be recorded: {0}")]
    StillDead(String),
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Fault for DeadLetterError {
    fn class(&self) -> FaultClass<'_> {
        match self {
            Self::NoSuchDeadLetter => FaultClass::NotFound,
            Self::Denied(denied) => FaultClass::Denied(*denied),
            Self::StillDead(_) => FaultClass::Conflict { code: "dead_letter_still_dead" },
            Self::Store(error) => error.class(),
        }
    }
}

/// Dead letters as operators look at them, try them again, or give them up.
pub struct DeadLetterService {
    store: Arc<dyn Begin<dyn DeadLetterTx>>,
    router: Arc<dyn Begin<dyn RouterTx>>,
    reader: Arc<dyn DeadLetterReader>,
    handler: Handler,
    clock: Arc<dyn Clock>,
    ids: Arc<dyn IdSource>,
}

impl DeadLetterService {
    pub fn new<S>(store: Arc<S>, handler: Handler, clock: Arc<dyn Clock>, ids: Arc<dyn IdSource>) -> Self
    where
        S: Begin<dyn DeadLetterTx> + Begin<dyn RouterTx> + DeadLetterReader + 'static,
    {
        Self { store: store.clone(), router: store.clone(), reader: store, handler, clock, ids }
    }

    /// # Errors
    /// [`DeadLetterError::Denied`] and store errors only.
    pub async fn dead_letter_list(
        &self,
        scope: &Scope,
        charge_point: Option<ChargePointId>,
        page: PageRequest,
    ) -> Result<Page<DeadLetter>, DeadLetterError> {
        let reach = scope.require(Permission::DeadLetterRead)?;
        Ok(self.reader.dead_letter_list(&reach, charge_point, page).await?)
    }

    /// Gives a dead letter up.
    ///
    /// # Errors
    /// [`DeadLetterError::NoSuchDeadLetter`].
    pub async fn dead_letter_delete(&self, scope: &Scope, id: DeadLetterId) -> Result<(), DeadLetterError> {
        let reach = scope.require(Permission::DeadLetterWrite)?;
        reach.sees(id).await?.ok_or(DeadLetterError::NoSuchDeadLetter)?;
        let mut tx = self.store.begin().await?;
        let found = tx.dead_letters().dead_letter_find(scope.organisation(), id).await?;
        let letter = found.ok_or(DeadLetterError::NoSuchDeadLetter)?;
        tx.dead_letters().dead_letter_delete(scope.organisation(), id).await?;
        let entry = AuditEntry::new(scope, &*self.clock, &*self.ids, AuditVerb::Delete, "dead_letter", id);
        tx.audit().record(entry.before(&letter)).await?;
        tx.commit().await?;
        Ok(())
    }

    /// Records the call after all and removes the letter, both or neither. The charger has had its
    /// answer and is not told.
    ///
    /// # Errors
    /// [`DeadLetterError::StillDead`] with the reason; the letter then stays.
    pub async fn dead_letter_replay(&self, scope: &Scope, id: DeadLetterId) -> Result<(), DeadLetterError> {
        let reach = scope.require(Permission::DeadLetterWrite)?;
        reach.sees(id).await?.ok_or(DeadLetterError::NoSuchDeadLetter)?;
        let mut tx = self.router.begin().await?;
        let found = tx.dead_letters().dead_letter_find(scope.organisation(), id).await?;
        let letter = found.ok_or(DeadLetterError::NoSuchDeadLetter)?;
        let call = letter.call().map_err(DeadLetterError::StillDead)?;
        let message = read(&call).map_err(|refusal| DeadLetterError::StillDead(refusal.description))?;
        self.handler.handle(&mut *tx, &call, message).await.map_err(still_dead)?;
        tx.dead_letters().dead_letter_delete(scope.organisation(), id).await?;
        let entry = AuditEntry::new(scope, &*self.clock, &*self.ids, AuditVerb::Command, "dead_letter", id);
        tx.audit().record(entry.before(&letter)).await?;
        tx.commit().await.map_err(still_dead)
    }
}

/// A store that is away or busy says nothing about the letter.
fn still_dead(error: StoreError) -> DeadLetterError {
    if error.retryable() { error.into() } else { DeadLetterError::StillDead(words(&error)) }
}
