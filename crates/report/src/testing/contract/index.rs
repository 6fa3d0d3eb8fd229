//! What every index of reports must do.

use chrono::TimeDelta;
use kernel::{
    Clock, DepotId, IdSource, Limit, OrganisationId, PageRequest, ReportScheduleId, Timestamp,
    testing::FakeClock,
};

use crate::{
    kind::Kind,
    model::ReportEntry,
    port::{EntryFilter, ReportIndex},
    testing::entry,
};

/// Runs every clause on one index, in organisations of their own. `ids` are new to it.
pub async fn holds(index: &dyn ReportIndex, ids: &dyn IdSource) {
    entries_come_back_whole_and_once(index, ids).await;
    each_filter_narrows_over_pages(index, ids).await;
    nobody_sees_entries_of_others(index, ids).await;
    what_is_removed_or_has_expired_is_gone(index, ids).await;
}

fn now() -> Timestamp {
    FakeClock::default().now()
}

/// Reads page by page to the end.
async fn read(
    index: &dyn ReportIndex,
    organisation: OrganisationId,
    filter: &EntryFilter,
    limit: u16,
) -> Vec<ReportEntry> {
    let (mut found, mut after) = (Vec::new(), None);
    loop {
        let page = PageRequest { limit: Limit::new(limit).unwrap(), after };
        let read = index.entry_list(organisation, filter, now(), page).await.unwrap();
        assert!(read.items.len() <= usize::from(limit));
        found.extend(read.items);
        let Some(next) = read.next else { return found };
        assert_ne!(Some(next), after, "a cursor leads on");
        after = Some(next);
    }
}

async fn entries_come_back_whole_and_once(index: &dyn ReportIndex, ids: &dyn IdSource) {
    let organisation = ids.uuid().into();
    let mut bare = entry(ids, organisation);
    bare.place.at = now() - TimeDelta::microseconds(1);
    let mut full = entry(ids, organisation);
    full.place.schedule = Some(ids.uuid().into());
    full.subject.depots = Some(vec![ids.uuid().into(), ids.uuid().into()]);
    full.file.expires_at = Some(now() + TimeDelta::microseconds(1));
    full.file.bytes = 5_000_000_000;
    for entry in [&bare, &full, &full, &bare] {
        index.entry_put(entry).await.unwrap();
    }
    for limit in [1, 50] {
        assert_eq!(
            read(index, organisation, &EntryFilter::default(), limit).await,
            [full.clone(), bare.clone()]
        );
    }
}

async fn each_filter_narrows_over_pages(index: &dyn ReportIndex, ids: &dyn IdSource) {
    let organisation: OrganisationId = ids.uuid().into();
    let schedules: [ReportScheduleId; 2] = [ids.uuid().into(), ids.uuid().into()];
    let depots: [DepotId; 3] = [ids.uuid().into(), ids.uuid().into(), ids.uuid().into()];
    let mut all: Vec<ReportEntry> = (0..60_usize)
        .map(|n| {
            let mut entry = entry(ids, organisation);
            // Several at one instant.
            entry.place.at = now() - TimeDelta::hours(i64::try_from(n / 3).unwrap());
            entry.place.kind = Kind::ALL[n % 4];
            entry.subject.kind = entry.place.kind;
            entry.place.schedule = [None, Some(schedules[0]), Some(schedules[1])][n % 3];
            entry.subject.depots =
                [None, Some(vec![depots[0]]), Some(vec![depots[0], depots[1]]), Some(vec![depots[2]])]
                    [n / 2 % 4]
                    .clone();
            entry
        })
        .collect();
    for entry in &all {
        index.entry_put(entry).await.unwrap();
    }
    all.sort_by_key(|entry| std::cmp::Reverse((entry.place.at, entry.place.run)));
    let from = Some(now() - TimeDelta::hours(12));
    let kind = Some(Kind::EnergyAndCost);
    let schedule = Some(schedules[0]);
    let within = Some(vec![depots[0], depots[1]]);
    let none = EntryFilter::default;
    for (filter, least) in [
        (none(), 60),
        (EntryFilter { kind, ..none() }, 15),
        (EntryFilter { schedule, ..none() }, 20),
        (EntryFilter { kind, schedule, ..none() }, 5),
        (EntryFilter { from, to: Some(now() - TimeDelta::hours(2)), ..none() }, 30),
        (EntryFilter { kind, from, ..none() }, 9),
        (EntryFilter { schedule, to: from, ..none() }, 7),
        (EntryFilter { within: within.clone(), ..none() }, 30),
        (EntryFilter { within: Some(Vec::new()), ..none() }, 0),
        (EntryFilter { kind, within, ..none() }, 7),
    ] {
        let expected: Vec<_> = all.iter().filter(|entry| filter.matches(entry)).cloned().collect();
        assert!(expected.len() >= least, "{filter:?} finds {}", expected.len());
        for limit in [4, 500] {
            assert_eq!(read(index, organisation, &filter, limit).await, expected, "{filter:?}");
        }
    }
}

async fn nobody_sees_entries_of_others(index: &dyn ReportIndex, ids: &dyn IdSource) {
    let mut ours = entry(ids, ids.uuid().into());
    ours.place.schedule = Some(ids.uuid().into());
    index.entry_put(&ours).await.unwrap();
    let theirs = ids.uuid().into();
    for schedule in [None, ours.place.schedule] {
        let filter = EntryFilter { schedule, ..EntryFilter::default() };
        assert_eq!(read(index, theirs, &filter, 50).await, []);
        assert_eq!(read(index, ours.place.organisation, &filter, 50).await, std::slice::from_ref(&ours));
    }
}

async fn what_is_removed_or_has_expired_is_gone(index: &dyn ReportIndex, ids: &dyn IdSource) {
    let organisation = ids.uuid().into();
    let schedule = Some(ids.uuid().into());
    let [gone, mut stale, stays] = [(); 3].map(|()| {
        let mut entry = entry(ids, organisation);
        entry.place.schedule = schedule;
        entry
    });
    stale.file.expires_at = Some(now());
    for entry in [&gone, &stale, &stays] {
        index.entry_put(entry).await.unwrap();
    }
    index.entry_remove(&gone.place).await.unwrap();
    index.entry_remove(&gone.place).await.unwrap();
    for filter in [
        EntryFilter::default(),
        EntryFilter { kind: Some(stays.place.kind), ..EntryFilter::default() },
        EntryFilter { schedule, ..EntryFilter::default() },
    ] {
        assert_eq!(read(index, organisation, &filter, 50).await, std::slice::from_ref(&stays), "{filter:?}");
    }
}
