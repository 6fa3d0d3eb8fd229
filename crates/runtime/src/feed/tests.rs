//! Following a feed that is made up.

use std::sync::Mutex;

use async_trait::async_trait;
use kernel::{
    FeedEnds, IdSource,
    testing::{CountingIds, FakeClock},
};
use serde_json::json;

use super::*;

#[derive(Default)]
struct Written {
    events: Mutex<Vec<FedEvent>>,
    forgotten: Mutex<i64>,
    reads: Mutex<usize>,
    broken: AtomicBool,
}

fn ours() -> OrganisationId {
    CountingIds::default().uuid().into()
}

impl Written {
    fn write(&self, name: &'static str, organisation: OrganisationId) {
        let mut events = self.events.lock().unwrap();
        let place = events.last().map_or(1, |last| last.place + 1);
        let event =
            Event::new(&FakeClock::default(), &CountingIds::default(), organisation, name, "key", json!({}));
        events.push(FedEvent { place, event });
    }
}

#[async_trait]
impl EventFeed for Written {
    async fn feed_after(
        &self,
        place: i64,
        organisation: Option<OrganisationId>,
        limit: u16,
    ) -> Result<Vec<FedEvent>, StoreError> {
        *self.reads.lock().unwrap() += 1;
        if self.broken.load(Ordering::Relaxed) {
            return Err(StoreError::Unavailable("gone".into()));
        }
        let events = self.events.lock().unwrap();
        let of = |fed: &&FedEvent| fed.place > place && Some(fed.event.organisation) == organisation;
        Ok(events.iter().filter(of).take(limit.into()).cloned().collect())
    }

    async fn feed_ends(&self) -> Result<FeedEnds, StoreError> {
        let newest = self.events.lock().unwrap().last().map_or(0, |last| last.place);
        Ok(FeedEnds { forgotten: *self.forgotten.lock().unwrap(), newest })
    }
}

/// Hears what is named like this.
struct Named(&'static str);

#[async_trait]
impl Listener for Named {
    async fn hears(&self, event: &Event) -> Result<bool, StoreError> {
        Ok(event.name.starts_with(self.0))
    }
}

struct Rig {
    written: Arc<Written>,
    feed: LiveFeed,
}

impl Rig {
    fn new(events: usize) -> Self {
        let written = Arc::new(Written::default());
        for _ in 0..events {
            written.write("manage.test.a.v1", ours());
        }
        Self { feed: LiveFeed::new(written.clone()), written }
    }

    async fn follow(&self, start: Start, going_on: bool) -> mpsc::Receiver<Told> {
        self.feed.follow(ours(), start, going_on, Named("manage.")).await.unwrap()
    }
}

async fn places(told: &mut mpsc::Receiver<Told>, count: usize) -> Vec<i64> {
    let mut places = Vec::new();
    while places.len() < count {
        match told.recv().await {
            Some(Told::Event(fed)) => places.push(fed.place),
            other => panic!("{other:?} after {places:?}"),
        }
    }
    places
}

#[tokio::test(start_paused = true)]
async fn one_who_comes_back_misses_nothing_and_goes_on() {
    let rig = Rig::new(500);
    let mut told = rig.follow(Start::After(3), true).await;
    assert_eq!(places(&mut told, 497).await, (4..=500).collect::<Vec<_>>());
    rig.written.write("manage.test.a.v1", CountingIds::default().uuid().into());
    assert_eq!(places(&mut told, 1).await, [501]);
    let mut late = rig.follow(Start::Now, true).await;
    rig.written.write("manage.test.b.v1", ours());
    assert_eq!((places(&mut late, 1).await, places(&mut told, 1).await), (vec![502], vec![502]));
}

#[tokio::test(start_paused = true)]
async fn only_what_is_wanted_and_ours_is_told_and_the_end_is_the_end() {
    let rig = Rig::new(0);
    let theirs: OrganisationId = uuid::Uuid::from_u128(99).into();
    for (name, organisation) in
        [("manage.test.a.v1", ours()), ("manage.test.b.v1", ours()), ("manage.test.b.v1", theirs)]
    {
        rig.written.write(name, organisation);
    }
    let wanted = Named("manage.test.b.");
    let mut told = rig.feed.follow(ours(), Start::After(0), false, wanted).await.unwrap();
    assert_eq!(places(&mut told, 1).await, [2]);
    assert_eq!(told.recv().await, None);
}

#[tokio::test(start_paused = true)]
async fn an_unknown_or_forgotten_place_is_said_to_be_one() {
    let rig = Rig::new(10);
    *rig.written.forgotten.lock().unwrap() = 4;
    assert_eq!(places(&mut rig.follow(Start::After(4), false).await, 6).await, [5, 6, 7, 8, 9, 10]);
    for start in [3, 11, -1] {
        let mut told = rig.follow(Start::After(start), true).await;
        assert_eq!(told.recv().await, Some(Told::Reset(10)), "{start}");
        rig.written.write("manage.test.a.v1", ours());
        let newest = rig.written.feed_ends().await.unwrap().newest;
        assert_eq!(places(&mut told, 1).await, [newest]);
        rig.written.events.lock().unwrap().pop();
    }
}

#[tokio::test(start_paused = true)]
async fn one_who_does_not_take_theirs_is_let_go_and_holds_little() {
    let rig = Rig::new(1_000);
    let mut told = rig.follow(Start::After(0), true).await;
    tokio::time::sleep(PATIENCE * 2).await;
    assert_eq!(places(&mut told, WAITING).await.len(), WAITING);
    assert_eq!(told.recv().await, None);
    assert_eq!(*rig.written.reads.lock().unwrap(), 1, "nothing was read that had no room");
    // Coming back, they go on where they were.
    let mut back = rig.follow(Start::After(64), true).await;
    assert_eq!(places(&mut back, 936).await.len(), 936);
}

#[tokio::test(start_paused = true)]
async fn everybody_is_let_go_in_time_at_the_end_and_when_the_store_fails() {
    let rig = Rig::new(0);
    let mut told = rig.follow(Start::Now, true).await;
    tokio::time::sleep(LONGEST).await;
    assert_eq!(told.recv().await, None);

    let mut told = rig.follow(Start::Now, true).await;
    rig.written.broken.store(true, Ordering::Relaxed);
    rig.written.write("manage.test.a.v1", ours());
    assert_eq!(told.recv().await, None);
    rig.written.broken.store(false, Ordering::Relaxed);

    let mut told = rig.follow(Start::Now, true).await;
    rig.feed.close();
    assert_eq!(told.recv().await, None);
}

#[tokio::test(start_paused = true)]
async fn nobody_looks_where_nobody_follows_and_one_does_for_all() {
    let rig = Rig::new(0);
    let many: Vec<_> = vec![rig.follow(Start::Now, true).await, rig.follow(Start::Now, true).await];
    assert!(rig.feed.0.watching.load(Ordering::Relaxed));
    drop(many);
    tokio::time::sleep(LOOK * 5).await;
    assert!(!rig.feed.0.watching.load(Ordering::Relaxed));
    let mut again = rig.follow(Start::Now, true).await;
    rig.written.write("manage.test.a.v1", ours());
    assert_eq!(places(&mut again, 1).await, [1]);
}

#[tokio::test(start_paused = true)]
async fn only_so_many_may_follow() {
    let rig = Rig::new(0);
    let mut many = Vec::new();
    for _ in 0..MOST {
        many.push(rig.follow(Start::Now, true).await);
    }
    let one_more = rig.feed.follow(ours(), Start::Now, true, Named("manage.")).await;
    assert!(matches!(one_more, Err(FollowError::TooMany)));
    many.pop();
    tokio::time::sleep(LOOK).await;
    rig.follow(Start::Now, true).await;
}

impl Rig {
    async fn page(&self, after: i64, limit: usize, named: &'static str) -> Result<FeedPage, PageError> {
        self.feed.page(ours(), Some(after), limit, Named(named)).await
    }
}

#[tokio::test]
async fn page_by_page_every_event_is_told_once_and_in_order() {
    let rig = Rig::new(0);
    let theirs: OrganisationId = uuid::Uuid::from_u128(99).into();
    let mut expected = Vec::new();
    for place in 1..=700 {
        let (name, organisation) = match place % 3 {
            0 => ("manage.test.b.v1", ours()),
            1 => ("manage.test.a.v1", ours()),
            _ => ("manage.test.b.v1", theirs),
        };
        rig.written.write(name, organisation);
        expected.extend((place % 3 == 0).then_some(place));
    }
    for limit in [1, 7, 200, 500] {
        let (mut place, mut told) = (0, Vec::new());
        loop {
            let page = rig.page(place, limit, "manage.test.b.").await.unwrap();
            assert!(page.events.len() <= limit && page.next >= place);
            told.extend(page.events.iter().map(|fed| fed.place));
            place = page.next;
            if !page.more {
                break;
            }
        }
        assert_eq!((told, place), (expected.clone(), 700), "with {limit} at a time");
        let end = rig.page(place, limit, "manage.test.b.").await.unwrap();
        assert_eq!(end, FeedPage { events: Vec::new(), next: 700, more: false });
    }
}

#[tokio::test]
async fn who_hears_nothing_gets_on_all_the_same() {
    let rig = Rig::new(5_000);
    let first = rig.page(0, 10, "manage.other.").await.unwrap();
    assert_eq!((first.events.len(), first.next, first.more), (0, 2_000, true));
    let last = rig.page(4_900, 10, "manage.other.").await.unwrap();
    assert_eq!((last.next, last.more), (5_000, false));
    let now = rig.feed.page(ours(), None, 10, Named("manage.")).await.unwrap();
    assert_eq!(now, FeedPage { events: Vec::new(), next: 5_000, more: false });
}

#[tokio::test]
async fn a_place_that_is_not_known_is_refused_and_the_last_that_was_forgotten_is_known() {
    let rig = Rig::new(10);
    *rig.written.forgotten.lock().unwrap() = 4;
    assert!(matches!(rig.page(3, 10, "manage.").await, Err(PageError::Forgotten)));
    assert!(matches!(rig.page(11, 10, "manage.").await, Err(PageError::Forgotten)));
    assert_eq!(rig.page(4, 10, "manage.").await.unwrap().next, 10);
    assert!(rig.page(10, 10, "manage.").await.unwrap().events.is_empty());
}
