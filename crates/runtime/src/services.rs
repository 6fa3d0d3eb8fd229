//! Every use case of the product over one set of backends: what servers hold.

use std::sync::Arc;

use access::{AccessServices, Lifetimes};
use anyhow::Context;
use charge_point::{ChargePointService, CommandService, UptimeService};
use charging::{AllocationService, ControlService, LiveService, PlanService, overrides::OverrideService};
use chart::ChartService;
use chrono::TimeDelta;
use connect_router::{DeadLetterService, Handler, Recording, Settings};
use depot::{CircuitService, DepotService};
use dispatch::DispatchService;
use infra_auth::JwtIssuer;
use infra_oidc::Issuers;
use kernel::{Quota, Quotas, SecretHasher, idempotency::IdempotencyStore};
use message_log::MessageLogService;
use notification::{AlertService, WebhookService};
use priority::PriorityService;
use report::{ReportRunner, ReportService};
use resource_group::GroupService;
use transaction::TransactionService;
use vehicle::{IdTagService, VehicleService};

use crate::{
    ambient::Argon2Hasher,
    backends::Backends,
    config::{Config, retention},
    feed::LiveFeed,
    planner::BlockingPlanner,
    token_secret::token_secret,
};

/// The services of all domains. A domain is added here once, and every server has it.
pub struct Services {
    /// Organisations, users, roles, keys, sessions, and who may do what.
    pub access: AccessServices,
    pub depots: DepotService,
    pub circuits: CircuitService,
    pub charge_points: ChargePointService,
    pub commands: CommandService,
    pub uptime: UptimeService,
    pub vehicles: VehicleService,
    pub id_tags: IdTagService,
    pub transactions: TransactionService,
    pub dead_letters: DeadLetterService,
    pub message_log: MessageLogService,
    pub reports: ReportService,
    pub charts: ChartService,
    pub priorities: PriorityService,
    pub dispatch: DispatchService,
    pub resource_groups: GroupService,
    pub alerts: AlertService,
    /// Where partners want events posted to.
    pub webhooks: WebhookService,
    pub allocations: AllocationService,
    pub control: ControlService,
    pub charging_overrides: OverrideService,
    pub live: LiveService,
    /// The outlook of depots.
    pub plans: PlanService,
    /// What happens, as it happens.
    pub feed: LiveFeed,
    /// Checks passwords, of people and of chargers.
    pub hasher: Arc<dyn SecretHasher>,
    /// Where answers to idempotent requests are kept, in the transactions of their effects.
    pub idempotency: Arc<dyn IdempotencyStore>,
    /// Counts how often partners ask.
    pub quotas: Arc<dyn Quotas>,
    /// What each API key may ask.
    pub partner_quotas: Vec<Quota>,
}

impl Services {
    /// # Errors
    /// Where a secret that the configuration names cannot be had.
    pub fn new(backends: &Backends, config: &Config) -> anyhow::Result<Self> {
        let Backends { sea, clock, ids, .. } = backends.clone();
        let hasher: Arc<dyn SecretHasher> = Arc::new(Argon2Hasher::default());
        let issuer =
            JwtIssuer::new(&token_secret(config, &*ids)?).context("access tokens cannot be signed")?;
        let access = AccessServices::new(
            sea.clone(),
            Arc::new(issuer),
            hasher.clone(),
            clock.clone(),
            ids.clone(),
            lifetimes(config)?,
        );
        let access = match &config.auth.oidc[..] {
            [] => access,
            named => {
                let issuers = Issuers::new(named).map_err(|error| anyhow::anyhow!(error));
                access.trusting(Arc::new(issuers.context("no issuer can be asked for its keys")?))
            }
        };
        Ok(Self {
            access,
            depots: DepotService::new(sea.clone(), clock.clone(), ids.clone()),
            circuits: CircuitService::new(sea.clone(), clock.clone(), ids.clone()),
            charge_points: ChargePointService::new(sea.clone(), hasher.clone(), clock.clone(), ids.clone()),
            commands: CommandService::new(sea.clone(), clock.clone(), ids.clone()),
            uptime: UptimeService::new(sea.clone(), clock.clone(), ids.clone())
                .keeping(retention(config.uptime.retention_days)),
            vehicles: VehicleService::new(sea.clone(), clock.clone(), ids.clone()),
            id_tags: IdTagService::new(sea.clone(), clock.clone(), ids.clone()),
            transactions: TransactionService::new(sea.clone(), clock.clone(), ids.clone()),
            dead_letters: DeadLetterService::new(
                sea.clone(),
                handler(backends, config),
                clock.clone(),
                ids.clone(),
            ),
            message_log: MessageLogService::new(backends.documents.frames(), clock.clone()),
            reports: ReportService::new(
                sea.clone(),
                backends.blobs.store(),
                backends.documents.reports(),
                clock.clone(),
                ids.clone(),
            ),
            charts: ChartService::new(sea.clone(), clock.clone()),
            priorities: PriorityService::new(sea.clone(), clock.clone(), ids.clone()),
            dispatch: DispatchService::new(sea.clone(), clock.clone(), ids.clone()),
            resource_groups: GroupService::new(sea.clone(), clock.clone(), ids.clone()),
            alerts: AlertService::new(sea.clone(), clock.clone(), ids.clone()),
            webhooks: WebhookService::new(sea.clone(), clock.clone(), ids.clone()),
            allocations: AllocationService::new(sea.clone()),
            live: LiveService::new(sea.clone(), backends.live.clone()),
            feed: LiveFeed::new(sea.clone()),
            plans: PlanService::new(sea.clone(), Arc::new(BlockingPlanner), clock.clone(), ids.clone())
                .stalling_after(config.charging.stalled_after()),
            charging_overrides: OverrideService::new(sea.clone(), clock.clone(), ids.clone()),
            control: ControlService::new(sea.clone(), clock, ids).paced(config.charging.pace()),
            hasher,
            idempotency: sea,
            quotas: backends.quotas.clone(),
            partner_quotas: config.public.quotas(),
        })
    }
}

/// What understands chargers' messages, told what they are told at boot.
pub fn handler(backends: &Backends, config: &Config) -> Handler {
    let settings = Settings {
        heartbeat_interval_seconds: config.connect.heartbeat_interval_seconds,
        meter_interval_seconds: config.connect.meter_interval_seconds,
    };
    Handler::new(backends.clock.clone(), backends.ids.clone(), settings)
}

/// What records chargers' messages.
pub fn recording(backends: &Backends, config: &Config) -> Recording {
    let Backends { sea, clock, ids, live, .. } = backends.clone();
    Recording::new(sea, handler(backends, config), clock, ids).showing(live)
}

/// What makes reports.
///
/// # Errors
/// Where there is no room to work in.
pub fn report_runner(backends: &Backends, config: &Config) -> anyhow::Result<ReportRunner> {
    let Backends { sea, clock, ids, .. } = backends.clone();
    let folder = config.data_dir.join("reports-unfinished");
    std::fs::create_dir_all(&folder).with_context(|| format!("{} cannot be made", folder.display()))?;
    let retention = TimeDelta::try_days(config.reports.retention_days.into());
    Ok(ReportRunner::new(
        sea.clone(),
        sea,
        Arc::new(infra_render::Renderers::new(folder)),
        backends.blobs.store(),
        backends.documents.reports(),
        clock,
        ids,
        retention.filter(|retention| !retention.is_zero()),
    ))
}

fn lifetimes(config: &Config) -> anyhow::Result<Lifetimes> {
    let seconds = i64::try_from(config.auth.access_token_seconds).ok().and_then(TimeDelta::try_seconds);
    let days = i64::try_from(config.auth.refresh_token_days).ok().and_then(TimeDelta::try_days);
    Ok(Lifetimes {
        access: seconds.context("`auth.access_token_seconds` is too large")?,
        refresh: days.context("`auth.refresh_token_days` is too large")?,
    })
}
