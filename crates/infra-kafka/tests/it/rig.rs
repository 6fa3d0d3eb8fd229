//! A broker of its own, a database, and chargers in it.

use std::{sync::Arc, time::Duration};

use charge_point::{ChargePoint, ChargePointTx, testing::charger_at};
use connect_router::{ConnectionId, Handler, InboundCall, Protocol, Recording, Settings};
use depot::DepotTx;
use infra_kafka::{Kafka, KafkaRouter, KafkaSettings};
use infra_sea::{Sea, SeaOptions};
use kernel::{
    Begin, Clock, DepotId, IdSource, OrganisationId,
    testing::{CountingIds, FakeClock},
};
use rdkafka::{
    ClientConfig,
    consumer::{BaseConsumer, Consumer},
    groups::GroupInfo,
    producer::{FutureProducer, FutureRecord},
};
use serde_json::{Value, value::to_raw_value};
use testkit::TestDatabase;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

/// For how long anything may be waited for.
const PATIENCE: Duration = Duration::from_secs(60);

pub(crate) struct Rig {
    pub(crate) kafka: Kafka,
    pub(crate) sea: Arc<Sea>,
    pub(crate) clock: Arc<FakeClock>,
    pub(crate) ids: Arc<CountingIds>,
    pub(crate) organisation: OrganisationId,
    pub(crate) database: TestDatabase,
    depot: DepotId,
    broker: test_services::Kafka,
    _folder: tempfile::TempDir,
}

impl Drop for Rig {
    fn drop(&mut self) {
        // It is a process of its own, and ends with the test.
        let _ = self.broker.stop();
    }
}

impl Rig {
    pub(crate) async fn start() -> Option<Self> {
        testkit::service("MANAGE_TEST_KAFKA_URL").unwrap()?;
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("kafka");
        let broker = tokio::task::spawn_blocking(move || test_services::Kafka::start(&path));
        let broker = broker.await.unwrap().unwrap();
        let settings = KafkaSettings::parse(&format!("{}?partitions=3", broker.url)).unwrap();
        let kafka = Kafka::new(settings).unwrap();
        kafka.make_topics().await.unwrap();

        let database = TestDatabase::sqlite().unwrap();
        let (clock, ids) = (Arc::new(FakeClock::default()), Arc::new(CountingIds::default()));
        let sea = Arc::new(Sea::connect(&SeaOptions::new(database.url()), clock.clone()).await.unwrap());
        sea.migrate().await.unwrap();
        let home = depot::testing::depot(&ids, ids.uuid().into(), "D-1");
        let mut tx = Begin::<dyn DepotTx>::begin(&*sea).await.unwrap();
        tx.depots().depot_insert(&home).await.unwrap();
        tx.commit().await.unwrap();
        let (organisation, depot) = (home.organisation, home.id);
        Some(Self { kafka, sea, clock, ids, organisation, database, depot, broker, _folder: folder })
    }

    pub(crate) async fn charger(&self, identity: &str) -> ChargePoint {
        let charger = charger_at(&*self.ids, self.organisation, self.depot, identity);
        let mut tx = Begin::<dyn ChargePointTx>::begin(&*self.sea).await.unwrap();
        tx.charge_points().charge_point_insert(&charger).await.unwrap();
        tx.commit().await.unwrap();
        charger
    }

    pub(crate) fn call(&self, charger: &ChargePoint, action: &str, payload: &Value) -> InboundCall {
        InboundCall {
            organisation: self.organisation,
            charge_point: charger.id,
            identity: charger.identity.as_str().to_owned(),
            protocol: Protocol::Ocpp16,
            connection: ConnectionId(1),
            message_id: self.ids.uuid().to_string(),
            action: action.to_owned(),
            payload: to_raw_value(payload).unwrap(),
            received_at: self.clock.now(),
        }
    }

    /// A router that runs until it is told to stop.
    pub(crate) fn router(&self) -> (CancellationToken, JoinHandle<()>) {
        let settings = Settings { heartbeat_interval_seconds: 300, meter_interval_seconds: 30 };
        let (clock, ids) = (self.clock.clone(), self.ids.clone());
        let handler = Handler::new(clock.clone(), ids.clone(), settings);
        let recording = Recording::new(self.sea.clone(), handler, clock.clone(), ids.clone());
        let router = KafkaRouter::join(self.kafka.clone(), self.sea.clone(), recording, clock, ids).unwrap();
        let stopping = CancellationToken::new();
        (stopping.clone(), tokio::spawn(router.run(stopping)))
    }

    /// How many routers have partitions.
    pub(crate) fn sharing(&self) -> usize {
        let consumer: BaseConsumer = self.client().create().unwrap();
        let groups = consumer.fetch_group_list(Some("manage-router"), PATIENCE).unwrap();
        let stable = groups.groups().iter().filter(|group| group.state() == "Stable");
        // An assignment is a version, the count of its topics, and those.
        let works = |assignment: Option<&[u8]>| assignment.is_some_and(|bytes| bytes.get(5) != Some(&0));
        stable.flat_map(GroupInfo::members).filter(|member| works(member.assignment())).count()
    }

    fn client(&self) -> ClientConfig {
        let mut client = ClientConfig::new();
        client.set("bootstrap.servers", self.broker.url.trim_start_matches("kafka://"));
        client
    }

    /// Writes to a topic past every adapter.
    pub(crate) async fn write(&self, topic: &str, key: &str, payload: &[u8]) {
        let producer: FutureProducer = self.client().set("partitioner", "murmur2_random").create().unwrap();
        producer.send(FutureRecord::to(topic).key(key).payload(payload), PATIENCE).await.unwrap();
    }
}

/// Asks until it is so, or panics after [`PATIENCE`].
pub(crate) async fn until(what: &str, mut holds: impl AsyncFnMut() -> bool) {
    let asked = async {
        while !holds().await {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    tokio::time::timeout(PATIENCE, asked).await.unwrap_or_else(|_| panic!("never: {what}"));
}
