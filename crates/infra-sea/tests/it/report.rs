//! Runs of reports: their contract, and workers that race, are killed, and meet outages.

use std::{collections::BTreeSet, sync::Arc};

use ::report::{
    CatchUp, ChangeSchedule, CreateRun, CreateSchedule, Format, Kind, Period, ReportError, ReportReader,
    ReportRunner, ReportService, Run, RunFilter, RunState,
    testing::{FakeBlobs, FakeIndex, NoCosts, PlainRenderer, contract},
};
use chrono::TimeDelta;
use kernel::{
    Begin, Clock, IdSource, OrganisationId, PageRequest, ReportRunId, ReportScheduleId, Scope, Timestamp, Wh,
    testing::CountingIds,
};
use transaction::{Recorder, TransactionTx, testing};

use crate::{Fixture, on_both_engines};

on_both_engines!(
    keeps_the_contract,
    a_run_is_made_once_though_workers_race_and_one_is_killed,
    an_outage_of_files_or_index_shows_no_half_report,
    whoever_cancels_is_heard,
    what_expires_goes_with_its_file_and_entry,
    a_scheduled_report_is_made_once_though_workers_race_and_one_is_killed,
    what_was_missed_is_made_up_for_as_wanted,
);

async fn keeps_the_contract(fixture: &Fixture) {
    contract::work::holds(&*fixture.sea, &CountingIds::default()).await;
}

/// Several workers over one database, one store of files and one index.
struct Rig<'a> {
    fixture: &'a Fixture,
    ids: Arc<CountingIds>,
    blobs: FakeBlobs,
    index: FakeIndex,
    service: ReportService,
    scope: Scope,
}

impl<'a> Rig<'a> {
    fn new(fixture: &'a Fixture) -> Self {
        let ids = Arc::new(CountingIds::default());
        let (blobs, index) = (FakeBlobs::default(), FakeIndex::default());
        let service = ReportService::new(
            fixture.sea.clone(),
            Arc::new(blobs.clone()),
            Arc::new(index.clone()),
            fixture.clock.clone(),
            ids.clone(),
        );
        let scope = Scope::system(OrganisationId::from(ids.uuid()));
        Self { fixture, ids, blobs, index, service, scope }
    }

    fn worker(&self) -> ReportRunner {
        ReportRunner::new(
            self.fixture.sea.clone(),
            Arc::new(NoCosts),
            Arc::new(PlainRenderer),
            Arc::new(self.blobs.clone()),
            Arc::new(self.index.clone()),
            self.fixture.clock.clone(),
            self.ids.clone(),
            Some(TimeDelta::days(7)),
        )
    }

    /// Sessions of an hour, 10 kWh each.
    async fn sessions(&self, count: i64) {
        let recorder = Recorder::new(self.fixture.clock.clone(), self.ids.clone());
        let place = testing::place(&self.ids);
        let mut tx = Begin::<dyn TransactionTx>::begin(&*self.fixture.sea).await.unwrap();
        for n in 0..count {
            let begin = n * 60 - 100 * 60;
            let start = testing::start(place, begin);
            let begun = recorder.start(&mut *tx, self.scope.organisation(), start).await.unwrap().transaction;
            let stop = testing::stop(begun.number, begin + 59, 11_000);
            recorder.stop(&mut *tx, self.scope.organisation(), place, stop).await.unwrap();
        }
        tx.commit().await.unwrap();
    }

    async fn ask(&self) -> ReportRunId {
        let now = self.fixture.clock.now();
        let command = CreateRun {
            kind: Kind::ChargingSessions,
            format: Format::Csv,
            depot: None,
            from: now - TimeDelta::days(10),
            to: now,
        };
        self.service.run_create(&self.scope, command).await.unwrap().id
    }

    /// A report of the day before, at six in Berlin.
    async fn daily(&self, catch_up: CatchUp) -> ReportScheduleId {
        let command = CreateSchedule {
            name: "Daily".to_owned(),
            kind: Kind::ChargingSessions,
            format: Format::Csv,
            depot: None,
            cron: "0 6 * * *".to_owned(),
            timezone: "Europe/Berlin".to_owned(),
            period: Period::Day,
            catch_up,
            paused: false,
        };
        self.service.schedule_create(&self.scope, command).await.unwrap().id
    }

    /// The times that have runs, the newest first.
    async fn slots(&self, of: ReportScheduleId) -> Vec<Timestamp> {
        let organisation = self.scope.organisation();
        let (all, page) = (RunFilter::default(), PageRequest::default());
        let runs = self.fixture.sea.run_list(organisation, &all, page).await.unwrap().items;
        runs.into_iter().filter(|run| run.schedule == Some(of)).filter_map(|run| run.slot).collect()
    }

    async fn run(&self, id: ReportRunId) -> Run {
        self.fixture.sea.run_get(self.scope.organisation(), id).await.unwrap().unwrap()
    }
}

async fn a_run_is_made_once_though_workers_race_and_one_is_killed(fixture: &Fixture) {
    let rig = Rig::new(fixture);
    rig.sessions(20).await;
    let id = rig.ask().await;
    let [one, two, three] = [rig.worker(), rig.worker(), rig.worker()];
    let (first, second, third) = tokio::join!(one.take(), two.take(), three.take());
    let mut taken: Vec<_> = [first, second, third].into_iter().filter_map(Result::unwrap).collect();
    assert_eq!(taken.len(), 1, "one of them has it");
    // It is killed when it has begun: its future is dropped, and it says nothing more.
    let slow = taken.pop().unwrap();
    assert_eq!(rig.run(id).await.state, RunState::Running);
    fixture.clock.advance(TimeDelta::seconds(59));
    assert!(two.take().await.unwrap().is_none(), "its lease has not ended");
    fixture.clock.advance(TimeDelta::seconds(2));
    let (first, second) = tokio::join!(two.run_next(), three.run_next());
    assert_eq!(BTreeSet::from([first.unwrap(), second.unwrap()]), BTreeSet::from([true, false]));
    let made = rig.run(id).await;
    assert_eq!((made.state, made.attempt, made.progress), (RunState::Finished, 2, 100));
    let file = made.file.clone().unwrap();
    assert_eq!((file.rows, rig.blobs.keys()), (20, vec![made.key(2)]));
    // Only slow it was, not killed: what it does now changes nothing and leaves nothing.
    one.make(slow).await.unwrap();
    assert_eq!(rig.run(id).await, made);
    assert_eq!(rig.blobs.keys(), [made.key(2)]);
    let content = rig.blobs.content(&file.key).unwrap();
    let content = std::str::from_utf8(&content).unwrap();
    assert!(content.ends_with(&format!(
        "20 rows, [(\"Sessions\", Integer(20)), (\"Energy (kWh)\", Milli({}))]\n",
        Wh(200_000).get()
    )));
    assert_eq!(one.index_finished().await.unwrap(), 1);
    assert_eq!(two.index_finished().await.unwrap(), 0);
    assert_eq!(rig.index.entries(), [rig.run(id).await.entry().unwrap()]);
}

async fn an_outage_of_files_or_index_shows_no_half_report(fixture: &Fixture) {
    let rig = Rig::new(fixture);
    rig.sessions(3).await;
    let (id, worker) = (rig.ask().await, rig.worker());
    rig.blobs.away(true);
    assert!(worker.run_next().await.unwrap());
    let waits = rig.run(id).await;
    assert_eq!((waits.state, waits.file), (RunState::Queued, None));
    assert!(!worker.run_next().await.unwrap(), "it waits a little");
    fixture.clock.advance(TimeDelta::seconds(5));
    assert!(worker.run_next().await.unwrap());
    rig.blobs.away(false);
    rig.index.away(true);
    fixture.clock.advance(TimeDelta::seconds(10));
    assert!(worker.run_next().await.unwrap());
    assert_eq!((rig.run(id).await.state, rig.run(id).await.attempt), (RunState::Finished, 3));
    let shown = rig.service.run_get(&rig.scope, id).await.unwrap();
    assert!(shown.download_url.is_some(), "it can be had though the index is away");
    assert!(worker.index_finished().await.is_err());
    assert_eq!(rig.index.entries(), []);
    rig.index.away(false);
    assert_eq!(worker.index_finished().await.unwrap(), 1);
    assert_eq!(rig.index.entries().len(), 1);
    assert_eq!(rig.blobs.keys().len(), 1, "nothing is left of what failed");

    // For ever: it is told, and nothing is left.
    let lost = rig.ask().await;
    rig.blobs.away(true);
    for _ in 0..10 {
        assert!(worker.run_next().await.unwrap());
        fixture.clock.advance(TimeDelta::minutes(10));
    }
    let failed = rig.run(lost).await;
    assert_eq!(failed.state, RunState::Failed);
    assert_eq!(failed.failure, Some(::report::Failure::StoreAway));
    assert!(!worker.run_next().await.unwrap());
}

async fn whoever_cancels_is_heard(fixture: &Fixture) {
    let rig = Rig::new(fixture);
    let (waiting, worker) = (rig.ask().await, rig.worker());
    let cancelled = rig.service.run_cancel(&rig.scope, waiting).await.unwrap();
    assert_eq!(cancelled.state, RunState::Cancelled);
    assert!(!worker.run_next().await.unwrap());

    let begun = rig.ask().await;
    let taken = worker.take().await.unwrap().unwrap();
    let cancelling = rig.service.run_cancel(&rig.scope, begun).await.unwrap();
    assert_eq!(cancelling.state, RunState::Cancelling);
    worker.make(taken).await.unwrap();
    assert_eq!(rig.run(begun).await.state, RunState::Cancelled);
    assert!(rig.blobs.keys().is_empty());

    // Its worker is gone: the next that looks ends it.
    let orphan = rig.ask().await;
    drop(worker.take().await.unwrap().unwrap());
    rig.service.run_cancel(&rig.scope, orphan).await.unwrap();
    fixture.clock.advance(TimeDelta::seconds(61));
    assert!(!worker.run_next().await.unwrap());
    assert_eq!(rig.run(orphan).await.state, RunState::Cancelled);

    let made = rig.ask().await;
    assert!(worker.run_next().await.unwrap());
    assert!(matches!(rig.service.run_cancel(&rig.scope, made).await, Err(ReportError::Ended)));
}

async fn what_expires_goes_with_its_file_and_entry(fixture: &Fixture) {
    let rig = Rig::new(fixture);
    let (id, worker) = (rig.ask().await, rig.worker());
    assert!(worker.run_next().await.unwrap());
    worker.index_finished().await.unwrap();
    fixture.clock.advance(TimeDelta::days(7) - TimeDelta::seconds(1));
    assert_eq!(worker.forget_expired().await.unwrap(), 0);
    fixture.clock.advance(TimeDelta::seconds(1));
    let shown = rig.service.run_get(&rig.scope, id).await.unwrap();
    assert_eq!(shown.download_url, None);
    rig.index.away(true);
    assert!(worker.forget_expired().await.is_err());
    assert!(rig.blobs.keys().is_empty());
    rig.index.away(false);
    assert_eq!(worker.forget_expired().await.unwrap(), 1);
    assert!(rig.index.entries().is_empty());
    assert!(matches!(rig.service.run_get(&rig.scope, id).await, Err(ReportError::NoSuchRun)));
}

async fn a_scheduled_report_is_made_once_though_workers_race_and_one_is_killed(fixture: &Fixture) {
    let rig = Rig::new(fixture);
    rig.sessions(20).await;
    let id = rig.daily(CatchUp::Latest).await;
    let [one, two, three] = [rig.worker(), rig.worker(), rig.worker()];
    assert_eq!(one.request_due().await.unwrap(), 0, "it is not due yet");
    for day in 1..=3 {
        fixture.clock.advance(TimeDelta::days(1));
        let (first, second, third) = tokio::join!(one.request_due(), two.request_due(), three.request_due());
        assert_eq!(first.unwrap() + second.unwrap() + third.unwrap(), 1, "day {day}");
        assert_eq!(rig.slots(id).await.len(), day);
        // The one that takes it is killed in the middle.
        let (first, second, third) = tokio::join!(one.take(), two.take(), three.take());
        assert_eq!([first, second, third].into_iter().filter_map(Result::unwrap).count(), 1);
        fixture.clock.advance(TimeDelta::seconds(61));
        let made = tokio::join!(one.run_next(), two.run_next(), three.run_next());
        let made = [made.0, made.1, made.2].into_iter().filter(|made| *made.as_ref().unwrap()).count();
        assert_eq!(made, 1, "day {day}");
        one.index_finished().await.unwrap();
        assert_eq!((rig.blobs.keys().len(), rig.index.entries().len()), (day, day));
    }
    let entries = rig.index.entries();
    assert!(entries.iter().all(|entry| entry.place.schedule == Some(id)));
    assert!(entries.windows(2).all(|two| two[0].subject.to == two[1].subject.from), "day follows day");
}

async fn what_was_missed_is_made_up_for_as_wanted(fixture: &Fixture) {
    let rig = Rig::new(fixture);
    let [none, latest, all] =
        [rig.daily(CatchUp::None).await, rig.daily(CatchUp::Latest).await, rig.daily(CatchUp::All).await];
    let paused = rig.daily(CatchUp::All).await;
    let pause = |paused| ChangeSchedule { paused: Some(paused), ..ChangeSchedule::default() };
    rig.service.schedule_change(&rig.scope, paused, pause(true), None).await.unwrap();
    fixture.clock.advance(TimeDelta::days(3));
    let worker = rig.worker();
    assert_eq!(worker.request_due().await.unwrap(), 4);
    let count = async |id| rig.slots(id).await.len();
    assert_eq!((count(none).await, count(latest).await, count(all).await), (0, 1, 3));
    rig.service.schedule_change(&rig.scope, paused, pause(false), None).await.unwrap();
    assert_eq!(worker.request_due().await.unwrap(), 0, "a pause is not made up for");
    fixture.clock.advance(TimeDelta::days(1));
    assert_eq!(worker.request_due().await.unwrap(), 3, "for one it is three hours late");
    assert_eq!((count(none).await, count(latest).await, count(all).await, count(paused).await), (0, 2, 4, 1));
    assert_eq!(worker.request_due().await.unwrap(), 0);
}
