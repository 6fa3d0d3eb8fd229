//! Whatever comes, in whatever order and however often: one transaction, energy that never falls.

use std::sync::Arc;

use kernel::{
    Begin, IdSource, OrganisationId, Wh,
    testing::{CountingIds, FakeClock},
};
use proptest::prelude::*;
use transaction::{
    Recorder, StartReport, TransactionNumber, TransactionState, TransactionTx,
    testing::{FakeTransactions, meter, place, start, stop},
};

#[derive(Clone, Debug)]
enum Message {
    Start,
    Reading { minute: i64, register: i64, named: bool },
    Stop { minute: i64, register: i64 },
}

fn messages() -> impl Strategy<Value = Vec<Message>> {
    let message = prop_oneof![
        1 => Just(Message::Start),
        4 => (0_i64..100, 0_i64..500_000, any::<bool>())
            .prop_map(|(minute, register, named)| Message::Reading { minute, register, named }),
        1 => (0_i64..100, 0_i64..500_000).prop_map(|(minute, register)| Message::Stop { minute, register }),
    ];
    proptest::collection::vec(message, 0..20)
}

proptest! {
    #[test]
    fn one_start_however_often_is_one_transaction(messages in messages()) {
        futures::executor::block_on(async {
            let (store, ids) = (FakeTransactions::default(), Arc::new(CountingIds::default()));
            let recorder = Recorder::new(Arc::new(FakeClock::default()), ids.clone());
            let organisation: OrganisationId = ids.uuid().into();
            let place = place(&ids);
            let mut tx = Begin::<dyn TransactionTx>::begin(&store).await.unwrap();
            let begun = recorder.start(&mut *tx, organisation, start(place, 0)).await.unwrap().transaction;
            tx.commit().await.unwrap();
            let mut energy = 0;
            let mut first_stop = None;
            for message in messages {
                let mut tx = Begin::<dyn TransactionTx>::begin(&store).await.unwrap();
                match message {
                    Message::Start => {
                        let again = recorder.start(&mut *tx, organisation, start(place, 0)).await.unwrap();
                        prop_assert!(again.repeated && again.transaction.number == begun.number);
                    }
                    Message::Reading { minute, register, named } => {
                        let number = named.then_some(begun.number);
                        recorder
                            .readings(&mut *tx, organisation, place.charge_point, 1, number, vec![meter(minute, register)])
                            .await
                            .unwrap();
                    }
                    Message::Stop { minute, register } => {
                        let number = TransactionNumber(begun.number.0);
                        recorder.stop(&mut *tx, organisation, place, stop(number, minute, register)).await.unwrap();
                        first_stop = first_stop.or(Some(minute));
                    }
                }
                tx.commit().await.unwrap();
                let [now] = &store.transactions()[..] else { panic!("{:?}", store.transactions()) };
                prop_assert!(now.energy.get() >= energy, "energy fell: {now:?}");
                energy = now.energy.get();
                prop_assert_eq!(now.state == TransactionState::Finished, first_stop.is_some());
                prop_assert_eq!(now.stopped_at, first_stop.map(transaction::testing::minute));
            }
            Ok(())
        })?;
    }
}

#[test]
fn a_meter_that_begins_anew_is_suspect_and_loses_nothing() {
    futures::executor::block_on(async {
        let (store, ids) = (FakeTransactions::default(), Arc::new(CountingIds::default()));
        let recorder = Recorder::new(Arc::new(FakeClock::default()), ids.clone());
        let organisation: OrganisationId = ids.uuid().into();
        let place = place(&ids);
        let mut tx = Begin::<dyn TransactionTx>::begin(&store).await.unwrap();
        let begun = recorder.start(&mut *tx, organisation, start(place, 0)).await.unwrap().transaction;
        let readings = vec![meter(1, 6_000), meter(2, 0), meter(3, 2_000)];
        recorder.readings(&mut *tx, organisation, place.charge_point, 1, None, readings).await.unwrap();
        recorder.stop(&mut *tx, organisation, place, stop(begun.number, 4, 2_500)).await.unwrap();
        tx.commit().await.unwrap();
        let [ended] = &store.transactions()[..] else { panic!() };
        assert_eq!(ended.energy.get(), 5_000 + 2_500);
        assert!(
            ended.flags.iter().all(|flag| flag.is_suspect()) && ended.flags.len() == 1,
            "{:?}",
            ended.flags
        );
    });
}

#[test]
fn a_register_written_with_fewer_digits_is_no_reset() {
    futures::executor::block_on(async {
        let (store, ids) = (FakeTransactions::default(), Arc::new(CountingIds::default()));
        let recorder = Recorder::new(Arc::new(FakeClock::default()), ids.clone());
        let organisation: OrganisationId = ids.uuid().into();
        let place = place(&ids);
        let mut tx = Begin::<dyn TransactionTx>::begin(&store).await.unwrap();
        let exact = StartReport { meter_start: Wh(1_045), ..start(place, 0) };
        let begun = recorder.start(&mut *tx, organisation, exact).await.unwrap().transaction;
        let readings = vec![meter(0, 1_000), meter(1, 2_000), meter(3, 3_100)];
        recorder.readings(&mut *tx, organisation, place.charge_point, 1, None, readings).await.unwrap();
        recorder.stop(&mut *tx, organisation, place, stop(begun.number, 4, 3_049)).await.unwrap();
        tx.commit().await.unwrap();
        let [ended] = &store.transactions()[..] else { panic!() };
        assert!(ended.flags.is_empty(), "{:?}", ended.flags);
        assert_eq!(ended.energy.get(), 3_100 - 1_045);
    });
}
