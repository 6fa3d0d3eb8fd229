//! A store that holds all domains in memory and fails as it is told.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
};

use async_trait::async_trait;
use charge_point::{
    ChargePointRepository, ChargePointTx, ChargerStateRepository, CommandRepository, CommandTx,
    HasChargePoints, HasChargerState, HasCommands,
    testing::{FakeChargePoints, charger_at},
};
use connect_router::{
    Answer, ConnectionId, DEAD_LETTER_KEPT, DeadLetter, DeadLetterReader, DeadLetterRepository, DeadLetterTx,
    Handler, HasDeadLetters, InboundCall, InboundCalls, Protocol, Recording, Router, RouterTx,
    RouterUnavailable, Settings, router,
};
use futures::{executor::block_on, future::join_all, join};
use kernel::{
    Advance, AuditLog, Begin, ChargePointId, Clock, Commit, DeadLetterId, Event, HasAudit, HasOutbox,
    HasPositions, IdSource, OrganisationId, Outbox, Page, PageRequest, Positions, Reach, StoreError, Track,
    testing::{CountingIds, FakeClock},
};
use serde_json::{Value, value::to_raw_value};
use transaction::{HasTransactions, TransactionRepository, TransactionTx, testing::FakeTransactions};
use vehicle::{HasIdTags, HasVehicles, IdTagRepository, VehicleRepository, VehicleTx, testing::FakeVehicles};

/// How the store fails.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Trouble {
    #[default]
    None,
    /// No unit of work begins.
    Unavailable,
    /// Every commit is refused because of concurrent work, but for those of dead letters.
    Busy,
}

#[derive(Default)]
struct State {
    trouble: Trouble,
    /// Events of this charger cannot be stored, whatever is tried.
    poisoned: Option<ChargePointId>,
    letters: Vec<DeadLetter>,
    positions: BTreeMap<Track, i64>,
    commits: usize,
}

/// All stores. Clones share their content.
#[derive(Clone, Default)]
pub(crate) struct Store {
    chargers: FakeChargePoints,
    vehicles: FakeVehicles,
    sessions: FakeTransactions,
    state: Arc<Mutex<State>>,
}

impl Store {
    pub(crate) fn trouble(&self, trouble: Trouble) {
        self.state.lock().unwrap().trouble = trouble;
    }

    pub(crate) fn poison(&self, charger: Option<ChargePointId>) {
        self.state.lock().unwrap().poisoned = charger;
    }

    pub(crate) fn letters(&self) -> Vec<DeadLetter> {
        self.state.lock().unwrap().letters.clone()
    }

    pub(crate) fn positions(&self) -> BTreeMap<Track, i64> {
        self.state.lock().unwrap().positions.clone()
    }

    pub(crate) fn commits(&self) -> usize {
        self.state.lock().unwrap().commits
    }

    /// Events of a charger that became durable.
    pub(crate) fn events(&self, charger: ChargePointId) -> Vec<Event> {
        let key = charger.to_string();
        self.chargers.events().into_iter().filter(|event| event.key == key).collect()
    }

    async fn unit(&self) -> Result<Box<Unit>, StoreError> {
        if self.state.lock().unwrap().trouble == Trouble::Unavailable {
            return Err(StoreError::Unavailable("nobody is there".into()));
        }
        Ok(Box::new(Unit {
            chargers: self.chargers.begin().await?,
            vehicles: self.vehicles.begin().await?,
            sessions: self.sessions.begin().await?,
            letters: self.letters(),
            positions: self.positions(),
            store: self.clone(),
        }))
    }
}

#[async_trait]
impl Begin<dyn RouterTx> for Store {
    async fn begin(&self) -> Result<Box<dyn RouterTx>, StoreError> {
        Ok(self.unit().await?)
    }
}

#[async_trait]
impl Begin<dyn DeadLetterTx> for Store {
    async fn begin(&self) -> Result<Box<dyn DeadLetterTx>, StoreError> {
        Ok(self.unit().await?)
    }
}

#[async_trait]
impl DeadLetterReader for Store {
    async fn dead_letter_list(
        &self,
        reach: &Reach,
        charge_point: Option<ChargePointId>,
        _page: PageRequest,
    ) -> Result<Page<DeadLetter>, StoreError> {
        let wanted = |letter: &DeadLetter| {
            let ours = letter.organisation == reach.organisation();
            ours && charge_point.is_none_or(|id| id == letter.charge_point)
        };
        let letters = self.letters().into_iter().filter(wanted).collect();
        Ok(Page { items: reach.keep(letters, |letter| letter.id).await?, next: None })
    }
}

/// One unit of work over all of them.
struct Unit {
    chargers: Box<dyn CommandTx>,
    vehicles: Box<dyn VehicleTx>,
    sessions: Box<dyn TransactionTx>,
    letters: Vec<DeadLetter>,
    positions: BTreeMap<Track, i64>,
    store: Store,
}

#[async_trait]
impl Commit for Unit {
    async fn commit(self: Box<Self>) -> Result<(), StoreError> {
        let sets_aside = self.letters.len() > self.store.letters().len();
        if self.store.state.lock().unwrap().trouble == Trouble::Busy && !sets_aside {
            return Err(StoreError::Busy("somebody else was faster".into()));
        }
        self.chargers.commit().await?;
        self.vehicles.commit().await?;
        self.sessions.commit().await?;
        let mut state = self.store.state.lock().unwrap();
        state.letters = self.letters;
        state.positions = self.positions;
        state.commits += 1;
        Ok(())
    }
}

macro_rules! held_by {
    ($($field:ident: $holder:ident, $name:ident, $repository:ident;)*) => {
        $(impl $holder for Unit {
            fn $name(&mut self) -> &mut dyn $repository {
                self.$field.$name()
            }
        })*
    };
}

held_by! {
    chargers: HasChargePoints, charge_points, ChargePointRepository;
    chargers: HasChargerState, charger_state, ChargerStateRepository;
    chargers: HasCommands, commands, CommandRepository;
    chargers: HasAudit, audit, AuditLog;
    vehicles: HasVehicles, vehicles, VehicleRepository;
    vehicles: HasIdTags, id_tags, IdTagRepository;
    sessions: HasTransactions, transactions, TransactionRepository;
}

impl HasOutbox for Unit {
    fn outbox(&mut self) -> &mut dyn Outbox {
        self
    }
}

#[async_trait]
impl Outbox for Unit {
    async fn append(&mut self, event: Event) -> Result<(), StoreError> {
        let poisoned = self.store.state.lock().unwrap().poisoned;
        let tells_of_letter = event.name == DEAD_LETTER_KEPT;
        if !tells_of_letter && poisoned.is_some_and(|id| format!("{event:?}").contains(&id.to_string())) {
            return Err(StoreError::Failed("this event cannot be stored".into()));
        }
        self.chargers.outbox().append(event).await
    }
}

impl HasPositions for Unit {
    fn positions(&mut self) -> &mut dyn Positions {
        self
    }
}

#[async_trait]
impl Positions for Unit {
    async fn position_advance(&mut self, advance: &Advance) -> Result<bool, StoreError> {
        let at = self.positions.entry(advance.track.clone()).or_insert(advance.from);
        let here = *at == advance.from;
        if here {
            *at = advance.to;
        }
        Ok(here)
    }
}

impl HasDeadLetters for Unit {
    fn dead_letters(&mut self) -> &mut dyn DeadLetterRepository {
        self
    }
}

#[async_trait]
impl DeadLetterRepository for Unit {
    async fn dead_letter_insert(&mut self, letter: &DeadLetter) -> Result<(), StoreError> {
        self.letters.push(letter.clone());
        Ok(())
    }

    async fn dead_letter_find(
        &mut self,
        organisation: OrganisationId,
        id: DeadLetterId,
    ) -> Result<Option<DeadLetter>, StoreError> {
        let same = |letter: &&DeadLetter| letter.organisation == organisation && letter.id == id;
        Ok(self.letters.iter().find(same).cloned())
    }

    async fn dead_letter_delete(
        &mut self,
        organisation: OrganisationId,
        id: DeadLetterId,
    ) -> Result<(), StoreError> {
        self.letters.retain(|letter| letter.organisation != organisation || letter.id != id);
        Ok(())
    }
}

/// A store with chargers, and a router over it.
pub(crate) struct Rig {
    pub(crate) store: Store,
    pub(crate) organisation: OrganisationId,
    pub(crate) clock: Arc<FakeClock>,
    pub(crate) ids: Arc<CountingIds>,
}

pub(crate) type Outcome = Result<Answer, RouterUnavailable>;

impl Rig {
    pub(crate) fn new() -> Self {
        let ids = Arc::new(CountingIds::default());
        let organisation = ids.uuid().into();
        Self { store: Store::default(), organisation, clock: Arc::default(), ids }
    }

    /// A charger with one connector.
    pub(crate) fn charger(&self, identity: &str) -> ChargePointId {
        let charger = charger_at(&*self.ids, self.organisation, self.ids.uuid().into(), identity);
        block_on(async {
            let mut tx = Begin::<dyn ChargePointTx>::begin(&self.store.chargers).await.unwrap();
            tx.charge_points().charge_point_insert(&charger).await.unwrap();
            tx.commit().await.unwrap();
        });
        charger.id
    }

    pub(crate) fn call(&self, charger: ChargePointId, action: &str, payload: &Value) -> InboundCall {
        InboundCall {
            organisation: self.organisation,
            charge_point: charger,
            identity: "CP".to_owned(),
            protocol: Protocol::Ocpp16,
            connection: ConnectionId(1),
            message_id: self.ids.uuid().to_string(),
            action: action.to_owned(),
            payload: to_raw_value(payload).unwrap(),
            received_at: self.clock.now(),
        }
    }

    /// Hands all calls in before the loop takes the first, and runs it until all are answered.
    pub(crate) fn handle(&self, calls: Vec<InboundCall>) -> Vec<Outcome> {
        self.with_router(async |router| join_all(calls.into_iter().map(|call| router.handle(call))).await)
    }

    pub(crate) fn handler(&self) -> Handler {
        let settings = Settings { heartbeat_interval_seconds: 300, meter_interval_seconds: 30 };
        Handler::new(self.clock.clone(), self.ids.clone(), settings)
    }

    pub(crate) fn recording(&self) -> Recording {
        let store = Arc::new(self.store.clone());
        Recording::new(store, self.handler(), self.clock.clone(), self.ids.clone())
    }

    /// Runs the loop as long as `work` has the router.
    pub(crate) fn with_router<T>(&self, work: impl AsyncFnOnce(&Router) -> T) -> T {
        let (router, work_loop) = router(self.recording());
        block_on(async {
            let done = async move { work(&router).await };
            join!(done, work_loop.run()).0
        })
    }
}
