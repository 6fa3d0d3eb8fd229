//! The product on a database of its own, with a clock set by hand.

use std::{sync::Arc, time::Duration};

use anyhow::{Context, ensure};
use async_trait::async_trait;
use axum::{
    Router,
    body::Body,
    http::{Method, Request, header},
};
use charge_point::CommandQueue;
use charging::Trigger;
use chrono::TimeDelta;
use connect_router::{ConnectionId, Dispatcher, Inbound, InboundCall, Item, Opened, Protocol, Recording};
use http_body_util::BodyExt;
use http_kit::{AuthFailure, Authenticator, Health, Shell};
use kernel::{ChargePointId, Clock, DepotId, Fence, FenceSource, OrganisationId, Scope, testing::FakeClock};
use runtime::{Backends, Config, Services, SystemIds, config::Secret, services::recording};
use serde_json::{Value, json};
use testkit::TestDatabase;
use tokio_util::sync::CancellationToken;
use tower::ServiceExt;
use transaction::Quarters;
use uuid::Uuid;

use crate::{scene::Scene, yard::Yard};

const OURS: OrganisationId = OrganisationId::from_uuid(Uuid::from_u128(1));
/// Nobody waits for simulated chargers.
const AT_ONCE: Duration = Duration::from_secs(1);

pub(crate) struct Stage {
    pub(crate) clock: Arc<FakeClock>,
    pub(crate) services: Arc<Services>,
    pub(crate) yard: Arc<Yard>,
    pub(crate) depot: DepotId,
    pub(crate) vehicles: Vec<Uuid>,
    /// The run of each vehicle's morning.
    mornings: Vec<String>,
    chargers: Vec<(String, ChargePointId)>,
    backends: Backends,
    router: Router,
    recording: Recording,
    quarters: Quarters,
    dispatcher: Dispatcher,
    messages: u64,
    _databases: [TestDatabase; 2],
}

/// Everybody may do everything: who may do what has tests of its own.
struct Everybody;

#[async_trait]
impl Authenticator for Everybody {
    async fn authenticate(&self, _: &str) -> Result<Scope, AuthFailure> {
        Ok(Scope::system(OURS))
    }
}

impl Stage {
    /// Opens the product and builds the depot by its API.
    pub(crate) async fn set(scene: &Scene, strategy: &str) -> anyhow::Result<Self> {
        let first = scene.duties.iter().map(|duty| duty.left_at).min().unwrap_or(scene.begins_at);
        let clock = Arc::new(FakeClock::at(first - TimeDelta::minutes(10)));
        let (database, documents) = (TestDatabase::sqlite()?, TestDatabase::sqlite()?);
        let mut config = Config::default();
        config.database.url = Secret::new(database.url());
        config.documents.url = Secret::new(documents.url());
        config.auth.token_secret = Secret::new("a secret of this night, and of nobody else");
        let backends = Backends::open_with(&config, clock.clone(), Arc::new(SystemIds)).await?;
        backends.sea.migrate().await?;
        let services = Arc::new(Services::new(&backends, &config)?);
        let shell = Shell::new("internal", backends.ids.clone(), Health::new(CancellationToken::new()));
        let router = api_internal::router(services.clone(), Arc::new(Everybody), shell);
        let api = Api(&router);
        let depot = api.depot(strategy).await?;
        let chargers = api.chargers(scene, &depot).await?;
        let (vehicles, mornings) = api.vehicles(scene, &depot).await?;
        let ids: Vec<ChargePointId> = chargers.iter().map(|(_, id)| *id).collect();
        let yard = Arc::new(Yard::new(scene, &ids));
        let queue = Arc::new(CommandQueue::new(backends.sea.clone(), clock.clone(), backends.ids.clone()));
        let dispatcher = Dispatcher::new(queue, backends.sea.clone(), yard.clone(), AT_ONCE);
        let recording = recording(&backends, &config);
        let quarters = Quarters::new(backends.sea.clone(), clock.clone());
        Ok(Self {
            clock,
            services,
            yard,
            depot: depot.parse()?,
            vehicles,
            mornings,
            chargers,
            backends,
            router,
            recording,
            quarters,
            dispatcher,
            messages: 0,
            _databases: [database, documents],
        })
    }

    pub(crate) fn api(&self) -> Api<'_> {
        Api(&self.router)
    }

    /// Our turn to steer the depot.
    pub(crate) async fn fence(&self) -> anyhow::Result<Fence> {
        Ok(self.backends.sea.fence_next(&format!("control:{}", self.depot)).await?)
    }

    /// Lets the control look once.
    pub(crate) async fn control(&self, fence: &Fence) -> anyhow::Result<usize> {
        Ok(self.services.control.tick(OURS, self.depot, fence).await?.orders)
    }

    /// Lets the planner look once.
    pub(crate) async fn plan(&self, fence: &Fence) -> anyhow::Result<()> {
        self.services.plans.replan(OURS, self.depot, Trigger::NewSlot, Some(fence)).await?;
        Ok(())
    }

    /// A vehicle leaves on its morning's run; what the product thought of the run until then.
    pub(crate) async fn depart(&self, place: usize) -> anyhow::Result<String> {
        let path = format!("/dispatch/runs/{}", self.mornings[place]);
        let run = self.api().get(&path).await?;
        self.api().post(&format!("{path}/depart"), json!({})).await?;
        Ok(run["readiness"]["state"].as_str().unwrap_or_default().to_owned())
    }

    /// Carries what was ordered to the chargers.
    pub(crate) async fn deliver(&self) -> anyhow::Result<()> {
        for charger in self.dispatcher.waiting().await? {
            self.dispatcher.dispatch(charger).await?;
        }
        Ok(())
    }

    /// Sums up what meters said.
    pub(crate) async fn sum_up(&self) -> anyhow::Result<()> {
        self.quarters.sum_up().await?;
        Ok(())
    }

    /// Connects all chargers.
    pub(crate) async fn connect(&mut self) -> anyhow::Result<()> {
        let opened = self.chargers.iter().map(|(identity, charge_point)| {
            Inbound::Opened(Opened {
                organisation: OURS,
                charge_point: *charge_point,
                identity: identity.clone(),
                connection: ConnectionId(1),
                protocol: Protocol::Ocpp16,
            })
        });
        self.record(opened.collect()).await?;
        let boot = json!({"chargePointVendor": "Night", "chargePointModel": "One"});
        let boots = (0..self.chargers.len()).map(|place| (place, "BootNotification", boot.clone()));
        self.call(boots.collect()).await?;
        let free = json!({"connectorId": 1, "status": "Available", "errorCode": "NoError"});
        let states = (0..self.chargers.len()).map(|place| (place, "StatusNotification", free.clone()));
        self.call(states.collect()).await?;
        Ok(())
    }

    /// Calls of chargers at these places, recorded together; their answers.
    pub(crate) async fn call(&mut self, calls: Vec<(usize, &str, Value)>) -> anyhow::Result<Vec<Value>> {
        let now = self.clock.now();
        let mut inbound = Vec::new();
        for (place, action, payload) in calls {
            self.messages += 1;
            let (identity, charge_point) = self.chargers.get(place).context("no such place")?;
            inbound.push(Inbound::Call(InboundCall {
                organisation: OURS,
                charge_point: *charge_point,
                identity: identity.clone(),
                protocol: Protocol::Ocpp16,
                connection: ConnectionId(1),
                message_id: self.messages.to_string(),
                action: action.to_owned(),
                payload: serde_json::value::to_raw_value(&payload)?,
                received_at: now,
            }));
        }
        self.record(inbound).await
    }

    async fn record(&self, inbound: Vec<Inbound>) -> anyhow::Result<Vec<Value>> {
        let items: Vec<Item> = inbound.into_iter().map(|inbound| Item { inbound, advance: None }).collect();
        let recorded = self.recording.record(&items).await;
        if let Some(stopped) = recorded.stopped {
            return Err(stopped.into());
        }
        let results = recorded.answers.into_iter().map(|answer| match answer {
            connect_router::Answer::Result(result) => Ok(result),
            connect_router::Answer::Error { description, .. } => anyhow::bail!("refused: {description}"),
        });
        results.collect()
    }
}

/// The operators' API.
pub(crate) struct Api<'a>(&'a Router);

impl Api<'_> {
    pub(crate) async fn ask(&self, method: Method, path: &str, body: Option<Value>) -> anyhow::Result<Value> {
        let request = Request::builder()
            .method(&method)
            .uri(format!("/api/v1{path}"))
            .header(header::AUTHORIZATION, "Bearer everybody")
            .header(header::CONTENT_TYPE, "application/json");
        let body = body.map_or_else(Body::empty, |body| Body::from(body.to_string()));
        let response = self.0.clone().oneshot(request.body(body)?).await?;
        let (status, body) = (response.status(), response.into_body().collect().await?.to_bytes());
        ensure!(status.is_success(), "{method} {path}: {status} {}", String::from_utf8_lossy(&body));
        Ok(if body.is_empty() { Value::Null } else { serde_json::from_slice(&body)? })
    }

    pub(crate) async fn get(&self, path: &str) -> anyhow::Result<Value> {
        self.ask(Method::GET, path, None).await
    }

    pub(crate) async fn post(&self, path: &str, body: Value) -> anyhow::Result<Value> {
        self.ask(Method::POST, path, Some(body)).await
    }

    async fn depot(&self, strategy: &str) -> anyhow::Result<String> {
        let depot = json!({"code": "N", "name": "Night", "timezone": crate::clock::ZONE_NAME,
                           "charging_strategy": strategy});
        let depot = id(&self.post("/depots", depot).await?)?;
        let tariff = crate::tariff::body();
        self.ask(Method::PUT, &format!("/depots/{depot}/electricity-tariff"), Some(tariff)).await?;
        Ok(depot)
    }

    async fn chargers(&self, scene: &Scene, depot: &str) -> anyhow::Result<Vec<(String, ChargePointId)>> {
        let circuits = format!("/depots/{depot}/circuits");
        let grid = json!({"name": "Grid", "kind": "grid_connection", "limit_kw": scene.connection_kw,
                          "safety_margin_percent": scene.margin_percent, "unmanaged_load_kw": scene.unmanaged_kw});
        let grid = id(&self.post(&circuits, grid).await?)?;
        let mut panels = Vec::new();
        for panel in 1..=scene.panels() {
            let body = json!({"name": format!("Panel {panel}"), "kind": "panel", "parent_id": grid,
                              "limit_kw": scene.panel_kw});
            panels.push(id(&self.post(&circuits, body).await?)?);
        }
        let mut chargers = Vec::new();
        for charger in &scene.chargers {
            let current = if charger.dc { "dc" } else { "ac" };
            let body = json!({"identity": charger.identity, "depot_id": depot, "circuit_id": panels[charger.panel],
                              "max_power_kw": charger.max_kw, "current_type": current,
                              "min_power_kw": charger.min_kw});
            let made = id(&self.post("/charge-points", body).await?)?;
            chargers.push((charger.identity.clone(), made.parse()?));
        }
        Ok(chargers)
    }

    /// The vehicles, their tags, what they left with, and their runs of both days.
    async fn vehicles(&self, scene: &Scene, depot: &str) -> anyhow::Result<(Vec<Uuid>, Vec<String>)> {
        let (mut vehicles, mut mornings) = (Vec::new(), Vec::new());
        for (index, (duty, charger)) in scene.duties.iter().zip(&scene.chargers).enumerate() {
            let (ac, dc) = if charger.dc { (0.0, duty.max_kw) } else { (duty.max_kw, 0.0) };
            let body = json!({"fleet_number": format!("BUS-{index:03}"), "depot_id": depot,
                              "battery_kwh": duty.battery_kwh, "max_ac_kw": ac, "max_dc_kw": dc,
                              "priority_level": duty.level});
            let vehicle = id(&self.post("/vehicles", body).await?)?;
            self.post("/id-tags", json!({"value": tag(index), "vehicle_id": vehicle})).await?;
            let soc = json!({"percent": duty.left_with.to_percent(), "source": "telematics"});
            self.post(&format!("/vehicles/{vehicle}/soc"), soc).await?;
            let day = json!({"depot_id": depot, "service_date": crate::clock::date(duty.left_at),
                             "block": format!("D{index:03}"), "departure_at": duty.left_at,
                             "arrival_at": duty.expected_at, "energy_required_kwh": duty.day_kwh,
                             "vehicle_id": vehicle});
            self.post("/dispatch/runs", day).await?;
            let morning = json!({"depot_id": depot, "service_date": crate::clock::date(duty.departs_at),
                                 "block": format!("M{index:03}"), "departure_at": duty.departs_at,
                                 "arrival_at": duty.returns_at, "required_soc_percent": duty.needed.to_percent(),
                                 "vehicle_id": vehicle});
            mornings.push(id(&self.post("/dispatch/runs", morning).await?)?);
            vehicles.push(vehicle.parse()?);
        }
        Ok((vehicles, mornings))
    }
}

/// What a vehicle is recognised by.
pub(crate) fn tag(index: usize) -> String {
    format!("NIGHT-TAG-{index:03}")
}

fn id(body: &Value) -> anyhow::Result<String> {
    Ok(body["id"].as_str().context("no id")?.to_owned())
}
