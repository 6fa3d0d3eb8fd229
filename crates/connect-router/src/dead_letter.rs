//! Calls that could not be recorded, kept with their reason until somebody looks.

use std::sync::Arc;

use async_trait::async_trait;
use kernel::{
    AuditEntry, AuditVerb, Begin, ChargePointId, Clock, Commit, Denied, Fault, FaultClass, HasAudit,
    IdSource, OrganisationId, Page, PageRequest, Permission, Scope, StoreError, Timestamp,
};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::port::{InboundCall, InboundCalls, Protocol};

/// Identifies a dead letter.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct DeadLetterId(pub Uuid);

/// A call as it came, and why it was set aside.
#[derive(Clone, Debug, PartialEq, Serialize)]
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
            id: DeadLetterId(id),
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
        organisation: OrganisationId,
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
    reader: Arc<dyn DeadLetterReader>,
    clock: Arc<dyn Clock>,
    ids: Arc<dyn IdSource>,
}

impl DeadLetterService {
    pub fn new<S>(store: Arc<S>, clock: Arc<dyn Clock>, ids: Arc<dyn IdSource>) -> Self
    where
        S: Begin<dyn DeadLetterTx> + DeadLetterReader + 'static,
    {
        Self { store: store.clone(), reader: store, clock, ids }
    }

    /// # Errors
    /// [`DeadLetterError::Denied`] and store errors only.
    pub async fn dead_letter_list(
        &self,
        scope: &Scope,
        charge_point: Option<ChargePointId>,
        page: PageRequest,
    ) -> Result<Page<DeadLetter>, DeadLetterError> {
        scope.require(Permission::DeadLetterRead)?;
        Ok(self.reader.dead_letter_list(scope.organisation(), charge_point, page).await?)
    }

    /// Gives a dead letter up.
    ///
    /// # Errors
    /// [`DeadLetterError::NoSuchDeadLetter`].
    pub async fn dead_letter_delete(&self, scope: &Scope, id: DeadLetterId) -> Result<(), DeadLetterError> {
        scope.require(Permission::DeadLetterWrite)?;
        let mut tx = self.store.begin().await?;
        let found = tx.dead_letters().dead_letter_find(scope.organisation(), id).await?;
        let letter = found.ok_or(DeadLetterError::NoSuchDeadLetter)?;
        tx.dead_letters().dead_letter_delete(scope.organisation(), id).await?;
        let entry = AuditEntry::new(scope, &*self.clock, &*self.ids, AuditVerb::Delete, "dead_letter", id.0);
        tx.audit().record(entry.before(&letter)).await?;
        tx.commit().await?;
        Ok(())
    }

    /// Hands the call to the router once more, and removes the letter where it is now recorded.
    /// Recording twice changes nothing, so a crash in between does no harm.
    ///
    /// # Errors
    /// [`DeadLetterError::StillDead`] with the reason.
    pub async fn dead_letter_replay(
        &self,
        scope: &Scope,
        id: DeadLetterId,
        router: &dyn InboundCalls,
    ) -> Result<(), DeadLetterError> {
        scope.require(Permission::DeadLetterWrite)?;
        let mut tx = self.store.begin().await?;
        let found = tx.dead_letters().dead_letter_find(scope.organisation(), id).await?;
        let letter = found.ok_or(DeadLetterError::NoSuchDeadLetter)?;
        drop(tx);
        let call = InboundCall {
            organisation: letter.organisation,
            charge_point: letter.charge_point,
            identity: letter.identity.clone(),
            protocol: Protocol::Ocpp16,
            connection: crate::port::ConnectionId(0),
            message_id: letter.message_id.clone(),
            action: letter.action.clone(),
            payload: serde_json::value::RawValue::from_string(letter.payload.clone())
                .map_err(|error| DeadLetterError::StillDead(error.to_string()))?,
            received_at: letter.received_at,
            replayed: true,
        };
        match router.handle(call).await {
            Ok(crate::port::Answer::Result(_)) => self.dead_letter_delete(scope, id).await,
            Ok(crate::port::Answer::Error { description, .. }) => {
                Err(DeadLetterError::StillDead(description))
            }
            Err(unavailable) => Err(StoreError::Unavailable(Box::new(unavailable)).into()),
        }
    }
}
