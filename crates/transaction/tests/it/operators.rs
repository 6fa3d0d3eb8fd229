//! What operators may ask.

use std::sync::Arc;

use kernel::{
    Actor, Begin, Fault, FaultClass, IdSource, OrganisationId, PermissionSet, Scope, TransactionId,
    testing::{CountingIds, FakeClock},
};
use transaction::{
    Recorder, TransactionService, TransactionTx,
    testing::{FakeTransactions, place, start, stop},
};

#[test]
fn a_running_transaction_is_stopped_by_an_order_and_only_once_it_runs() {
    futures::executor::block_on(async {
        let (store, ids) = (FakeTransactions::default(), Arc::new(CountingIds::default()));
        let clock = Arc::new(FakeClock::default());
        let recorder = Recorder::new(clock.clone(), ids.clone());
        let service = TransactionService::new(Arc::new(store.clone()), clock, ids.clone());
        let organisation: OrganisationId = ids.uuid().into();
        let (scope, place) = (Scope::system(organisation), place(&ids));
        let mut tx = Begin::<dyn TransactionTx>::begin(&store).await.unwrap();
        let begun = recorder.start(&mut *tx, organisation, start(place, 0)).await.unwrap().transaction;
        tx.commit().await.unwrap();

        let nobody = Scope::new(organisation, Actor::System, PermissionSet::new());
        let refused = service.transaction_stop(&nobody, begun.id).await.unwrap_err();
        assert!(matches!(refused.class(), FaultClass::Denied(_)));
        let unknown =
            service.transaction_stop(&scope, TransactionId::from_uuid(ids.uuid())).await.unwrap_err();
        assert!(matches!(unknown.class(), FaultClass::NotFound));
        service.transaction_stop(&scope, begun.id).await.unwrap();
        assert_eq!(store.stop_orders(), [begun.id]);

        let mut tx = Begin::<dyn TransactionTx>::begin(&store).await.unwrap();
        recorder.stop(&mut *tx, organisation, place, stop(begun.number, 5, 2_000)).await.unwrap();
        tx.commit().await.unwrap();
        let late = service.transaction_stop(&scope, begun.id).await.unwrap_err();
        assert!(matches!(late.class(), FaultClass::Conflict { code: "transaction_ended" }));
        assert_eq!(store.event_names(), ["manage.transaction.started.v1", "manage.transaction.stopped.v1"]);
    });
}
