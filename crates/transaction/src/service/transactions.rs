//! Transactions as operators see and stop them.

use std::sync::Arc;

use kernel::{
    AuditEntry, AuditVerb, Begin, Clock, IdSource, Page, PageRequest, Permission, Scope, TransactionId,
};

use crate::{
    error::TransactionError,
    model::{Reading, StopOrder, Transaction},
    port::{TransactionFilter, TransactionReader, TransactionTx},
};

pub struct TransactionService {
    store: Arc<dyn Begin<dyn TransactionTx>>,
    reader: Arc<dyn TransactionReader>,
    clock: Arc<dyn Clock>,
    ids: Arc<dyn IdSource>,
}

impl TransactionService {
    pub fn new<S>(store: Arc<S>, clock: Arc<dyn Clock>, ids: Arc<dyn IdSource>) -> Self
    where
        S: Begin<dyn TransactionTx> + TransactionReader + 'static,
    {
        Self { store: store.clone(), reader: store, clock, ids }
    }

    /// # Errors
    /// [`TransactionError::NoSuchTransaction`] also for those of others.
    pub async fn transaction_get(
        &self,
        scope: &Scope,
        id: TransactionId,
    ) -> Result<Transaction, TransactionError> {
        scope
            .require(Permission::TransactionRead)?
            .sees(id)
            .await?
            .ok_or(TransactionError::NoSuchTransaction)?;
        let found = self.reader.transaction_get(scope.organisation(), id).await?;
        found.ok_or(TransactionError::NoSuchTransaction)
    }

    /// Newest start first.
    ///
    /// # Errors
    /// [`TransactionError::Denied`] and store errors only.
    pub async fn transaction_list(
        &self,
        scope: &Scope,
        filter: &TransactionFilter,
        page: PageRequest,
    ) -> Result<Page<Transaction>, TransactionError> {
        let reach = scope.require(Permission::TransactionRead)?;
        Ok(self.reader.transaction_list(&reach, filter, page).await?)
    }

    /// Readings of a transaction, oldest first.
    ///
    /// # Errors
    /// [`TransactionError::NoSuchTransaction`].
    pub async fn reading_list(
        &self,
        scope: &Scope,
        id: TransactionId,
        page: PageRequest,
    ) -> Result<Page<Reading>, TransactionError> {
        self.transaction_get(scope, id).await?;
        Ok(self.reader.reading_list(scope.organisation(), id, page).await?)
    }

    /// Tells the charger to stop. The transaction ends when the charger says so; the order that is
    /// returned tells how it was taken.
    ///
    /// # Errors
    /// [`TransactionError::Ended`], [`TransactionError::NotAddressable`].
    pub async fn transaction_stop(
        &self,
        scope: &Scope,
        id: TransactionId,
    ) -> Result<StopOrder, TransactionError> {
        scope
            .require(Permission::TransactionStop)?
            .sees(id)
            .await?
            .ok_or(TransactionError::NoSuchTransaction)?;
        let mut tx = self.store.begin().await?;
        let found = tx.transactions().transaction_find(scope.organisation(), id).await?;
        let transaction = found.ok_or(TransactionError::NoSuchTransaction)?;
        if !transaction.is_open() {
            return Err(TransactionError::Ended);
        }
        if !transaction.number.is_known() {
            return Err(TransactionError::NotAddressable);
        }
        let order = tx.stop_orders().stop_order(&*self.clock, &*self.ids, scope, &transaction).await?;
        let entry = AuditEntry::new(scope, &*self.clock, &*self.ids, AuditVerb::Update, "transaction", id);
        tx.audit().record(entry.after(&serde_json::json!({"stop_requested": order.command}))).await?;
        tx.commit().await?;
        Ok(order)
    }
}
