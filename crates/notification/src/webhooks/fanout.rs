//! From published events to deliveries, each once.

use std::{collections::BTreeSet, sync::Arc};

use kernel::{
    Advance, Begin, Clock, Event, EventFeed, FedEvent, IdSource, OrganisationId, PositionReader, StoreError,
    Track,
};
use serde_json::json;

use super::{
    model::{EventDelivery, PartnerWebhook},
    port::{Hearing, WebhookReader, WebhookTx},
    told::told,
};
use crate::model::DeliveryState;

const BATCH: u16 = 256;
/// How far it may be read without saying so, where nothing is to be posted.
const UNSAID: i64 = 4 * 1_024;

/// Reads the feed of events and writes down what is to be posted. The place moves in the unit of work
/// that does so, and a webhook is told from its making on.
pub struct Fanout {
    store: Arc<dyn Begin<dyn WebhookTx>>,
    reader: Arc<dyn WebhookReader>,
    feed: Arc<dyn EventFeed>,
    positions: Arc<dyn PositionReader>,
    hearing: Arc<dyn Hearing>,
    clock: Arc<dyn Clock>,
    ids: Arc<dyn IdSource>,
    place: Option<Place>,
}

/// How far it was read, and how far that is stored.
#[derive(Clone, Copy)]
struct Place {
    read: i64,
    stored: i64,
}

impl Fanout {
    pub fn new<S>(
        store: Arc<S>,
        hearing: Arc<dyn Hearing>,
        clock: Arc<dyn Clock>,
        ids: Arc<dyn IdSource>,
    ) -> Self
    where
        S: Begin<dyn WebhookTx> + WebhookReader + EventFeed + PositionReader + 'static,
    {
        Self {
            store: store.clone(),
            reader: store.clone(),
            feed: store.clone(),
            positions: store,
            hearing,
            clock,
            ids,
            place: None,
        }
    }

    fn track() -> Track {
        Track { consumer: "webhooks", topic: "outbox".to_owned(), partition: 0 }
    }

    /// Takes up the next events and returns how many there were; 0 at the end.
    ///
    /// # Errors
    /// Store errors only; the same events are read again.
    pub async fn step(&mut self) -> Result<usize, StoreError> {
        let place = match self.place {
            Some(place) => place,
            None => {
                let stored = self.positions.position_get(&Self::track()).await?.unwrap_or(0);
                Place { read: stored, stored }
            }
        };
        let events = self.feed.feed_after(place.read, None, BATCH).await?;
        let Some(last) = events.last() else { return Ok(0) };
        let read = last.place;
        let deliveries = self.deliveries(&events).await?;
        if deliveries.is_empty() && read - place.stored < UNSAID {
            self.place = Some(Place { read, ..place });
            return Ok(events.len());
        }
        let advance = Advance { track: Self::track(), from: place.stored, to: read };
        let mut tx = self.store.begin().await?;
        // Another has read on where it cannot move: it is asked anew how far.
        self.place = None;
        if tx.positions().position_advance(&advance).await? {
            tx.webhooks().event_deliveries_insert(&deliveries).await?;
            tx.commit().await?;
            self.place = Some(Place { read, stored: read });
        }
        Ok(events.len())
    }

    /// Forgets how far it has read, for when another may have read on.
    pub fn begin_anew(&mut self) {
        self.place = None;
    }

    /// Forgets deliveries that ended before an instant.
    ///
    /// # Errors
    /// Store errors only.
    pub async fn forget(&self, before: kernel::Timestamp) -> Result<u64, StoreError> {
        let mut tx = self.store.begin().await?;
        let forgotten = tx.webhooks().event_deliveries_forget(before).await?;
        tx.commit().await?;
        Ok(forgotten)
    }

    async fn deliveries(&self, events: &[FedEvent]) -> Result<Vec<EventDelivery>, StoreError> {
        let events: Vec<&Event> =
            events.iter().map(|fed| &fed.event).filter(|event| told(event).is_some()).collect();
        let organisations: BTreeSet<OrganisationId> = events.iter().map(|event| event.organisation).collect();
        let organisations: Vec<_> = organisations.into_iter().collect();
        let mut deliveries = Vec::new();
        if organisations.is_empty() {
            return Ok(deliveries);
        }
        for webhook in self.reader.webhooks_enabled(&organisations).await? {
            let wanted = |event: &&&Event| {
                event.organisation == webhook.organisation
                    && event.occurred_at >= webhook.created_at
                    && webhook.wants(&event.name)
            };
            let wanted: Vec<&Event> = events.iter().filter(wanted).copied().collect();
            let heard = self.hearing.heard(webhook.organisation, webhook.owner, &wanted).await?;
            let heard = wanted.into_iter().zip(heard).filter(|(_, heard)| *heard);
            deliveries.extend(heard.filter_map(|(event, _)| self.delivery(&webhook, event)));
        }
        Ok(deliveries)
    }

    fn delivery(&self, webhook: &PartnerWebhook, event: &Event) -> Option<EventDelivery> {
        let now = self.clock.now();
        let body = json!({
            "id": event.id,
            "type": event.name,
            "timestamp": event.occurred_at,
            "subject": event.key,
            "data": told(event)?,
        });
        Some(EventDelivery {
            id: self.ids.uuid().into(),
            organisation: webhook.organisation,
            webhook: webhook.id,
            event: event.id,
            event_type: event.name.to_string(),
            body: body.to_string(),
            state: DeliveryState::Pending,
            created_at: now,
            first_due_at: now,
            due_at: now,
            claimed_until: None,
            attempts: 0,
            last_error: None,
            finished_at: None,
        })
    }
}
