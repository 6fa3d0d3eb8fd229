//! What no request makes: chargers and the backend itself do.

use std::sync::Arc;

use connect_router::{DeadLetter, DeadLetterTx};
use kernel::{Begin, OrganisationId, testing::FakeClock};
use message_log::{Frame, KeptFrame};
use notification::{AlertKind, AlertTx};
use transaction::{Recorder, TransactionTx};
use uuid::Uuid;

use super::Ours;
use crate::app::TestApp;

pub(super) async fn session(app: &TestApp, ours: &Ours, organisation: OrganisationId) -> Uuid {
    let id = |name: &str| ours.fill(name).parse::<Uuid>().unwrap();
    let recorder = Recorder::new(Arc::new(FakeClock::default()), app.backends.ids.clone());
    let place = transaction::TransactionPlace {
        charge_point: id("{charge_point}").into(),
        depot: id("{depot}").into(),
        evse: None,
        evse_number: 1,
        connector: 1,
    };
    let mut tx = Begin::<dyn TransactionTx>::begin(&*app.backends.sea).await.unwrap();
    let start = transaction::testing::start(place, 0);
    let begun = recorder.start(&mut *tx, organisation, start).await.unwrap().transaction;
    tx.commit().await.unwrap();
    begun.id.into()
}

pub async fn dead_letter(app: &TestApp, ours: &Ours, organisation: OrganisationId, payload: &str) -> Uuid {
    let id = app.backends.ids.uuid();
    let letter = DeadLetter {
        id: id.into(),
        organisation,
        charge_point: ours.fill("{charge_point}").parse::<Uuid>().unwrap().into(),
        identity: "CP-1".into(),
        protocol: "ocpp1.6".into(),
        message_id: "1".into(),
        action: "Heartbeat".into(),
        payload: payload.into(),
        reason: "no object".into(),
        received_at: app.backends.clock.now(),
    };
    let mut tx = Begin::<dyn DeadLetterTx>::begin(&*app.backends.sea).await.unwrap();
    tx.dead_letters().dead_letter_insert(&letter).await.unwrap();
    tx.commit().await.unwrap();
    id
}

pub(super) async fn alert(app: &TestApp, ours: &Ours, organisation: OrganisationId) -> Uuid {
    let mut alert =
        notification::testing::alert(&*app.backends.ids, organisation, AlertKind::Fault, "CP-1:1");
    alert.about.charge_point = Some(ours.fill("{charge_point}").parse::<Uuid>().unwrap().into());
    let mut tx = Begin::<dyn AlertTx>::begin(&*app.backends.sea).await.unwrap();
    tx.alerts().alert_insert(&alert).await.unwrap();
    tx.commit().await.unwrap();
    alert.id.into()
}

/// What our charger said, in the message log.
pub async fn frame(app: &TestApp, ours: &Ours, organisation: OrganisationId) {
    let charge_point = ours.fill("{charge_point}").parse::<Uuid>().unwrap().into();
    let frame = message_log::testing::frame_of(&*app.backends.ids, organisation, charge_point);
    let frame = Frame { at: app.backends.clock.now(), ..frame };
    let kept = KeptFrame { frame, expires_at: None };
    app.backends.documents.frames().frames_append(&[kept]).await.unwrap();
}
