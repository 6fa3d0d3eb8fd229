//! A gateway and a router over a real database, and a raw charger that talks to them.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use charge_point::{ChargePoint, ChargePointTx, testing::charger_at};
use chrono::TimeDelta;
use connect::{Gateway, Parts};
use connect_router::{Handler, Recording, RouterTx, Settings, router};
use depot::DepotTx;
use infra_sea::{Sea, SeaOptions};
use kernel::{
    Begin, Clock, DepotId, IdSource, OrganisationId, PageRequest,
    testing::{CountingIds, FakeClock, PlainHasher},
};
use message_log::{FrameRecorder, testing::FakeRecorder};
use runtime::config::Connect;
use testkit::TestDatabase;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use transaction::{Reading, Transaction, TransactionFilter, TransactionReader};
use vehicle::{VehicleTx, testing::rfid};

/// For how long anything may be waited for.
pub(crate) const PATIENCE: Duration = Duration::from_secs(20);

pub(crate) struct Rig {
    pub(crate) sea: Arc<Sea>,
    pub(crate) clock: Arc<FakeClock>,
    pub(crate) ids: Arc<CountingIds>,
    pub(crate) gateway: Gateway,
    /// Where frames are left, unless they are given another place.
    pub(crate) frames: Arc<FakeRecorder>,
    pub(crate) address: SocketAddr,
    pub(crate) stopping: CancellationToken,
    pub(crate) organisation: OrganisationId,
    depot: DepotId,
    tasks: Vec<JoinHandle<()>>,
    _database: TestDatabase,
}

impl Rig {
    pub(crate) async fn sqlite() -> Self {
        Self::new(TestDatabase::sqlite().unwrap(), Connect::default()).await
    }

    pub(crate) async fn postgres() -> Option<Self> {
        Some(Self::new(TestDatabase::postgres().await.unwrap()?, Connect::default()).await)
    }

    /// Over SQLite, with other settings than a gateway has by itself.
    pub(crate) async fn with(change: impl FnOnce(&mut Connect)) -> Self {
        let mut settings = Connect::default();
        change(&mut settings);
        Self::new(TestDatabase::sqlite().unwrap(), settings).await
    }

    async fn new(database: TestDatabase, settings: Connect) -> Self {
        let clock = Arc::new(FakeClock::default());
        let sea = Sea::connect(&SeaOptions::new(database.url()), clock.clone()).await.unwrap();
        sea.migrate().await.unwrap();
        let sea = Arc::new(sea);
        let ids = Arc::new(CountingIds::default());
        let home = depot::testing::depot(&ids, ids.uuid().into(), "D-1");
        let mut tx = Begin::<dyn DepotTx>::begin(&*sea).await.unwrap();
        tx.depots().depot_insert(&home).await.unwrap();
        tx.commit().await.unwrap();
        let store: Arc<dyn Begin<dyn RouterTx>> = sea.clone();
        let frames = Arc::new(FakeRecorder::default());
        let running = run(store, sea.clone(), frames.clone(), clock.clone(), ids.clone(), settings).await;
        let (gateway, address, stopping, tasks) = running;
        let (organisation, depot) = (home.organisation, home.id);
        Self {
            sea,
            clock,
            ids,
            gateway,
            frames,
            address,
            stopping,
            organisation,
            depot,
            tasks,
            _database: database,
        }
    }

    /// Ends gateway and router and starts others over the same database, or over a store that is
    /// given in its place.
    pub(crate) async fn restart(&mut self, store: Option<Arc<dyn Begin<dyn RouterTx>>>) {
        let frames = self.frames.clone();
        self.restart_with(store, frames).await;
    }

    /// As [`Self::restart`], with another place for frames.
    pub(crate) async fn restart_with(
        &mut self,
        store: Option<Arc<dyn Begin<dyn RouterTx>>>,
        frames: Arc<dyn FrameRecorder>,
    ) {
        self.stopping.cancel();
        self.gateway.drained().await;
        for task in self.tasks.drain(..) {
            task.abort();
        }
        let store = store.unwrap_or_else(|| self.sea.clone());
        let (clock, ids) = (self.clock.clone(), self.ids.clone());
        let running = run(store, self.sea.clone(), frames, clock, ids, Connect::default()).await;
        (self.gateway, self.address, self.stopping, self.tasks) = running;
    }

    pub(crate) async fn charger(&self, identity: &str) -> ChargePoint {
        self.charger_like(identity, |_| ()).await
    }

    pub(crate) async fn charger_like(
        &self,
        identity: &str,
        change: impl FnOnce(&mut ChargePoint),
    ) -> ChargePoint {
        let mut charger = charger_at(&*self.ids, self.organisation, self.depot, identity);
        change(&mut charger);
        let mut tx = Begin::<dyn ChargePointTx>::begin(&*self.sea).await.unwrap();
        tx.charge_points().charge_point_insert(&charger).await.unwrap();
        tx.commit().await.unwrap();
        charger
    }

    /// A tag that is accepted.
    pub(crate) async fn tag(&self, value: &str) {
        let tag = rfid(&*self.ids, self.organisation, value);
        let mut tx = Begin::<dyn VehicleTx>::begin(&*self.sea).await.unwrap();
        tx.id_tags().id_tag_insert(&tag).await.unwrap();
        tx.commit().await.unwrap();
    }

    /// So many seconds after the clock's beginning, as chargers write it.
    pub(crate) fn at(&self, seconds: i64) -> String {
        (self.clock.now() + TimeDelta::seconds(seconds)).to_rfc3339_opts(chrono::SecondsFormat::Secs, true)
    }

    pub(crate) async fn transactions(&self, charger: &ChargePoint) -> Vec<Transaction> {
        let filter = TransactionFilter { charge_point: Some(charger.id), ..TransactionFilter::default() };
        self.sea
            .transaction_list(&self.organisation.into(), &filter, PageRequest::default())
            .await
            .unwrap()
            .items
    }

    pub(crate) async fn readings(&self, transaction: &Transaction) -> Vec<Reading> {
        let mut all = Vec::new();
        let mut page = PageRequest::default();
        loop {
            let read = self.sea.reading_list(self.organisation, transaction.id, page).await.unwrap();
            all.extend(read.items);
            let Some(next) = read.next else { return all };
            page = PageRequest { after: Some(next), ..PageRequest::default() };
        }
    }
}

type Running = (Gateway, SocketAddr, CancellationToken, Vec<JoinHandle<()>>);

async fn run(
    store: Arc<dyn Begin<dyn RouterTx>>,
    sea: Arc<Sea>,
    frames: Arc<dyn FrameRecorder>,
    clock: Arc<FakeClock>,
    ids: Arc<CountingIds>,
    settings: Connect,
) -> Running {
    let told = Settings { heartbeat_interval_seconds: 300, meter_interval_seconds: 10 };
    let handler = Handler::new(clock.clone(), ids.clone(), told);
    let (calls, work) = router(Recording::new(store, handler, clock.clone(), ids.clone()));
    let (calls, stopping) = (Arc::new(calls), CancellationToken::new());
    let parts = Parts {
        admissions: sea,
        hasher: Arc::new(PlainHasher),
        calls: calls.clone(),
        events: calls,
        presence: None,
        frames,
        clock,
        ids,
        stopping: stopping.clone(),
    };
    let gateway = Gateway::new(settings, parts);
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let door = gateway.router();
    let serving = tokio::spawn(async move { axum::serve(listener, door).await.unwrap() });
    (gateway, address, stopping, vec![tokio::spawn(work.run()), serving])
}

/// Asks until it is so, or panics after [`PATIENCE`].
pub(crate) async fn until(what: &str, mut holds: impl AsyncFnMut() -> bool) {
    let asked = async {
        while !holds().await {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    tokio::time::timeout(PATIENCE, asked).await.unwrap_or_else(|_| panic!("never: {what}"));
}
