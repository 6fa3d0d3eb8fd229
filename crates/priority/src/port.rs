//! What this domain needs of a store.

use async_trait::async_trait;
use kernel::{
    ChargePointId, Commit, DepotId, HasAudit, HasOutbox, OrganisationId, Page, PageRequest, PriorityLevelId,
    PriorityOverrideId, PriorityRuleId, Reach, StoreError, Timestamp, VehicleId, Version,
};

use crate::{
    effective::{Effective, Facts, effective},
    model::{Level, Override, Rule},
};

/// Levels, rules and overrides within a unit of work. Rows of other organisations do not exist
/// for it.
#[async_trait]
pub trait PriorityRepository: Send {
    /// [`StoreError::Duplicate`] with rule `level`.
    async fn level_insert(&mut self, level: &Level) -> Result<(), StoreError>;

    async fn level_find(
        &mut self,
        organisation: OrganisationId,
        id: PriorityLevelId,
    ) -> Result<Option<Level>, StoreError>;

    /// Stores the words where the stored version is still `read`; else [`StoreError::Stale`].
    async fn level_update(&mut self, level: &Level, read: Version) -> Result<(), StoreError>;

    /// Deletes the row where its version is still the one given; else [`StoreError::Stale`].
    async fn level_delete(&mut self, level: &Level) -> Result<(), StoreError>;

    /// Reads the rules for change, by position. Until the unit of work ends, nobody else changes
    /// the rules of the organisation or adds to them.
    async fn rules_lock(&mut self, organisation: OrganisationId) -> Result<Vec<Rule>, StoreError>;

    /// [`StoreError::Duplicate`] with rule `position`.
    async fn rule_insert(&mut self, rule: &Rule) -> Result<(), StoreError>;

    /// Stores rules that were read under [`Self::rules_lock`], with a version one above what was
    /// read. Positions may change hands among them.
    async fn rules_update(&mut self, organisation: OrganisationId, rules: &[Rule]) -> Result<(), StoreError>;

    async fn rule_delete(
        &mut self,
        organisation: OrganisationId,
        id: PriorityRuleId,
    ) -> Result<(), StoreError>;

    async fn override_insert(&mut self, over: &Override) -> Result<(), StoreError>;

    async fn override_find(
        &mut self,
        organisation: OrganisationId,
        id: PriorityOverrideId,
    ) -> Result<Option<Override>, StoreError>;

    /// [`StoreError::Stale`] where it is gone.
    async fn override_delete(
        &mut self,
        organisation: OrganisationId,
        id: PriorityOverrideId,
    ) -> Result<(), StoreError>;
}

pub trait HasPriorities: Send {
    fn priorities(&mut self) -> &mut dyn PriorityRepository;
}

/// The unit of work of this domain's use cases.
pub trait PriorityTx: HasPriorities + HasOutbox + HasAudit + Commit {}
impl<T: HasPriorities + HasOutbox + HasAudit + Commit> PriorityTx for T {}

#[derive(Clone, Debug, Default)]
pub struct OverrideFilter {
    pub vehicle: Option<VehicleId>,
    pub charge_point: Option<ChargePointId>,
    /// Only those that end after this instant.
    pub active_at: Option<Timestamp>,
}

/// Reads outside a unit of work.
#[async_trait]
pub trait PriorityReader: Send + Sync {
    /// By their number; nothing where the organisation has made none.
    async fn levels(&self, organisation: OrganisationId) -> Result<Vec<Level>, StoreError>;

    /// By position.
    async fn rules(&self, organisation: OrganisationId) -> Result<Vec<Rule>, StoreError>;

    async fn override_get(
        &self,
        organisation: OrganisationId,
        id: PriorityOverrideId,
    ) -> Result<Option<Override>, StoreError>;

    /// Oldest first.
    async fn override_list(
        &self,
        reach: &Reach,
        filter: &OverrideFilter,
        page: PageRequest,
    ) -> Result<Page<Override>, StoreError>;

    /// All that end after an instant, oldest first.
    async fn overrides_active(
        &self,
        organisation: OrganisationId,
        at: Timestamp,
    ) -> Result<Vec<Override>, StoreError>;
}

/// What the tables of other domains know of those who want to charge.
#[async_trait]
pub trait FactsReader: Send + Sync {
    /// Every vehicle that is plugged in at the depot, or at home there and plugged in nowhere, by
    /// its id. `None` without such a depot.
    async fn facts_at_depot(
        &self,
        organisation: OrganisationId,
        depot: DepotId,
        now: Timestamp,
    ) -> Result<Option<Vec<Facts>>, StoreError>;

    /// Whoever stands at chargers of a depot, in the order asked. Where a vehicle stands is taken
    /// from the question. `None` without such a depot.
    async fn facts_of(
        &self,
        organisation: OrganisationId,
        depot: DepotId,
        stands: &[Stand],
        now: Timestamp,
    ) -> Result<Option<Vec<Facts>>, StoreError>;
}

/// Whether what a rule or an override names exists.
#[async_trait]
pub trait KnownTargets: Send + Sync {
    /// Those among `ids` that exist.
    async fn vehicles_known(
        &self,
        organisation: OrganisationId,
        ids: &[VehicleId],
    ) -> Result<Vec<VehicleId>, StoreError>;

    async fn charge_point_known(
        &self,
        organisation: OrganisationId,
        id: ChargePointId,
    ) -> Result<bool, StoreError>;

    async fn depot_known(&self, organisation: OrganisationId, id: DepotId) -> Result<bool, StoreError>;
}

/// Somebody at a charger.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stand {
    pub charge_point: ChargePointId,
    /// `None` where it was not recognised.
    pub vehicle: Option<VehicleId>,
}

/// The question the control of charging asks. Every store that holds this domain and the facts
/// answers it.
#[async_trait]
pub trait Priorities: Send + Sync {
    /// The level of each stand, in the order asked; nothing where there is no such depot.
    async fn priorities_of(
        &self,
        organisation: OrganisationId,
        depot: DepotId,
        stands: &[Stand],
        now: Timestamp,
    ) -> Result<Vec<Effective>, StoreError>;
}

#[async_trait]
impl<T: PriorityReader + FactsReader> Priorities for T {
    async fn priorities_of(
        &self,
        organisation: OrganisationId,
        depot: DepotId,
        stands: &[Stand],
        now: Timestamp,
    ) -> Result<Vec<Effective>, StoreError> {
        if stands.is_empty() {
            return Ok(Vec::new());
        }
        let facts = self.facts_of(organisation, depot, stands, now).await?.unwrap_or_default();
        let rules = self.rules(organisation).await?;
        let overrides = self.overrides_active(organisation, now).await?;
        Ok(facts.iter().map(|facts| effective(facts, &rules, &overrides)).collect())
    }
}
