//! What every store of transactions must do, whatever it is made of.
#![expect(clippy::unwrap_used, reason = "a contract is a test: it fails by panicking")]

use std::sync::Arc;

use kernel::{
    Begin, IdSource, Limit, OrganisationId, PageRequest, Soc, W,
    testing::{CountingIds, FakeClock},
};
use serde_json::json;

use super::{meter, minute, place, start, stop};
use crate::{
    model::{Flag, MeterReport, StartReport, TransactionNumber, TransactionPlace, TransactionState},
    port::{OpenSessionReader, TransactionFilter, TransactionReader, TransactionTx},
    service::{Recorder, Started, Stopped},
};

/// Every port of this domain on one store.
pub trait Store: Begin<dyn TransactionTx> + TransactionReader + OpenSessionReader {}
impl<T: Begin<dyn TransactionTx> + TransactionReader + OpenSessionReader> Store for T {}

/// Runs the whole contract. `place` gives a place that the store takes: stores with foreign keys
/// need its charge point and depot to exist.
pub async fn contract(store: &dyn Store) {
    let charger = Charger::new(store);
    charger.a_session_is_stored_whole().await;
    charger.a_repeated_start_is_the_same_transaction().await;
    charger.a_new_start_ends_the_one_before().await;
    charger.a_refused_start_ends_nothing().await;
    charger.stops_count_once_and_unknown_ones_are_kept().await;
    charger.a_stop_without_a_number_counts_once().await;
    charger.readings_find_their_transaction().await;
    charger.transactions_read_together_are_what_they_would_be_alone().await;
    charger.pages_and_filters().await;
    charger.others_see_nothing().await;
}

struct Charger<'a> {
    store: &'a dyn Store,
    ids: Arc<CountingIds>,
    recorder: Recorder,
}

impl<'a> Charger<'a> {
    fn new(store: &'a dyn Store) -> Self {
        let ids = Arc::new(CountingIds::default());
        Self { store, recorder: Recorder::new(Arc::new(FakeClock::default()), ids.clone()), ids }
    }

    fn somewhere(&self) -> (OrganisationId, TransactionPlace) {
        (self.ids.uuid().into(), place(&self.ids))
    }

    async fn start(&self, organisation: OrganisationId, report: StartReport) -> Started {
        let mut tx = self.store.begin().await.unwrap();
        let started = self.recorder.start(&mut *tx, organisation, report).await.unwrap();
        tx.commit().await.unwrap();
        started
    }

    async fn readings(
        &self,
        (organisation, place): (OrganisationId, TransactionPlace),
        number: Option<TransactionNumber>,
        reports: Vec<MeterReport>,
    ) {
        let mut tx = self.store.begin().await.unwrap();
        self.recorder
            .readings(&mut *tx, organisation, place.charge_point, place.connector, number, reports)
            .await
            .unwrap();
        tx.commit().await.unwrap();
    }

    async fn stop(
        &self,
        (organisation, place): (OrganisationId, TransactionPlace),
        report: crate::model::StopReport,
    ) -> Stopped {
        let mut tx = self.store.begin().await.unwrap();
        let stopped = self.recorder.stop(&mut *tx, organisation, place, report).await.unwrap();
        tx.commit().await.unwrap();
        stopped
    }

    async fn transactions_read_together_are_what_they_would_be_alone(&self) {
        let mut sessions = Vec::new();
        for _ in 0..3 {
            let (organisation, place) = self.somewhere();
            sessions.push((organisation, self.start(organisation, start(place, 0)).await.transaction));
        }
        let key = |(organisation, transaction): &(OrganisationId, crate::model::Transaction)| {
            (*organisation, transaction.place.charge_point, transaction.number)
        };
        let mut expected: Vec<_> = sessions.iter().map(key).collect();
        let (stranger, theirs, _) = expected[2];
        expected.push((stranger, theirs, TransactionNumber(i32::MAX)));

        let mut tx = self.store.begin().await.unwrap();
        tx.transactions().transactions_expect(&expected).await.unwrap();
        let report = |minute| vec![meter(minute, 1_000 + minute * 100)];
        for at in [5, 6] {
            for (organisation, session) in &sessions[..2] {
                let place = session.place;
                let number = Some(session.number);
                let recorded = self.recorder.readings(
                    &mut *tx,
                    *organisation,
                    place.charge_point,
                    place.connector,
                    number,
                    report(at),
                );
                let touched = recorded.await.unwrap();
                assert_eq!(touched.len(), 1);
                // Whoever asks in another way sees the change as well.
                let same =
                    tx.transactions().transaction_find(*organisation, session.id).await.unwrap().unwrap();
                assert_eq!(same.energy, touched[0].energy);
            }
        }
        // Of another charge point, or of nobody.
        let (organisation, number) = (sessions[0].0, sessions[0].1.number);
        let unknown = TransactionNumber(i32::MAX);
        for (charge_point, number) in [(theirs, number), (sessions[0].1.place.charge_point, unknown)] {
            let found =
                tx.transactions().transaction_find_by_number(organisation, charge_point, number).await;
            assert!(found.unwrap().is_none());
        }
        tx.commit().await.unwrap();
        let mut energies = Vec::new();
        for (organisation, session) in &sessions {
            let stored = self.store.transaction_get(*organisation, session.id).await.unwrap().unwrap();
            energies.push(stored.energy.get());
        }
        assert_eq!(energies, [600, 600, 0]);
    }

    async fn a_session_is_stored_whole(&self) {
        let (organisation, place) = self.somewhere();
        let started = self.start(organisation, start(place, 0)).await.transaction;
        assert!(started.number.is_known());
        let full = MeterReport {
            power: Some(W(11_000)),
            soc: Soc::from_percent(40.0),
            rest: json!({"Temperature": "21"}).as_object().cloned().unwrap_or_default(),
            ..meter(10, 3_000)
        };
        self.readings((organisation, place), Some(started.number), vec![meter(5, 2_000), full]).await;

        let sessions = self.store.open_sessions(organisation, place.depot).await.unwrap();
        assert_eq!(sessions.len(), 1);
        assert_eq!((sessions[0].energy.get(), sessions[0].latest.unwrap().power), (2_000, Some(W(11_000))));

        self.stop((organisation, place), stop(started.number, 20, 4_500)).await;
        let stored = self.store.transaction_get(organisation, started.id).await.unwrap().unwrap();
        assert_eq!((stored.state, stored.energy.get()), (TransactionState::Finished, 3_500));
        assert_eq!((stored.stopped_at, stored.soc_end), (Some(minute(20)), Soc::from_percent(40.0)));
        assert!(stored.flags.is_empty());
        assert!(self.store.open_sessions(organisation, place.depot).await.unwrap().is_empty());
        let readings =
            self.store.reading_list(organisation, started.id, PageRequest::default()).await.unwrap();
        assert_eq!(
            readings.items.iter().map(|r| r.energy.unwrap().get()).collect::<Vec<_>>(),
            [2_000, 3_000]
        );
        assert_eq!(readings.items[1].rest["Temperature"], "21");
    }

    async fn a_repeated_start_is_the_same_transaction(&self) {
        let (organisation, place) = self.somewhere();
        let first = self.start(organisation, start(place, 0)).await;
        let again = self.start(organisation, start(place, 0)).await;
        assert!(again.repeated && !first.repeated);
        assert_eq!(again.transaction, first.transaction);
        let neighbour = TransactionPlace { connector: 2, ..place };
        let other = self.start(organisation, start(neighbour, 0)).await.transaction;
        assert_ne!((other.id, other.number), (first.transaction.id, first.transaction.number));
        assert_eq!(self.store.open_sessions(organisation, place.depot).await.unwrap().len(), 2);
    }

    async fn a_new_start_ends_the_one_before(&self) {
        let (organisation, place) = self.somewhere();
        let first = self.start(organisation, start(place, 0)).await.transaction;
        self.readings((organisation, place), None, vec![meter(5, 2_500)]).await;
        let second = self.start(organisation, start(place, 30)).await;
        assert_eq!(second.replaced.map(|replaced| replaced.id), Some(first.id));
        let ended = self.store.transaction_get(organisation, first.id).await.unwrap().unwrap();
        assert_eq!((ended.state, ended.energy.get()), (TransactionState::Abandoned, 1_500));
        assert!(ended.flags.contains(&Flag::Replaced));

        // Its stop, should it come after all, is the better news.
        self.stop((organisation, place), stop(first.number, 29, 3_000)).await;
        let ended = self.store.transaction_get(organisation, first.id).await.unwrap().unwrap();
        assert_eq!((ended.state, ended.energy.get()), (TransactionState::Finished, 2_000));

        // A start from before comes last: the present transaction goes on.
        let late = self.start(organisation, start(place, -60)).await.transaction;
        assert_eq!(late.state, TransactionState::Abandoned);
        let open = self.store.open_sessions(organisation, place.depot).await.unwrap();
        assert_eq!(
            open.iter().map(|session| session.transaction).collect::<Vec<_>>(),
            [second.transaction.id]
        );
    }

    async fn a_refused_start_ends_nothing(&self) {
        let (organisation, place) = self.somewhere();
        let live = self.start(organisation, start(place, 0)).await.transaction;
        let refused = StartReport { refused: true, id_tag: Some("OTHER".into()), ..start(place, 5) };
        let refused = self.start(organisation, refused).await;
        assert_eq!((refused.transaction.state, refused.replaced), (TransactionState::Pending, None));
        let stored = self.store.transaction_get(organisation, live.id).await.unwrap().unwrap();
        assert_eq!(stored.state, TransactionState::Active);

        // What is measured meanwhile belongs to the one that runs.
        self.readings((organisation, place), None, vec![meter(6, 2_000)]).await;
        let stored = self.store.transaction_get(organisation, live.id).await.unwrap().unwrap();
        assert_eq!(stored.energy.get(), 1_000);
        let refused = self.store.transaction_get(organisation, refused.transaction.id).await.unwrap();
        assert_eq!(refused.unwrap().energy.get(), 0);

        // The next start ends both.
        let next = self.start(organisation, start(place, 10)).await;
        assert_eq!(next.replaced.map(|replaced| replaced.id), Some(live.id));
        let open = self.store.open_sessions(organisation, place.depot).await.unwrap();
        assert_eq!(open.iter().map(|session| session.transaction).collect::<Vec<_>>(), [next.transaction.id]);
    }

    async fn a_stop_without_a_number_counts_once(&self) {
        let (organisation, place) = self.somewhere();
        let offline = self.start(organisation, start(place, 0)).await.transaction;
        let unnumbered = stop(TransactionNumber(-1), 10, 1_800);
        let guessed = self.stop((organisation, place), unnumbered.clone()).await;
        assert!(matches!(guessed, Stopped::Ended(ref ended) if ended.id == offline.id));
        // The neighbour would fit as well, but the charger only repeats itself.
        let neighbour = TransactionPlace { connector: 2, ..place };
        let running = self.start(organisation, start(neighbour, 5)).await.transaction;
        let again = self.stop((organisation, place), unnumbered).await;
        assert!(matches!(again, Stopped::Repeated(ref ended) if ended.id == offline.id), "{again:?}");
        let running = self.store.transaction_get(organisation, running.id).await.unwrap().unwrap();
        assert_eq!(running.state, TransactionState::Active);
        let all = TransactionFilter { charge_point: Some(place.charge_point), ..Default::default() };
        let all =
            self.store.transaction_list(&organisation.into(), &all, PageRequest::default()).await.unwrap();
        assert_eq!(all.items.len(), 2);
    }

    async fn stops_count_once_and_unknown_ones_are_kept(&self) {
        let (organisation, place) = self.somewhere();
        let begun = self.start(organisation, start(place, 0)).await.transaction;
        assert!(matches!(
            self.stop((organisation, place), stop(begun.number, 10, 2_000)).await,
            Stopped::Ended(_)
        ));
        let again = self.stop((organisation, place), stop(begun.number, 15, 9_000)).await;
        assert!(matches!(again, Stopped::Repeated(ref known) if known.energy.get() == 1_000));

        for number in [0, -1, 2_000_000_000] {
            let unknown = stop(TransactionNumber(number), 40 + i64::from(number.clamp(-1, 1)), 5_000);
            let kept = self.stop((organisation, place), unknown.clone()).await;
            assert!(matches!(kept, Stopped::Unmatched(_)), "{number}: {kept:?}");
            assert!(kept.transaction().flags.contains(&Flag::UnknownStart));
            let repeated = self.stop((organisation, place), unknown).await;
            assert_eq!(
                (repeated.transaction().id, repeated.transaction().state),
                (kept.transaction().id, TransactionState::Finished)
            );
        }

        let offline = self.start(organisation, start(place, 60)).await.transaction;
        let guessed = self.stop((organisation, place), stop(TransactionNumber(-1), 70, 1_800)).await;
        assert!(
            matches!(guessed, Stopped::Ended(ref ended) if ended.id == offline.id && ended.flags.contains(&Flag::GuessedStop))
        );
    }

    async fn readings_find_their_transaction(&self) {
        let (organisation, place) = self.somewhere();
        // Nobody has started anything yet: the reading is kept without.
        self.readings((organisation, place), None, vec![meter(-5, 900)]).await;
        let begun = self.start(organisation, start(place, 0)).await.transaction;
        let unknown = Some(TransactionNumber(2_000_000_001));
        self.readings((organisation, place), unknown, vec![meter(1, 1_100)]).await;
        self.readings((organisation, place), None, vec![meter(2, 1_200), meter(2, 1_200)]).await;
        self.stop((organisation, place), stop(begun.number, 10, 2_000)).await;
        // Late, by number and by time: kept, and nothing else changes.
        self.readings((organisation, place), Some(begun.number), vec![meter(9, 1_900)]).await;
        self.readings((organisation, place), None, vec![meter(8, 1_800)]).await;
        self.readings((organisation, place), Some(begun.number), vec![meter(11, 9_000)]).await;
        let readings = self.store.reading_list(organisation, begun.id, PageRequest::default()).await.unwrap();
        let registers: Vec<i64> = readings.items.iter().map(|r| r.energy.unwrap().get()).collect();
        assert_eq!(registers, [1_100, 1_200, 1_800, 1_900, 9_000]);
        let stored = self.store.transaction_get(organisation, begun.id).await.unwrap().unwrap();
        assert_eq!((stored.state, stored.energy.get()), (TransactionState::Finished, 1_000));
    }

    async fn pages_and_filters(&self) {
        let (organisation, place) = self.somewhere();
        let mut newest_first = Vec::new();
        for minutes in 0..5 {
            let begun = self.start(organisation, start(place, minutes * 10)).await.transaction;
            newest_first.insert(0, begun.id);
        }
        let mut seen = Vec::new();
        let mut page = PageRequest { limit: Limit::new(2).unwrap(), after: None };
        loop {
            let found = self
                .store
                .transaction_list(&organisation.into(), &TransactionFilter::default(), page)
                .await
                .unwrap();
            seen.extend(found.items.iter().map(|transaction| transaction.id));
            let Some(next) = found.next else { break };
            page.after = Some(next);
        }
        assert_eq!(seen, newest_first);
        for (filter, count) in [
            (TransactionFilter { charge_point: Some(place.charge_point), ..Default::default() }, 5),
            (TransactionFilter { depot: Some(place.depot), ..Default::default() }, 5),
            (TransactionFilter { state: Some(TransactionState::Active), ..Default::default() }, 1),
            (TransactionFilter { from: Some(minute(10)), to: Some(minute(30)), ..Default::default() }, 2),
            (TransactionFilter { vehicle: Some(self.ids.uuid().into()), ..Default::default() }, 0),
        ] {
            let found = self
                .store
                .transaction_list(&organisation.into(), &filter, PageRequest::default())
                .await
                .unwrap();
            assert_eq!(found.items.len(), count, "{filter:?}");
        }
    }

    async fn others_see_nothing(&self) {
        let (organisation, place) = self.somewhere();
        let begun = self.start(organisation, start(place, 0)).await.transaction;
        let other: OrganisationId = self.ids.uuid().into();
        assert_eq!(self.store.transaction_get(other, begun.id).await.unwrap(), None);
        assert!(self.store.open_sessions(other, place.depot).await.unwrap().is_empty());
        let page = self
            .store
            .transaction_list(&other.into(), &TransactionFilter::default(), PageRequest::default())
            .await;
        assert!(page.unwrap().items.is_empty());
        let elsewhere = TransactionPlace { charge_point: self.ids.uuid().into(), ..place };
        let stopped = self.stop((organisation, elsewhere), stop(begun.number, 10, 2_000)).await;
        assert!(
            matches!(stopped, Stopped::Unmatched(_)),
            "a charger ended another's transaction: {stopped:?}"
        );
    }
}
