//! The use cases over a log in memory, and that log against its contract.

use std::sync::Arc;

use chrono::TimeDelta;
use futures::{TryStreamExt, executor::block_on};
use kernel::{
    Actor, ChargePointId, Clock, Fault, FaultClass, PageRequest, Permission, Scope,
    testing::{CountingIds, FakeClock, sight::FakeSight},
};
use message_log::{
    Direction, Frame, FrameQuery, FrameSink, FrameWriter, MessageLogError, MessageLogService,
    testing::{FakeFrames, contract, frame},
};

fn service(store: &Arc<FakeFrames>) -> MessageLogService {
    MessageLogService::new(store.clone(), Arc::new(FakeClock::default()))
}

#[test]
fn a_log_in_memory_is_a_log() {
    block_on(contract::holds_alone(&FakeFrames::default()));
}

#[test]
fn the_writer_says_until_when_and_repeats_without_harm() {
    block_on(async {
        let (store, ids, clock) =
            (Arc::new(FakeFrames::default()), CountingIds::default(), FakeClock::default());
        let frame = frame(&ids);
        let writer = FrameWriter::new(store.clone(), Some(TimeDelta::hours(1)));
        for _ in 0..2 {
            writer.frames_take(std::slice::from_ref(&frame)).await.unwrap();
        }
        assert_eq!(store.frames(), std::slice::from_ref(&frame));
        store.away(true);
        assert!(writer.frames_take(std::slice::from_ref(&frame)).await.unwrap_err().retryable());
        store.away(false);

        let service =
            MessageLogService::new(store, Arc::new(FakeClock::at(clock.now() + TimeDelta::hours(1))));
        let scope = Scope::system(frame.organisation);
        let page = service.frame_list(&scope, FrameQuery::default(), PageRequest::default()).await.unwrap();
        assert_eq!(page.items, []);
    });
}

#[test]
fn a_day_is_searched_unless_told_and_no_range_is_too_long() {
    block_on(async {
        let (store, ids, clock) =
            (Arc::new(FakeFrames::default()), CountingIds::default(), FakeClock::default());
        let now = clock.now();
        let recent = frame(&ids);
        let old = Frame {
            id: kernel::IdSource::uuid(&ids).into(),
            at: now - TimeDelta::hours(25),
            ..recent.clone()
        };
        let writer = FrameWriter::new(store.clone(), None);
        writer.frames_take(&[recent.clone(), old.clone()]).await.unwrap();
        let (service, scope) = (service(&store), Scope::system(recent.organisation));
        let listed = async |query: FrameQuery| {
            Ok::<_, MessageLogError>(service.frame_list(&scope, query, PageRequest::default()).await?.items)
        };
        assert_eq!(listed(FrameQuery::default()).await.unwrap(), std::slice::from_ref(&recent));
        let wide =
            FrameQuery { from: Some(now - TimeDelta::days(31)), to: Some(now), ..FrameQuery::default() };
        assert_eq!(listed(wide.clone()).await.unwrap(), std::slice::from_ref(&old));

        let refused = async |query: FrameQuery| match listed(query).await.unwrap_err().class() {
            FaultClass::Invalid(invalid) => invalid.errors[0].code,
            other => panic!("{other:?}"),
        };
        let wider =
            FrameQuery { from: Some(now - TimeDelta::days(32)), to: Some(now), ..FrameQuery::default() };
        assert_eq!(refused(wider.clone()).await, "range_too_long");
        let of_one = FrameQuery { charge_point: Some(recent.charge_point), ..wider };
        assert_eq!(listed(of_one).await.unwrap(), [old]);
        assert_eq!(refused(FrameQuery { from: Some(now), to: Some(now), ..wide }).await, "not_before_to");
    });
}

#[test]
fn who_is_limited_to_a_group_reads_of_its_charge_points_alone() {
    block_on(async {
        let (store, ids) = (Arc::new(FakeFrames::default()), CountingIds::default());
        let (ours, theirs) = (frame(&ids), frame(&ids));
        let theirs = Frame { organisation: ours.organisation, ..theirs };
        assert_ne!(ours.charge_point, theirs.charge_point);
        FrameWriter::new(store.clone(), None).frames_take(&[ours.clone(), theirs.clone()]).await.unwrap();
        let (sight, group) = (Arc::new(FakeSight::default()), kernel::IdSource::uuid(&ids).into());
        sight.put(group, ours.charge_point);
        let may = [Permission::MessageLogRead].into_iter().collect();
        let scope = sight.scope(ours.organisation, group, &may);
        let service = service(&store);
        let listed = async |charge_point: Option<ChargePointId>| {
            let query = FrameQuery { charge_point, ..FrameQuery::default() };
            let page = service.frame_list(&scope, query.clone(), PageRequest::default()).await.unwrap();
            let exported: Vec<Frame> =
                service.frame_export(&scope, query).await.unwrap().try_collect().await.unwrap();
            assert_eq!(exported, page.items);
            page.items
        };
        assert_eq!(listed(None).await, std::slice::from_ref(&ours));
        assert_eq!(listed(Some(ours.charge_point)).await, std::slice::from_ref(&ours));
        assert_eq!(listed(Some(theirs.charge_point)).await, []);
    });
}

#[test]
fn an_export_is_the_whole_list_and_needs_the_permission() {
    block_on(async {
        let (store, ids) = (Arc::new(FakeFrames::default()), CountingIds::default());
        let first = frame(&ids);
        let frames: Vec<Frame> = (0..450_i64)
            .map(|n| Frame {
                id: kernel::IdSource::uuid(&ids).into(),
                at: first.at - TimeDelta::seconds(n),
                direction: if n % 2 == 0 { Direction::In } else { Direction::Out },
                ..first.clone()
            })
            .collect();
        FrameWriter::new(store.clone(), None).frames_take(&frames).await.unwrap();
        let (service, scope) = (service(&store), Scope::system(first.organisation));
        let exported: Vec<Frame> =
            service.frame_export(&scope, FrameQuery::default()).await.unwrap().try_collect().await.unwrap();
        assert_eq!(exported, frames);
        let out = FrameQuery { direction: Some(Direction::Out), ..FrameQuery::default() };
        let exported: Vec<Frame> =
            service.frame_export(&scope, out).await.unwrap().try_collect().await.unwrap();
        assert_eq!(exported.len(), 225);

        let powerless = Scope::new(first.organisation, Actor::System, [Permission::DeadLetterRead].into());
        let refused = service.frame_list(&powerless, FrameQuery::default(), PageRequest::default()).await;
        assert!(matches!(refused, Err(MessageLogError::Denied(_))));
        assert!(service.frame_export(&powerless, FrameQuery::default()).await.is_err());
        store.away(true);
        assert!(service.frame_export(&scope, FrameQuery::default()).await.is_err(), "before the first line");
    });
}
