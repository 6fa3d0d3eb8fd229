//! Alerts as operators see them.

use kernel::{AlertId, AuditVerb, Invalid, Page, PageRequest, Permission, Scope, StoreError, Version};

use super::AlertService;
use crate::{
    error::AlertError,
    event,
    model::{Alert, AlertState, Delivery},
    port::AlertFilter,
};

impl AlertService {
    /// Newest first.
    ///
    /// # Errors
    /// [`AlertError::Denied`] and store errors only.
    pub async fn alert_list(
        &self,
        scope: &Scope,
        filter: &AlertFilter,
        page: PageRequest,
    ) -> Result<Page<Alert>, AlertError> {
        let reach = scope.require(Permission::AlertRead)?;
        Ok(self.reader.alert_list(&reach, filter, page).await?)
    }

    /// # Errors
    /// [`AlertError::NoSuchAlert`] also for alerts of others.
    pub async fn alert_get(&self, scope: &Scope, id: AlertId) -> Result<Alert, AlertError> {
        scope.require(Permission::AlertRead)?.sees(id).await?.ok_or(AlertError::NoSuchAlert)?;
        self.reader.alert_get(scope.organisation(), id).await?.ok_or(AlertError::NoSuchAlert)
    }

    /// Messages that tell of an alert, newest first.
    ///
    /// # Errors
    /// [`AlertError::NoSuchAlert`] also for alerts of others.
    pub async fn alert_deliveries(
        &self,
        scope: &Scope,
        id: AlertId,
        page: PageRequest,
    ) -> Result<Page<Delivery>, AlertError> {
        let alert = self.alert_get(scope, id).await?;
        Ok(self.reader.delivery_list(alert.organisation, alert.id, page).await?)
    }

    /// Says that somebody looks after it. Saying it again changes nothing.
    ///
    /// # Errors
    /// [`AlertError::Cleared`]; [`StoreError::Stale`] for another version.
    pub async fn alert_acknowledge(
        &self,
        scope: &Scope,
        id: AlertId,
        expected: Option<Version>,
        note: Option<String>,
    ) -> Result<Alert, AlertError> {
        scope.require(Permission::AlertAcknowledge)?.sees(id).await?.ok_or(AlertError::NoSuchAlert)?;
        let note = note.map(|note| {
            let mut invalid = Invalid::default();
            let note = invalid.text("/note", &note, 500);
            invalid.into_result().map(|()| note)
        });
        let note = note.transpose()?;
        let mut tx = self.store.begin().await?;
        let found = tx.alerts().alert_find(scope.organisation(), id).await?;
        let before = found.ok_or(AlertError::NoSuchAlert)?;
        if expected.is_some_and(|expected| expected != before.version) {
            return Err(StoreError::Stale.into());
        }
        match before.state {
            AlertState::Cleared => return Err(AlertError::Cleared),
            AlertState::Acknowledged => return Ok(before),
            AlertState::Open => {}
        }
        let alert = Alert {
            state: AlertState::Acknowledged,
            version: before.version.next(),
            acknowledged_at: Some(self.clock.now()),
            acknowledged_by: Some(scope.actor()),
            note,
            ..before.clone()
        };
        tx.alerts().alert_update(&alert, before.version).await?;
        tx.outbox().append(event::alert(&*self.clock, &*self.ids, event::ALERT_ACKNOWLEDGED, &alert)).await?;
        let entry = self.audit(scope, AuditVerb::Update, "alert", id).before(&before).after(&alert);
        tx.audit().record(entry).await?;
        tx.commit().await?;
        Ok(alert)
    }
}
