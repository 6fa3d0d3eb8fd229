//! The index of reports.

use kernel::{
    Clock, IdSource, PageRequest, StoreError,
    testing::{CountingIds, FakeClock},
};
use report::{
    EntryFilter, ReportIndex,
    testing::{contract, entry},
};

use infra_dynamo::Dynamo;

use crate::{
    dynamo,
    proxy::{Fault, Proxy},
    settings,
};

#[tokio::test(flavor = "multi_thread")]
async fn keeps_the_contract() {
    let Some(dynamo) = dynamo().await else { return };
    contract::index::holds(&dynamo, &CountingIds::default()).await;
}

/// An entry is in all its lists or in none, and putting it again changes nothing.
#[tokio::test(flavor = "multi_thread")]
async fn whatever_fails_an_entry_is_there_wholly_or_not() {
    let Some(mut settings) = settings().await else { return };
    let proxy = Proxy::before(settings.endpoint.take().unwrap()).await;
    settings.endpoint = Some(proxy.url.clone());
    let dynamo = Dynamo::new(&settings).await;
    dynamo.set_up().await.unwrap();
    let (ids, now) = (CountingIds::default(), FakeClock::default().now());
    for (fault, there) in [(Fault::Broken, 0), (Fault::Throttled, 0), (Fault::Unanswered, 1)] {
        let mut entry = entry(&ids, ids.uuid().into());
        entry.place.schedule = Some(ids.uuid().into());
        let filters = [
            EntryFilter::default(),
            EntryFilter { kind: Some(entry.place.kind), ..EntryFilter::default() },
            EntryFilter { schedule: entry.place.schedule, ..EntryFilter::default() },
        ];
        let count = async |filter: &EntryFilter| {
            let organisation = entry.place.organisation;
            dynamo.entry_list(organisation, filter, now, PageRequest::default()).await.unwrap().items.len()
        };
        proxy.script([fault].repeat(3));
        let refused = dynamo.entry_put(&entry).await.unwrap_err();
        assert!(refused.retryable() && !matches!(refused, StoreError::Stale), "{fault:?}: {refused:?}");
        assert_eq!(proxy.left(), 0);
        for filter in &filters {
            assert_eq!(count(filter).await, there, "{fault:?}");
        }
        dynamo.entry_put(&entry).await.unwrap();
        for filter in &filters {
            assert_eq!(count(filter).await, 1, "{fault:?}");
        }
    }
}
