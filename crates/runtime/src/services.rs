//! Every use case of the product over one set of backends: what servers hold.

use std::sync::Arc;

use charge_point::{ChargePointService, CommandService};
use charging::{AllocationService, ControlService};
use connect_router::DeadLetterService;
use depot::{CircuitService, DepotService};
use kernel::{SecretHasher, idempotency::IdempotencyStore};
use transaction::TransactionService;
use vehicle::{IdTagService, VehicleService};

use crate::{ambient::Argon2Hasher, backends::Backends, config::Config};

/// The services of all domains. A domain is added here once, and every server has it.
pub struct Services {
    pub depots: DepotService,
    pub circuits: CircuitService,
    pub charge_points: ChargePointService,
    pub commands: CommandService,
    pub vehicles: VehicleService,
    pub id_tags: IdTagService,
    pub transactions: TransactionService,
    pub dead_letters: DeadLetterService,
    pub allocations: AllocationService,
    pub control: ControlService,
    /// Checks passwords, of people and of chargers.
    pub hasher: Arc<dyn SecretHasher>,
    /// Where answers to idempotent requests are kept, in the transactions of their effects.
    pub idempotency: Arc<dyn IdempotencyStore>,
}

impl Services {
    /// # Errors
    /// Where a secret that the configuration names cannot be had.
    pub fn new(backends: &Backends, _config: &Config) -> anyhow::Result<Self> {
        let Backends { sea, clock, ids } = backends.clone();
        let hasher: Arc<dyn SecretHasher> = Arc::new(Argon2Hasher::default());
        Ok(Self {
            depots: DepotService::new(sea.clone(), clock.clone(), ids.clone()),
            circuits: CircuitService::new(sea.clone(), clock.clone(), ids.clone()),
            charge_points: ChargePointService::new(sea.clone(), hasher.clone(), clock.clone(), ids.clone()),
            commands: CommandService::new(sea.clone(), clock.clone(), ids.clone()),
            vehicles: VehicleService::new(sea.clone(), clock.clone(), ids.clone()),
            id_tags: IdTagService::new(sea.clone(), clock.clone(), ids.clone()),
            transactions: TransactionService::new(sea.clone(), clock.clone(), ids.clone()),
            dead_letters: DeadLetterService::new(sea.clone(), clock.clone(), ids.clone()),
            allocations: AllocationService::new(sea.clone()),
            control: ControlService::new(sea.clone(), clock, ids),
            hasher,
            idempotency: sea,
        })
    }
}
