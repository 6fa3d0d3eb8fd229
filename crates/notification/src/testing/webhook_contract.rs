//! What every store of webhooks must do, whatever it is made of.

#![expect(clippy::unwrap_used, reason = "a contract is a test: it fails by panicking")]

use chrono::TimeDelta;
use kernel::{
    Begin, Clock, Cursor, IdSource, Limit, OrganisationId, PageRequest, StoreError, Version,
    testing::{CountingIds, FakeClock},
};

use crate::{
    model::{DeliveryState, WebhookSecret},
    webhooks::{DisabledWhy, EventDelivery, PartnerWebhook, PreviousSecret, WebhookReader, WebhookTx},
};

/// The whole of a store this contract talks to.
pub trait Store: Begin<dyn WebhookTx> + WebhookReader {}
impl<T: Begin<dyn WebhookTx> + WebhookReader> Store for T {}

/// A webhook for everything.
pub fn webhook(ids: &dyn IdSource, organisation: OrganisationId) -> PartnerWebhook {
    let now = FakeClock::default().now();
    PartnerWebhook {
        id: ids.uuid().into(),
        organisation,
        version: Version::FIRST,
        owner: ids.uuid().into(),
        url: "https://partner.example/hook".into(),
        description: None,
        types: Vec::new(),
        secret: WebhookSecret::generate(ids),
        previous: None,
        enabled: true,
        disabled_why: None,
        failing_since: None,
        created_at: now,
        updated_at: now,
    }
}

/// An event that is due at once.
pub fn event_delivery(ids: &dyn IdSource, webhook: &PartnerWebhook) -> EventDelivery {
    let now = FakeClock::default().now();
    EventDelivery {
        id: ids.uuid().into(),
        organisation: webhook.organisation,
        webhook: webhook.id,
        event: ids.uuid().into(),
        event_type: "manage.vehicle.changed.v1".into(),
        body: "{}".into(),
        state: DeliveryState::Pending,
        created_at: now,
        first_due_at: now,
        due_at: now,
        claimed_until: None,
        attempts: 0,
        last_error: None,
        finished_at: None,
    }
}

/// Runs every clause on one empty store.
pub async fn holds(store: &dyn Store) {
    let ids = CountingIds::default();
    round_trip_and_versions(store, &ids).await;
    apart_and_in_order(store, &ids).await;
    failing_is_no_version_and_disabling_is(store, &ids).await;
    claims(store, &ids).await;
    what_is_deleted_or_ended_is_forgotten(store, &ids).await;
}

async fn insert(store: &dyn Store, webhook: &PartnerWebhook, deliveries: &[EventDelivery]) {
    let mut tx = store.begin().await.unwrap();
    tx.webhooks().webhook_insert(webhook).await.unwrap();
    tx.webhooks().event_deliveries_insert(deliveries).await.unwrap();
    tx.commit().await.unwrap();
}

async fn round_trip_and_versions(store: &dyn Store, ids: &CountingIds) {
    let now = FakeClock::default().now();
    let full = PartnerWebhook {
        description: Some("ours".into()),
        types: vec!["manage.run.*".into(), "manage.vehicle.changed.v1".into()],
        previous: Some(PreviousSecret { secret: WebhookSecret::generate(ids), until: now }),
        enabled: false,
        disabled_why: Some(DisabledWhy::Failing),
        failing_since: Some(now),
        ..webhook(ids, ids.uuid().into())
    };
    insert(store, &full, &[]).await;
    assert_eq!(store.webhook_get(full.organisation, full.id).await.unwrap(), Some(full.clone()));
    let changed = PartnerWebhook { version: Version(2), url: "https://new.example".into(), ..full.clone() };
    let mut tx = store.begin().await.unwrap();
    let found = tx.webhooks().webhook_find(full.organisation, full.id).await.unwrap();
    assert_eq!(found, Some(full));
    tx.webhooks().webhook_update(&changed, Version(1)).await.unwrap();
    let stale = tx.webhooks().webhook_update(&changed, Version(1)).await;
    assert!(matches!(stale, Err(StoreError::Stale)));
    tx.commit().await.unwrap();
    assert_eq!(store.webhook_get(changed.organisation, changed.id).await.unwrap(), Some(changed));
}

async fn apart_and_in_order(store: &dyn Store, ids: &CountingIds) {
    let (ours, theirs): (OrganisationId, OrganisationId) = (ids.uuid().into(), ids.uuid().into());
    let first = webhook(ids, ours);
    let second = PartnerWebhook { owner: first.owner, enabled: false, ..webhook(ids, ours) };
    let (other_key, other) = (webhook(ids, ours), webhook(ids, theirs));
    for webhook in [&first, &second, &other_key, &other] {
        insert(store, webhook, &[]).await;
    }
    assert_eq!(store.webhook_get(theirs, first.id).await.unwrap(), None);
    let page = |after| PageRequest { limit: Limit::new(1).unwrap(), after };
    let one = store.webhook_list(ours, first.owner, page(None)).await.unwrap();
    let two = store.webhook_list(ours, first.owner, page(one.next)).await.unwrap();
    assert_eq!((one.items, two.items, two.next), (vec![first.clone()], vec![second], None));
    assert!(store.webhook_list(theirs, first.owner, page(None)).await.unwrap().items.is_empty());
    assert_eq!(store.webhooks_enabled(&[ours]).await.unwrap(), [first, other_key]);
    assert!(store.webhooks_enabled(&[]).await.unwrap().is_empty());
    let mut tx = store.begin().await.unwrap();
    assert_eq!(tx.webhooks().webhook_find(ours, other.id).await.unwrap(), None);
}

async fn failing_is_no_version_and_disabling_is(store: &dyn Store, ids: &CountingIds) {
    let webhook = webhook(ids, ids.uuid().into());
    insert(store, &webhook, &[]).await;
    let now = FakeClock::default().now() + TimeDelta::minutes(1);
    let mut tx = store.begin().await.unwrap();
    tx.webhooks().webhook_failing(webhook.id, Some(now)).await.unwrap();
    tx.commit().await.unwrap();
    let failing = PartnerWebhook { failing_since: Some(now), ..webhook.clone() };
    assert_eq!(store.webhook_get(webhook.organisation, webhook.id).await.unwrap(), Some(failing.clone()));
    let mut tx = store.begin().await.unwrap();
    tx.webhooks().webhook_failing(webhook.id, None).await.unwrap();
    tx.commit().await.unwrap();
    let well = store.webhook_get(webhook.organisation, webhook.id).await.unwrap();
    assert_eq!(well.as_ref(), Some(&webhook));
    let mut tx = store.begin().await.unwrap();
    assert!(tx.webhooks().webhook_disable(webhook.id, DisabledWhy::Gone, now).await.unwrap());
    assert!(!tx.webhooks().webhook_disable(webhook.id, DisabledWhy::Failing, now).await.unwrap());
    tx.commit().await.unwrap();
    let disabled = PartnerWebhook {
        enabled: false,
        disabled_why: Some(DisabledWhy::Gone),
        version: Version(2),
        updated_at: now,
        ..webhook.clone()
    };
    assert_eq!(store.webhook_get(webhook.organisation, webhook.id).await.unwrap(), Some(disabled));
}

async fn claims(store: &dyn Store, ids: &CountingIds) {
    let webhook = webhook(ids, ids.uuid().into());
    let now = FakeClock::default().now();
    let (late, early) = (event_delivery(ids, &webhook), event_delivery(ids, &webhook));
    let early = EventDelivery { due_at: now - TimeDelta::minutes(1), ..early };
    let later = EventDelivery { due_at: now + TimeDelta::minutes(1), ..event_delivery(ids, &webhook) };
    let sent = EventDelivery { state: DeliveryState::Sent, ..event_delivery(ids, &webhook) };
    insert(store, &webhook, &[late.clone(), early.clone(), later.clone(), sent.clone()]).await;
    let until = now + TimeDelta::minutes(2);
    let mut tx = store.begin().await.unwrap();
    let claimed = tx.webhooks().event_deliveries_claim(now, until, 10).await.unwrap();
    let as_claimed =
        |it: &EventDelivery| EventDelivery { claimed_until: Some(until), attempts: 1, ..it.clone() };
    assert_eq!(claimed, [as_claimed(&early), as_claimed(&late)]);
    assert!(tx.webhooks().event_deliveries_claim(now, until, 10).await.unwrap().is_empty());
    tx.commit().await.unwrap();

    let done = EventDelivery {
        claimed_until: None,
        state: DeliveryState::Failed,
        last_error: Some("answered 500".into()),
        finished_at: Some(now),
        ..as_claimed(&early)
    };
    let mut tx = store.begin().await.unwrap();
    let not_ours = tx.webhooks().event_delivery_update(&done, Some(now)).await;
    assert!(matches!(not_ours, Err(StoreError::Stale)));
    tx.webhooks().event_delivery_update(&done, Some(until)).await.unwrap();
    let free = tx.webhooks().event_delivery_update(&done, Some(until)).await;
    assert!(matches!(free, Err(StoreError::Stale)));
    tx.webhooks().event_delivery_update(&done, None).await.unwrap();
    assert_eq!(tx.webhooks().event_delivery_find(webhook.id, done.id).await.unwrap(), Some(done.clone()));
    assert_eq!(tx.webhooks().event_delivery_find(ids.uuid().into(), done.id).await.unwrap(), None);
    // Whose courier is gone is claimed by another.
    let again = tx.webhooks().event_deliveries_claim(until, until + TimeDelta::minutes(2), 1).await.unwrap();
    assert_eq!((again.len(), again[0].id, again[0].attempts), (1, late.id, 2));
    tx.commit().await.unwrap();

    let page = |after| PageRequest { limit: Limit::new(3).unwrap(), after };
    let list = store.event_delivery_list(webhook.id, None, page(None)).await.unwrap();
    let listed: Vec<_> = list.items.iter().map(|delivery| delivery.id).collect();
    assert_eq!(listed, [sent.id, later.id, done.id], "the newest first");
    let rest = store.event_delivery_list(webhook.id, None, page(list.next)).await.unwrap();
    assert_eq!((rest.items.len(), rest.next), (1, None::<Cursor>));
    let failed =
        store.event_delivery_list(webhook.id, Some(DeliveryState::Failed), page(None)).await.unwrap();
    assert_eq!(failed.items, [done]);
}

async fn what_is_deleted_or_ended_is_forgotten(store: &dyn Store, ids: &CountingIds) {
    let webhook = webhook(ids, ids.uuid().into());
    let now = FakeClock::default().now();
    let ended = EventDelivery {
        state: DeliveryState::Sent,
        finished_at: Some(now - TimeDelta::days(40)),
        ..event_delivery(ids, &webhook)
    };
    let pending = event_delivery(ids, &webhook);
    insert(store, &webhook, &[ended.clone(), pending.clone()]).await;
    let mut tx = store.begin().await.unwrap();
    assert_eq!(tx.webhooks().event_deliveries_forget(now - TimeDelta::days(30)).await.unwrap(), 1);
    tx.commit().await.unwrap();
    let left = store.event_delivery_list(webhook.id, None, PageRequest::default()).await.unwrap();
    assert_eq!(left.items, [pending]);
    let mut tx = store.begin().await.unwrap();
    let stale = PartnerWebhook { version: Version(7), ..webhook.clone() };
    assert!(matches!(tx.webhooks().webhook_delete(&stale).await, Err(StoreError::Stale)));
    tx.webhooks().webhook_delete(&webhook).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(store.webhook_get(webhook.organisation, webhook.id).await.unwrap(), None);
    let left = store.event_delivery_list(webhook.id, None, PageRequest::default()).await.unwrap();
    assert!(left.items.is_empty());
}
