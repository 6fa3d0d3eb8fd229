//! What every store of frames must do, whatever it is made of.

#![expect(clippy::unwrap_used, reason = "a contract is a test: it fails by panicking")]

use chrono::TimeDelta;
use kernel::{
    Clock, IdSource, Limit, OrganisationId, PageRequest, Timestamp,
    testing::{CountingIds, FakeClock},
};

use super::{frame, frame_of};
use crate::{
    model::{Direction, Frame, MessageType, Outcome, TEXT_LIMIT, Text},
    port::{FrameFilter, FrameStore, KeptFrame, PAGE_BYTES},
};

/// Runs every clause on one store, in organisations of their own. `ids` are new to the store.
pub async fn holds(store: &dyn FrameStore, ids: &dyn IdSource) {
    frames_come_back_whole(store, ids).await;
    a_frame_appended_again_is_one_entry(store, ids).await;
    the_newest_come_first_over_days_and_pages(store, ids).await;
    each_filter_narrows(store, ids).await;
    nobody_sees_frames_of_others(store, ids).await;
    what_has_expired_is_gone(store, ids).await;
    a_page_is_bounded(store, ids).await;
}

fn start() -> Timestamp {
    FakeClock::default().now()
}

fn kept(frames: &[Frame]) -> Vec<KeptFrame> {
    frames.iter().map(|frame| KeptFrame { frame: frame.clone(), expires_at: None }).collect()
}

/// Two days until a little after [`start`].
fn all() -> FrameFilter {
    FrameFilter::between(start() - TimeDelta::days(2), start() + TimeDelta::hours(1))
}

/// Reads page by page to the end.
async fn read(
    store: &dyn FrameStore,
    organisation: OrganisationId,
    filter: &FrameFilter,
    limit: u16,
) -> Vec<Frame> {
    let (mut found, mut after) = (Vec::new(), None);
    loop {
        let page = PageRequest { limit: Limit::new(limit).unwrap(), after };
        let read = store.frame_search(organisation, filter, start(), page).await.unwrap();
        assert!(read.items.len() <= usize::from(limit));
        found.extend(read.items);
        let Some(next) = read.next else { return found };
        assert_ne!(Some(next), after, "a cursor leads on");
        after = Some(next);
    }
}

async fn frames_come_back_whole(store: &dyn FrameStore, ids: &dyn IdSource) {
    let usual = frame(ids);
    let answer = Frame {
        id: ids.uuid().into(),
        connection: i64::MAX,
        direction: Direction::Out,
        at: start() + TimeDelta::microseconds(1),
        message_type: MessageType::Result,
        outcome: Some(Outcome::Accepted),
        ..usual.clone()
    };
    let bare = Frame {
        id: ids.uuid().into(),
        at: start() + TimeDelta::microseconds(2),
        identity: "CP \"1\" é \u{1f50c}".to_owned(),
        message_type: MessageType::Invalid,
        action: None,
        message_id: None,
        outcome: Some(Outcome::Unreadable),
        text: Text { kept: "\0 \u{7} \\ ' \" é \u{1f50c}".to_owned(), bytes: 99 },
        ..usual.clone()
    };
    let missing = Frame {
        id: ids.uuid().into(),
        at: start() + TimeDelta::microseconds(3),
        message_type: MessageType::Missing,
        outcome: Some(Outcome::TimedOut),
        text: Text::default(),
        ..usual.clone()
    };
    let organisation = usual.organisation;
    store
        .frames_append(&kept(&[usual.clone(), answer.clone(), bare.clone(), missing.clone()]))
        .await
        .unwrap();
    assert_eq!(read(store, organisation, &all(), 50).await, [missing, bare, answer, usual]);
    store.frames_append(&[]).await.unwrap();
}

async fn a_frame_appended_again_is_one_entry(store: &dyn FrameStore, ids: &dyn IdSource) {
    let (first, second) = (frame(ids), frame(ids));
    let second = Frame { organisation: first.organisation, at: start() - TimeDelta::seconds(1), ..second };
    let both = [first.clone(), second.clone()];
    store.frames_append(&kept(&both)).await.unwrap();
    store.frames_append(&kept(&[second.clone(), first.clone(), first.clone()])).await.unwrap();
    assert_eq!(read(store, first.organisation, &all(), 50).await, both);
}

async fn the_newest_come_first_over_days_and_pages(store: &dyn FrameStore, ids: &dyn IdSource) {
    let (organisation, chargers) = (ids.uuid().into(), [ids.uuid().into(), ids.uuid().into()]);
    // More than any batch, over days, hours and the turn of both, several at one instant.
    let frames: Vec<Frame> = (0..70_i32)
        .map(|n| Frame {
            at: start() - TimeDelta::hours(8) - TimeDelta::minutes(i64::from(n / 3) * 47),
            ..frame_of(ids, organisation, chargers[usize::from(n % 3 == 0)])
        })
        .collect();
    store.frames_append(&kept(&frames)).await.unwrap();
    let mut expected = frames.clone();
    expected.sort_by_key(|frame| std::cmp::Reverse((frame.at, frame.id)));
    for limit in [7, 70, 500] {
        assert_eq!(read(store, organisation, &all(), limit).await, expected);
    }
    for charger in chargers {
        let of_one = FrameFilter { charge_point: Some(charger), ..all() };
        let expected: Vec<Frame> =
            expected.iter().filter(|frame| frame.charge_point == charger).cloned().collect();
        for limit in [4, 500] {
            assert_eq!(read(store, organisation, &of_one, limit).await, expected);
        }
    }
}

async fn each_filter_narrows(store: &dyn FrameStore, ids: &dyn IdSource) {
    let call = frame(ids);
    let at = |seconds| start() + TimeDelta::seconds(seconds);
    let like = |change: &dyn Fn(&mut Frame)| {
        let mut frame = Frame { id: ids.uuid().into(), ..call.clone() };
        change(&mut frame);
        frame
    };
    let answer = like(&|frame| {
        frame.direction = Direction::Out;
        frame.at = at(1);
        frame.outcome = Some(Outcome::Rejected);
    });
    let other = like(&|frame| {
        frame.at = at(2);
        frame.action = Some("Authorize".to_owned());
        frame.message_id = Some("m-2".to_owned());
    });
    let another = like(&|frame| {
        frame.at = at(3);
        frame.charge_point = ids.uuid().into();
    });
    let frames = [another.clone(), other.clone(), answer.clone(), call.clone()];
    store.frames_append(&kept(&frames)).await.unwrap();
    let narrowed = async |change: &dyn Fn(&mut FrameFilter)| {
        let mut filter = all();
        change(&mut filter);
        let found = read(store, call.organisation, &filter, 50).await;
        assert_eq!(found, frames.iter().filter(|frame| filter.matches(frame)).cloned().collect::<Vec<_>>());
        // Of one charge point the same, and another way in some stores.
        filter.charge_point = Some(call.charge_point);
        let of_one = read(store, call.organisation, &filter, 50).await;
        assert_eq!(of_one, frames.iter().filter(|frame| filter.matches(frame)).cloned().collect::<Vec<_>>());
        (found.len(), of_one.len())
    };
    assert_eq!(narrowed(&|_| ()).await, (4, 3));
    assert_eq!(narrowed(&|filter| (filter.from, filter.to) = (at(1), at(3))).await, (2, 2));
    assert_eq!(narrowed(&|filter| filter.to = start()).await, (0, 0));
    assert_eq!(narrowed(&|filter| filter.action = Some("Heartbeat".to_owned())).await, (3, 2));
    assert_eq!(narrowed(&|filter| filter.direction = Some(Direction::Out)).await, (1, 1));
    assert_eq!(narrowed(&|filter| filter.message_id = Some("m-1".to_owned())).await, (3, 2));
    assert_eq!(narrowed(&|filter| filter.outcome = Some(Outcome::Rejected)).await, (1, 1));
    assert_eq!(narrowed(&|filter| filter.outcome = Some(Outcome::Error)).await, (0, 0));
}

async fn nobody_sees_frames_of_others(store: &dyn FrameStore, ids: &dyn IdSource) {
    let ours = frame(ids);
    store.frames_append(&kept(std::slice::from_ref(&ours))).await.unwrap();
    let theirs: OrganisationId = ids.uuid().into();
    assert_eq!(read(store, theirs, &all(), 50).await, []);
    let of_ours = FrameFilter { charge_point: Some(ours.charge_point), ..all() };
    assert_eq!(read(store, theirs, &of_ours, 50).await, []);
}

async fn what_has_expired_is_gone(store: &dyn FrameStore, ids: &dyn IdSource) {
    let (fresh, stale) = (frame(ids), frame(ids));
    let stale = Frame { organisation: fresh.organisation, charge_point: fresh.charge_point, ..stale };
    let later = start() + TimeDelta::seconds(1);
    store
        .frames_append(&[
            KeptFrame { frame: fresh.clone(), expires_at: Some(later) },
            KeptFrame { frame: stale, expires_at: Some(start()) },
        ])
        .await
        .unwrap();
    // Not there at once, whenever the store gets around to removing it.
    for charge_point in [None, Some(fresh.charge_point)] {
        let filter = FrameFilter { charge_point, ..all() };
        assert_eq!(read(store, fresh.organisation, &filter, 50).await, std::slice::from_ref(&fresh));
    }
    store.frames_forget(start()).await.unwrap();
    assert_eq!(read(store, fresh.organisation, &all(), 50).await, std::slice::from_ref(&fresh));
    let page = store.frame_search(fresh.organisation, &all(), later, PageRequest::default()).await.unwrap();
    assert_eq!(page.items, []);
}

async fn a_page_is_bounded(store: &dyn FrameStore, ids: &dyn IdSource) {
    let one = frame(ids);
    let large: Vec<Frame> = (0..30)
        .map(|n| Frame {
            id: ids.uuid().into(),
            at: start() - TimeDelta::seconds(n),
            text: Text::of(&"x".repeat(TEXT_LIMIT)),
            ..one.clone()
        })
        .collect();
    store.frames_append(&kept(&large)).await.unwrap();
    for charge_point in [None, Some(one.charge_point)] {
        let filter = FrameFilter { charge_point, ..all() };
        let page = PageRequest { limit: Limit::new(500).unwrap(), after: None };
        let first = store.frame_search(one.organisation, &filter, start(), page).await.unwrap();
        let bytes: usize = first.items.iter().map(|frame| frame.text.kept.len()).sum();
        assert!(bytes < PAGE_BYTES + TEXT_LIMIT, "{bytes} bytes");
        assert!(first.next.is_some());
        assert_eq!(read(store, one.organisation, &filter, 500).await, large);
    }
}

/// The contract with ids that count, for a store that nobody else uses.
pub async fn holds_alone(store: &dyn FrameStore) {
    holds(store, &CountingIds::default()).await;
}
