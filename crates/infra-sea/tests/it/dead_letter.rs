//! Calls that were set aside are kept as they came until they are given up.

use connect_router::{DeadLetter, DeadLetterReader, DeadLetterTx};
use kernel::{Begin, Clock, IdSource, OrganisationId, PageRequest, testing::CountingIds};

use crate::{Fixture, on_both_engines};

on_both_engines!(dead_letters_are_kept_and_given_up);

async fn dead_letters_are_kept_and_given_up(fixture: &Fixture) {
    let (sea, ids) = (&*fixture.sea, CountingIds::default());
    let organisation: OrganisationId = ids.uuid().into();
    let letter = DeadLetter {
        id: ids.uuid().into(),
        organisation,
        charge_point: ids.uuid().into(),
        identity: "CP-1".into(),
        protocol: "ocpp1.6".into(),
        message_id: "1".into(),
        action: "MeterValues".into(),
        payload: "[\u{0}]".into(),
        reason: "no object".into(),
        received_at: fixture.clock.now(),
    };
    let mut tx = Begin::<dyn DeadLetterTx>::begin(sea).await.unwrap();
    tx.dead_letters().dead_letter_insert(&letter).await.unwrap();
    tx.commit().await.unwrap();

    // No engine refuses what a charger sent, whatever it holds.
    let kept = DeadLetter { payload: "[\u{fffd}]".into(), ..letter.clone() };
    let page = sea
        .dead_letter_list(&organisation.into(), Some(letter.charge_point), PageRequest::default())
        .await
        .unwrap();
    assert_eq!(page.items, [kept]);
    let elsewhere =
        sea.dead_letter_list(&organisation.into(), Some(ids.uuid().into()), PageRequest::default()).await;
    assert!(elsewhere.unwrap().items.is_empty());
    let stranger: OrganisationId = ids.uuid().into();
    let mut tx = Begin::<dyn DeadLetterTx>::begin(sea).await.unwrap();
    assert_eq!(tx.dead_letters().dead_letter_find(stranger, letter.id).await.unwrap(), None);
    tx.dead_letters().dead_letter_delete(organisation, letter.id).await.unwrap();
    tx.commit().await.unwrap();
    let page = sea.dead_letter_list(&organisation.into(), None, PageRequest::default()).await.unwrap();
    assert!(page.items.is_empty());
}
