//! What every store of runs must do.

use std::collections::BTreeSet;

use chrono::TimeDelta;
use kernel::{
    Begin, Clock, IdSource, Limit, PageRequest, ReportRunId, StoreError, Timestamp, Version,
    testing::FakeClock,
};

use crate::{
    model::{Run, RunState},
    port::{ReportReader, ReportTx, RunFilter},
    schedule::Schedule,
    testing::{finished, run, schedule},
};

/// Runs every clause on one store, which nobody else uses.
pub async fn holds<S>(store: &S, ids: &dyn IdSource)
where
    S: Begin<dyn ReportTx> + ReportReader,
{
    a_run_comes_back_whole(store, ids).await;
    only_the_version_that_was_read_is_changed(store, ids).await;
    a_time_of_a_schedule_has_one_run(store, ids).await;
    what_is_due_comes_in_its_order(store, ids).await;
    what_is_to_be_told_or_forgotten_is_found(store, ids).await;
    schedules_come_back_change_and_are_due(store, ids).await;
}

fn now() -> Timestamp {
    FakeClock::default().now()
}

async fn insert<S: Begin<dyn ReportTx>>(store: &S, run: &Run) -> Result<(), StoreError> {
    let mut tx = store.begin().await?;
    tx.reports().run_insert(run).await?;
    tx.commit().await
}

async fn a_run_comes_back_whole<S: Begin<dyn ReportTx> + ReportReader>(store: &S, ids: &dyn IdSource) {
    let (ours, theirs) = (ids.uuid().into(), ids.uuid().into());
    let waiting = run(ids, ours);
    let mut done = finished(ids, ours);
    done.subject.depots = Some(vec![ids.uuid().into()]);
    done.schedule = Some(ids.uuid().into());
    done.slot = Some(now());
    for run in [&waiting, &done] {
        insert(store, run).await.unwrap();
        assert_eq!(store.run_get(ours, run.id).await.unwrap().as_ref(), Some(run));
        assert_eq!(store.run_get(theirs, run.id).await.unwrap(), None);
        let mut tx = store.begin().await.unwrap();
        assert_eq!(tx.reports().run_find(ours, run.id).await.unwrap().as_ref(), Some(run));
        assert_eq!(tx.reports().run_find(theirs, run.id).await.unwrap(), None);
    }
    let one = PageRequest { limit: Limit::new(1).unwrap(), after: None };
    let all = RunFilter::default();
    let first = store.run_list(ours, &all, one).await.unwrap();
    assert_eq!(first.items, [done.clone()], "the newest first");
    let second = store.run_list(ours, &all, PageRequest { after: first.next, ..one }).await.unwrap();
    assert_eq!((second.items, second.next), (vec![waiting.clone()], None));
    let queued = RunFilter { state: Some(RunState::Queued) };
    assert_eq!(store.run_list(ours, &queued, PageRequest::default()).await.unwrap().items, [waiting]);
    assert_eq!(store.run_list(theirs, &all, PageRequest::default()).await.unwrap().items, []);
    let mut tx = store.begin().await.unwrap();
    assert_eq!(tx.reports().runs_under_way(ours).await.unwrap(), 1);
    assert_eq!(tx.reports().runs_under_way(theirs).await.unwrap(), 0);
    tx.reports().run_delete(theirs, done.id).await.unwrap();
    tx.reports().run_delete(ours, done.id).await.unwrap();
    tx.reports().run_delete(ours, done.id).await.unwrap();
    assert_eq!(tx.reports().run_find(ours, done.id).await.unwrap(), None);
}

async fn only_the_version_that_was_read_is_changed<S>(store: &S, ids: &dyn IdSource)
where
    S: Begin<dyn ReportTx> + ReportReader,
{
    let mut run = run(ids, ids.uuid().into());
    insert(store, &run).await.unwrap();
    run.version = run.version.next();
    run.progress = 7;
    let mut tx = store.begin().await.unwrap();
    tx.reports().run_update(&run, Version::FIRST).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(store.run_get(run.organisation, run.id).await.unwrap(), Some(run.clone()));
    let mut tx = store.begin().await.unwrap();
    assert!(matches!(tx.reports().run_update(&run, Version::FIRST).await, Err(StoreError::Stale)));
}

async fn a_time_of_a_schedule_has_one_run<S: Begin<dyn ReportTx>>(store: &S, ids: &dyn IdSource) {
    let mut first = run(ids, ids.uuid().into());
    (first.schedule, first.slot) = (Some(ids.uuid().into()), Some(now()));
    insert(store, &first).await.unwrap();
    let again = Run { id: ids.uuid().into(), ..first.clone() };
    let refused = insert(store, &again).await;
    assert!(matches!(refused, Err(StoreError::Duplicate { ref rule }) if rule == "slot"), "{refused:?}");
    for other in [
        Run { slot: Some(now() + TimeDelta::hours(1)), ..again.clone() },
        Run { schedule: Some(ids.uuid().into()), ..again.clone() },
        Run { slot: None, ..again.clone() },
        Run { slot: None, ..again },
    ] {
        insert(store, &Run { id: ids.uuid().into(), ..other }).await.unwrap();
    }
}

async fn what_is_due_comes_in_its_order<S: Begin<dyn ReportTx> + ReportReader>(
    store: &S,
    ids: &dyn IdSource,
) {
    // Long ago, so that those of others come later.
    let long_ago = now() - TimeDelta::days(900);
    let mut made = Vec::new();
    for minutes in [3, 1, 2] {
        let mut run = run(ids, ids.uuid().into());
        run.due_at = Some(long_ago + TimeDelta::minutes(minutes));
        insert(store, &run).await.unwrap();
        made.push((run.organisation, run.id));
    }
    insert(store, &finished(ids, ids.uuid().into())).await.unwrap();
    let due =
        async |minutes, limit| store.runs_due(long_ago + TimeDelta::minutes(minutes), limit).await.unwrap();
    assert_eq!(due(0, 10).await, []);
    assert_eq!(due(2, 10).await, [made[1], made[2]]);
    assert_eq!(due(3, 2).await, [made[1], made[2]]);
    assert_eq!(due(3, 10).await, [made[1], made[2], made[0]]);
}

async fn what_is_to_be_told_or_forgotten_is_found<S: Begin<dyn ReportTx> + ReportReader>(
    store: &S,
    ids: &dyn IdSource,
) {
    let organisation = ids.uuid().into();
    let (told, new, old) =
        (finished(ids, organisation), finished(ids, organisation), finished(ids, organisation));
    let told = Run { indexed: true, ..told };
    let mut old = Run { indexed: true, ..old };
    if let Some(file) = &mut old.file {
        file.expires_at = Some(now());
    }
    let failed = Run { state: RunState::Failed, file: None, ..finished(ids, organisation) };
    let waiting = run(ids, organisation);
    for run in [&told, &new, &old, &failed, &waiting] {
        insert(store, run).await.unwrap();
    }
    let ours = |runs: Vec<Run>| -> BTreeSet<ReportRunId> {
        runs.into_iter().filter(|run| run.organisation == organisation).map(|run| run.id).collect()
    };
    assert_eq!(ours(store.runs_unindexed(500).await.unwrap()), BTreeSet::from([new.id]));
    let second = TimeDelta::seconds(1);
    let expired = async |ended_before, now| ours(store.runs_expired(ended_before, now, 500).await.unwrap());
    assert_eq!(expired(now(), now() - second).await, BTreeSet::new());
    assert_eq!(expired(now(), now()).await, BTreeSet::from([old.id]));
    assert_eq!(expired(now() + second, now()).await, BTreeSet::from([old.id, failed.id]));
}

async fn schedules_come_back_change_and_are_due<S: Begin<dyn ReportTx> + ReportReader>(
    store: &S,
    ids: &dyn IdSource,
) {
    let (ours, theirs) = (ids.uuid().into(), ids.uuid().into());
    let mut first = schedule(ids, ours);
    first.depots = Some(vec![ids.uuid().into()]);
    let mut second = schedule(ids, ours);
    second.next_at = Some(now() - TimeDelta::hours(1));
    let paused = Schedule { paused: true, ..schedule(ids, ours) };
    let resting = Schedule { next_at: None, ..schedule(ids, ours) };
    let all = [&first, &second, &paused, &resting];
    for schedule in all {
        let mut tx = store.begin().await.unwrap();
        tx.reports().schedule_insert(schedule).await.unwrap();
        assert_eq!(tx.reports().schedule_find(ours, schedule.id).await.unwrap().as_ref(), Some(schedule));
        assert_eq!(tx.reports().schedule_find(theirs, schedule.id).await.unwrap(), None);
        tx.commit().await.unwrap();
        assert_eq!(store.schedule_get(ours, schedule.id).await.unwrap().as_ref(), Some(schedule));
        assert_eq!(store.schedule_get(theirs, schedule.id).await.unwrap(), None);
    }
    let page = PageRequest { limit: Limit::new(3).unwrap(), after: None };
    let listed = store.schedule_list(ours, page).await.unwrap();
    assert_eq!(listed.items, [first.clone(), second.clone(), paused]);
    let rest = store.schedule_list(ours, PageRequest { after: listed.next, ..page }).await.unwrap();
    assert_eq!((rest.items, rest.next), (vec![resting], None));
    assert_eq!(store.schedule_list(theirs, page).await.unwrap().items, []);

    let due = async |at| -> Vec<_> {
        let due = store.schedules_due(at, 500).await.unwrap();
        due.into_iter().filter(|(organisation, _)| *organisation == ours).map(|(_, id)| id).collect()
    };
    assert_eq!(due(now()).await, [second.id, first.id]);
    assert_eq!(due(now() - TimeDelta::minutes(1)).await, [second.id]);

    first.version = first.version.next();
    first.next_at = Some(now() + TimeDelta::days(1));
    let mut tx = store.begin().await.unwrap();
    tx.reports().schedule_update(&first, Version::FIRST).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(store.schedule_get(ours, first.id).await.unwrap(), Some(first.clone()));
    let mut tx = store.begin().await.unwrap();
    assert!(matches!(tx.reports().schedule_update(&first, Version::FIRST).await, Err(StoreError::Stale)));
    drop(tx);
    let mut tx = store.begin().await.unwrap();
    let old = Schedule { version: Version::FIRST, ..first.clone() };
    assert!(matches!(tx.reports().schedule_delete(&old).await, Err(StoreError::Stale)));
    drop(tx);
    let mut tx = store.begin().await.unwrap();
    tx.reports().schedule_delete(&first).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(store.schedule_get(ours, first.id).await.unwrap(), None);
}
