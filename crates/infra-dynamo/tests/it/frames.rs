//! The message log.

use chrono::TimeDelta;
use kernel::{
    Clock, IdSource, Limit, PageRequest,
    testing::{CountingIds, FakeClock},
};
use message_log::{
    Frame, FrameFilter, FrameStore, KeptFrame, Text,
    testing::{contract, frame_of},
};

use crate::dynamo;

#[tokio::test(flavor = "multi_thread")]
async fn keeps_the_contract() {
    let Some(dynamo) = dynamo().await else { return };
    contract::holds_alone(&dynamo).await;
}

/// More than one request may look at, and what is sought is rare.
#[tokio::test(flavor = "multi_thread")]
async fn what_is_rare_is_found_over_as_many_pages_as_it_takes() {
    let Some(dynamo) = dynamo().await else { return };
    let (ids, now) = (CountingIds::default(), FakeClock::default().now());
    let (organisation, charge_point) = (ids.uuid().into(), ids.uuid().into());
    let frames: Vec<Frame> = (0..120_i64)
        .map(|n| Frame {
            at: now - TimeDelta::seconds(n),
            message_id: Some(format!("m-{n}")),
            text: Text::of(&"x".repeat(60_000)),
            ..frame_of(&ids, organisation, charge_point)
        })
        .collect();
    let kept: Vec<KeptFrame> =
        frames.iter().map(|frame| KeptFrame { frame: frame.clone(), expires_at: None }).collect();
    dynamo.frames_append(&kept).await.unwrap();
    for charge_point in [Some(charge_point), None] {
        let filter = FrameFilter {
            charge_point,
            message_id: Some("m-119".to_owned()),
            // Far more hours than one page is worth.
            ..FrameFilter::between(now - TimeDelta::days(5), now + TimeDelta::hours(1))
        };
        let (mut found, mut pages, mut after) = (Vec::new(), 0, None);
        loop {
            let page = PageRequest { limit: Limit::new(10).unwrap(), after };
            let read = dynamo.frame_search(organisation, &filter, now, page).await.unwrap();
            found.extend(read.items);
            pages += 1;
            after = read.next;
            if after.is_none() {
                break;
            }
        }
        assert_eq!(found, frames[119..]);
        assert_eq!(pages > 1, charge_point.is_none(), "{pages} pages");
    }
}

/// A cursor of one range handed in with another is harmless.
#[tokio::test(flavor = "multi_thread")]
async fn a_cursor_before_the_range_finds_nothing() {
    let Some(dynamo) = dynamo().await else { return };
    let (ids, now) = (CountingIds::default(), FakeClock::default().now());
    let frame = frame_of(&ids, ids.uuid().into(), ids.uuid().into());
    let organisation = frame.organisation;
    dynamo.frames_append(&[KeptFrame { frame, expires_at: None }]).await.unwrap();
    let filter = FrameFilter::between(now, now + TimeDelta::hours(1));
    let cursor =
        |at| PageRequest { after: Some(kernel::Cursor::at(at, uuid::Uuid::nil())), ..PageRequest::default() };
    let early =
        dynamo.frame_search(organisation, &filter, now, cursor(now - TimeDelta::days(1))).await.unwrap();
    assert_eq!((early.items, early.next), (Vec::new(), None));
    let late =
        dynamo.frame_search(organisation, &filter, now, cursor(now + TimeDelta::days(1))).await.unwrap();
    assert_eq!(late.items.len(), 1);
}
