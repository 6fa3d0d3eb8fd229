//! What every store of charge points and orders must do, whatever it is made of.

#![expect(clippy::unwrap_used, reason = "a contract is a test: it fails by panicking")]

use async_trait::async_trait;
use chrono::TimeDelta;
use kernel::{
    Begin, ChargePointId, CircuitId, Clock, DepotId, IdSource, Limit, OrganisationId, Page, PageRequest,
    StoreError, Version, W, ZoneId,
    testing::{CountingIds, FakeClock},
};

use super::{charger_at, contract_commands};
use crate::{
    command::EvseInput,
    model::{
        Availability, ChargePoint, ChargerRef, ConfigurationKey, ConnectorStatus, CurrentType, Generation,
        PasswordHash, Progress, Protocol, RateUnits, Registration, StatusReport, layout,
    },
    port::{AdmissionReader, ChargePointFilter, ChargePointReader, ChargePointTx, CommandReader, CommandTx},
};

/// The whole of a store this contract talks to.
pub trait Store:
    Begin<dyn ChargePointTx> + Begin<dyn CommandTx> + ChargePointReader + CommandReader + AdmissionReader
{
}
impl<T> Store for T where
    T: Begin<dyn ChargePointTx> + Begin<dyn CommandTx> + ChargePointReader + CommandReader + AdmissionReader
{
}

/// Makes the places that charge points stand in: they belong to another domain.
#[async_trait]
pub trait Ground: Send + Sync {
    async fn lay(&self, organisation: OrganisationId, depot: DepotId, circuit: CircuitId, zone: ZoneId);
}

/// Runs every clause on one empty store.
pub async fn holds(store: &dyn Store, ground: &dyn Ground) {
    let site = Site { store, ground, ids: CountingIds::default() };
    places(&site).await;
    charge_point_round_trip(&site).await;
    dropped_work_leaves_nothing(&site).await;
    identities_are_unique_everywhere(&site).await;
    versions(&site).await;
    evses_come_and_go(&site).await;
    live_facts_are_apart(&site).await;
    last_seen_moves_in_steps(&site).await;
    organisations_are_apart(&site).await;
    pages_and_filters(&site).await;
    configuration_is_merged(&site).await;
    all_offline(&site).await;
    contract_commands::hold(&site).await;
}

pub(super) struct Site<'a> {
    pub(super) store: &'a dyn Store,
    ground: &'a dyn Ground,
    pub(super) ids: CountingIds,
}

impl Site<'_> {
    pub(super) async fn begin(&self) -> Box<dyn ChargePointTx> {
        Begin::<dyn ChargePointTx>::begin(self.store).await.unwrap()
    }

    /// A depot with one circuit and one zone, in an organisation of its own.
    async fn place(&self) -> (OrganisationId, DepotId, CircuitId, ZoneId) {
        let organisation = self.ids.uuid().into();
        let (depot, circuit, zone) = (self.ids.uuid().into(), self.ids.uuid().into(), self.ids.uuid().into());
        self.ground.lay(organisation, depot, circuit, zone).await;
        (organisation, depot, circuit, zone)
    }

    pub(super) async fn insert(&self, charge_point: &ChargePoint) {
        let mut tx = self.begin().await;
        tx.charge_points().charge_point_insert(charge_point).await.unwrap();
        tx.commit().await.unwrap();
    }

    /// A stored charge point in an organisation of its own.
    pub(super) async fn stored(&self, identity: &str) -> ChargePoint {
        let (organisation, depot, ..) = self.place().await;
        let charge_point = charger_at(&self.ids, organisation, depot, identity);
        self.insert(&charge_point).await;
        charge_point
    }

    async fn get(&self, charge_point: &ChargePoint) -> Option<ChargePoint> {
        self.store.charge_point_get(charge_point.organisation, charge_point.id).await.unwrap()
    }
}

pub(super) fn reference(charge_point: &ChargePoint) -> ChargerRef {
    ChargerRef { organisation: charge_point.organisation, charge_point: charge_point.id }
}

fn report(status: ConnectorStatus) -> StatusReport {
    StatusReport {
        status,
        error_code: Some("GroundFailure".into()),
        info: Some("info".into()),
        vendor_id: Some("vendor".into()),
        vendor_error_code: Some("E42".into()),
        at: FakeClock::default().now() + TimeDelta::microseconds(7),
    }
}

async fn places(site: &Site<'_>) {
    let (organisation, depot, circuit, zone) = site.place().await;
    let stranger: OrganisationId = site.ids.uuid().into();
    let mut tx = site.begin().await;
    assert!(tx.places().depot_known(organisation, depot).await.unwrap());
    assert!(!tx.places().depot_known(stranger, depot).await.unwrap());
    assert_eq!(tx.places().circuit_depot(organisation, circuit).await.unwrap(), Some(depot));
    assert_eq!(tx.places().circuit_depot(stranger, circuit).await.unwrap(), None);
    assert_eq!(tx.places().zone_depot(organisation, zone).await.unwrap(), Some(depot));
    assert_eq!(tx.places().zone_depot(organisation, site.ids.uuid().into()).await.unwrap(), None);
}

async fn charge_point_round_trip(site: &Site<'_>) {
    let (organisation, depot, circuit, zone) = site.place().await;
    let mut full = charger_at(&site.ids, organisation, depot, "contract-full:1");
    let now = FakeClock::default().now();
    full.circuit = Some(circuit);
    full.zone = Some(zone);
    full.electrics.rate_units = Some(RateUnits::Both);
    full.electrics.offline_limit = Some(W(1_400));
    full.security_profile = 1;
    full.password_hash = Some(PasswordHash::new("$argon2id$x"));
    full.registration = Registration::Pending;
    full.live.vendor = Some("ABC".into());
    full.live.model = Some("M-1".into());
    full.live.serial = Some("S-1".into());
    full.live.firmware = Some("1.2.3".into());
    full.live.booted_at = Some(now);
    full.live.protocol = Some(Protocol::Ocpp16);
    full.live.generation = Generation(3);
    full.live.connection_changed_at = Some(now);
    full.live.last_seen_at = Some(now);
    full.live.whole.report = Some(report(ConnectorStatus::Faulted));
    full.live.whole.wanted = Availability::Inoperative;
    full.live.firmware_status = Some(Progress { status: "Downloading".into(), at: now });
    full.live.diagnostics_status = Some(Progress { status: "Uploading".into(), at: now });
    full.live.capabilities.max_stack_level = Some(8);
    let inputs = vec![
        EvseInput::default(),
        EvseInput { connectors: vec![Default::default(); 2], ..Default::default() },
    ];
    let mut invalid = kernel::Invalid::default();
    full.evses = layout(inputs, &[], full.max_power, CurrentType::Dc, &site.ids, &mut invalid);
    full.evses[1].connectors[1].live.report = Some(report(ConnectorStatus::Charging));
    full.evses[1].connectors[1].live.reported = Some(Availability::Operative);
    site.insert(&full).await;
    assert_eq!(site.get(&full).await, Some(full.clone()));
    let all = site.store.charge_points_of_depot(organisation, depot).await.unwrap();
    assert_eq!(all, vec![full.clone()]);
    let mut tx = site.begin().await;
    let found = tx.charge_points().charge_point_find(organisation, full.id).await.unwrap();
    assert_eq!(found, Some(full.clone()));
    let place = tx.charger_state().connector_place(organisation, full.id, 3).await.unwrap();
    assert_eq!(place, full.place(3));
    assert_eq!(place.unwrap().evse, full.evses[1].id);
    assert_eq!(tx.charger_state().connector_place(organisation, full.id, 9).await.unwrap(), None);
    drop(tx);

    let admission = site.store.admission_find("contract-full:1").await.unwrap().unwrap();
    assert_eq!((admission.organisation, admission.charge_point), (organisation, full.id));
    assert_eq!((admission.password_hash, admission.security_profile), (full.password_hash, 1));
    assert_eq!(admission.registration, Registration::Pending);
    for other in ["contract-full:2", "CONTRACT-FULL:1", "", "\0", "' or 1=1"] {
        assert_eq!(site.store.admission_find(other).await.unwrap(), None, "{other:?}");
    }
}

async fn dropped_work_leaves_nothing(site: &Site<'_>) {
    let (organisation, depot, ..) = site.place().await;
    let charge_point = charger_at(&site.ids, organisation, depot, "contract-dropped");
    let mut tx = site.begin().await;
    tx.charge_points().charge_point_insert(&charge_point).await.unwrap();
    drop(tx);
    assert_eq!(site.get(&charge_point).await, None);
}

async fn identities_are_unique_everywhere(site: &Site<'_>) {
    let first = site.stored("contract-unique").await;
    let mut other = site.stored("contract-other").await;
    let second = charger_at(&site.ids, other.organisation, other.depot, "contract-unique");
    let mut tx = site.begin().await;
    match tx.charge_points().charge_point_insert(&second).await {
        Err(StoreError::Duplicate { rule }) => assert_eq!(rule, "identity"),
        outcome => panic!("a duplicate identity gave {outcome:?}"),
    }
    drop(tx);
    other.identity = first.identity;
    let mut tx = site.begin().await;
    let outcome = tx.charge_points().charge_point_update(&other, Version::FIRST).await;
    assert!(matches!(outcome, Err(StoreError::Duplicate { rule }) if rule == "identity"));
}

async fn versions(site: &Site<'_>) {
    let charge_point = site.stored("contract-versions").await;
    let changed = ChargePoint { max_power: W(11_000), version: Version(2), ..charge_point.clone() };
    let mut tx = site.begin().await;
    tx.charge_points().charge_point_update(&changed, Version(1)).await.unwrap();
    let again = tx.charge_points().charge_point_update(&changed, Version(1)).await;
    assert!(matches!(again, Err(StoreError::Stale)));
    tx.commit().await.unwrap();
    assert_eq!(site.get(&charge_point).await, Some(changed));

    let mut tx = site.begin().await;
    let (organisation, id) = (charge_point.organisation, charge_point.id);
    let stranger = tx.charge_points().charge_point_delete(site.ids.uuid().into(), id, Version(2)).await;
    assert!(matches!(stranger, Err(StoreError::Stale)));
    let old = tx.charge_points().charge_point_delete(organisation, id, Version(1)).await;
    assert!(matches!(old, Err(StoreError::Stale)));
    tx.charge_points().charge_point_delete(organisation, id, Version(2)).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(site.get(&charge_point).await, None);
    assert_eq!(site.store.admission_find("contract-versions").await.unwrap(), None);
}

async fn evses_come_and_go(site: &Site<'_>) {
    let before = site.stored("contract-evses").await;
    let mut changed = before.clone();
    changed.version = Version(2);
    assert!(changed.learn_connector(2, &site.ids) && changed.learn_connector(3, &site.ids));
    let mut tx = site.begin().await;
    tx.charge_points().charge_point_update(&changed, Version(1)).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(site.get(&before).await, Some(changed.clone()));

    changed.version = Version(3);
    changed.evses.remove(0);
    // The two that stay change places, which must not look like two with one number.
    let (left, right) = changed.evses.split_at_mut(1);
    std::mem::swap(&mut left[0].connectors[0].flat_number, &mut right[0].connectors[0].flat_number);
    let mut tx = site.begin().await;
    tx.charge_points().charge_point_update(&changed, Version(2)).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(site.get(&before).await, Some(changed));
}

async fn live_facts_are_apart(site: &Site<'_>) {
    let operator = site.stored("contract-live").await;
    let mut charger = operator.clone();
    charger.live.online = true;
    charger.live.generation = Generation(5);
    charger.live.firmware = Some("2.0".into());
    charger.live.whole.wanted = Availability::Inoperative;
    charger.max_power = W(1);
    charger.evses[0].connectors[0].live.report = Some(report(ConnectorStatus::Preparing));
    charger.evses[0].connectors[0].live.wanted = Availability::Inoperative;

    let mut tx = site.begin().await;
    tx.charger_state().charge_point_update_live(&charger).await.unwrap();
    tx.charger_state().connector_update_live(charger.id, &charger.evses[0].connectors[0]).await.unwrap();
    tx.commit().await.unwrap();
    charger.max_power = operator.max_power;
    assert_eq!(site.get(&operator).await, Some(charger.clone()));

    // The operator's change was prepared before the charger spoke, and takes nothing of it back.
    let changed = ChargePoint { max_power: W(11_000), version: Version(2), ..operator.clone() };
    let mut tx = site.begin().await;
    tx.charge_points().charge_point_update(&changed, Version(1)).await.unwrap();
    tx.commit().await.unwrap();
    let stored = site.get(&operator).await.unwrap();
    assert_eq!((stored.max_power, &stored.live), (W(11_000), &charger.live));
    assert_eq!(stored.evses, charger.evses);
}

async fn last_seen_moves_in_steps(site: &Site<'_>) {
    let charge_point = site.stored("contract-seen").await;
    let start = FakeClock::default().now();
    let chargers = [reference(&charge_point)];
    for (seconds, kept) in [(0, 0), (29, 0), (30, 0), (31, 31), (20, 31)] {
        let at = start + TimeDelta::seconds(seconds);
        let mut tx = site.begin().await;
        let stale = at - TimeDelta::seconds(30);
        tx.charger_state().charge_points_seen(&chargers, at, stale).await.unwrap();
        tx.commit().await.unwrap();
        let stored = site.get(&charge_point).await.unwrap();
        assert_eq!(stored.live.last_seen_at, Some(start + TimeDelta::seconds(kept)));
        assert_eq!(stored.version, Version::FIRST);
    }
}

async fn organisations_are_apart(site: &Site<'_>) {
    let charge_point = site.stored("contract-apart").await;
    let (stranger, id) = (site.ids.uuid().into(), charge_point.id);
    let store = site.store;
    assert_eq!(store.charge_point_get(stranger, id).await.unwrap(), None);
    assert!(store.charge_points_of_depot(stranger, charge_point.depot).await.unwrap().is_empty());
    let page = store
        .charge_point_list(&stranger.into(), &ChargePointFilter::default(), PageRequest::default())
        .await;
    assert!(page.unwrap().items.is_empty());
    let mut tx = site.begin().await;
    assert_eq!(tx.charge_points().charge_point_find(stranger, id).await.unwrap(), None);
    assert_eq!(tx.charger_state().connector_place(stranger, id, 1).await.unwrap(), None);
    assert!(!tx.charge_points().charge_point_has_open_transaction(stranger, id).await.unwrap());
}

async fn pages_and_filters(site: &Site<'_>) {
    let (organisation, depot, circuit, zone) = site.place().await;
    let mut rows = Vec::new();
    for number in 0..5_u16 {
        let mut row = charger_at(&site.ids, organisation, depot, &format!("Page-{number}_x"));
        row.circuit = (number == 1).then_some(circuit);
        row.zone = (number == 2).then_some(zone);
        row.live.online = number == 3;
        if number == 4 {
            row.learn_connector(2, &site.ids);
            for evse in &mut row.evses {
                evse.connectors[0].live.report = Some(report(ConnectorStatus::Faulted));
            }
        }
        site.insert(&row).await;
        rows.push(row);
    }
    let mut seen = Vec::new();
    let mut after = None;
    loop {
        let request = PageRequest { limit: Limit::new(2).unwrap(), after };
        let page = list(site, organisation, ChargePointFilter::default(), request).await;
        seen.extend(page.items);
        after = page.next;
        if after.is_none() {
            break;
        }
    }
    assert_eq!(seen, rows);

    let any = ChargePointFilter::default;
    let identity = |text: &str| ChargePointFilter { identity: Some(text.into()), ..any() };
    let elsewhere = Some(site.ids.uuid().into());
    for (filter, expected) in [
        (ChargePointFilter { depot: Some(depot), ..any() }, vec![0, 1, 2, 3, 4]),
        (ChargePointFilter { depot: elsewhere, ..any() }, vec![]),
        (ChargePointFilter { circuit: Some(circuit), ..any() }, vec![1]),
        (ChargePointFilter { zone: Some(zone), ..any() }, vec![2]),
        (ChargePointFilter { online: Some(true), ..any() }, vec![3]),
        (ChargePointFilter { online: Some(false), ..any() }, vec![0, 1, 2, 4]),
        (ChargePointFilter { status: Some(ConnectorStatus::Faulted), ..any() }, vec![4]),
        (ChargePointFilter { status: Some(ConnectorStatus::Unknown), ..any() }, vec![0, 1, 2, 3]),
        (identity("pAGE-3"), vec![3]),
        (identity("_x"), vec![0, 1, 2, 3, 4]),
        // The wildcards of a database's pattern are ordinary characters here.
        (identity("e_"), vec![]),
        (identity("Page%3"), vec![]),
    ] {
        let page = list(site, organisation, filter.clone(), PageRequest::default()).await;
        let ids: Vec<ChargePointId> = page.items.iter().map(|row| row.id).collect();
        let expected: Vec<ChargePointId> = expected.into_iter().map(|index: usize| rows[index].id).collect();
        assert_eq!(ids, expected, "{filter:?}");
    }
    assert_eq!(site.store.charge_points_of_depot(organisation, depot).await.unwrap(), rows);
}

async fn list(
    site: &Site<'_>,
    organisation: OrganisationId,
    filter: ChargePointFilter,
    page: PageRequest,
) -> Page<ChargePoint> {
    site.store.charge_point_list(&organisation.into(), &filter, page).await.unwrap()
}

async fn configuration_is_merged(site: &Site<'_>) {
    let charge_point = site.stored("contract-configuration").await;
    let (organisation, id) = (charge_point.organisation, charge_point.id);
    let reported_at = FakeClock::default().now();
    let key = |key: &str, value: Option<&str>, readonly| ConfigurationKey {
        key: key.into(),
        value: value.map(Into::into),
        readonly,
        reported_at,
    };
    for keys in [
        vec![key("HeartbeatInterval", Some("60"), false), key("B", None, true)],
        vec![key("HeartbeatInterval", Some("90"), false), key("A", Some(""), false)],
        vec![],
    ] {
        let mut tx = site.begin().await;
        tx.charger_state().configuration_save(id, &keys).await.unwrap();
        tx.commit().await.unwrap();
    }
    let expected =
        vec![key("A", Some(""), false), key("B", None, true), key("HeartbeatInterval", Some("90"), false)];
    assert_eq!(site.store.configuration_list(organisation, id).await.unwrap(), expected);
    let stranger = site.ids.uuid().into();
    assert!(site.store.configuration_list(stranger, id).await.unwrap().is_empty());
}

async fn all_offline(site: &Site<'_>) {
    let (organisation, depot, ..) = site.place().await;
    let mut charge_point = charger_at(&site.ids, organisation, depot, "contract-offline");
    charge_point.live.online = true;
    charge_point.live.generation = Generation(9);
    site.insert(&charge_point).await;
    let at = FakeClock::default().now() + TimeDelta::hours(1);
    let mut tx = site.begin().await;
    let gone = tx.charger_state().charge_points_all_offline(at).await.unwrap();
    tx.commit().await.unwrap();
    charge_point.live.online = false;
    charge_point.live.connection_changed_at = Some(at);
    assert_eq!(gone.iter().find(|row| row.id == charge_point.id), Some(&charge_point));
    assert_eq!(site.get(&charge_point).await, Some(charge_point));
    let mut tx = site.begin().await;
    assert!(tx.charger_state().charge_points_all_offline(at).await.unwrap().is_empty());
}
