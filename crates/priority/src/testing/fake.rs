//! The ports over maps: a unit of work is a copy that replaces the original when it commits.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard},
};

use async_trait::async_trait;
use kernel::{
    AuditEntry, AuditLog, Begin, ChargePointId, Commit, Cursor, DepotId, Event, HasAudit, HasOutbox,
    OrganisationId, Outbox, Page, PageRequest, PriorityLevelId, PriorityOverrideId, PriorityRuleId, Reach,
    StoreError, Timestamp, VehicleId, Version,
};

use crate::{
    effective::Facts,
    model::{Level, Override, OverrideTarget, Rule},
    port::{
        FactsReader, HasPriorities, KnownTargets, OverrideFilter, PriorityReader, PriorityRepository,
        PriorityTx, Stand,
    },
};

#[derive(Clone, Debug, Default)]
struct State {
    levels: BTreeMap<PriorityLevelId, Level>,
    rules: BTreeMap<PriorityRuleId, Rule>,
    overrides: BTreeMap<PriorityOverrideId, Override>,
    facts: Vec<(OrganisationId, Facts)>,
    events: Vec<Event>,
    audit: Vec<AuditEntry>,
}

/// A store in memory. Clones share their content.
#[derive(Clone, Debug, Default)]
pub struct FakePriorities(Arc<Mutex<State>>);

impl FakePriorities {
    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().expect("no test panics while holding the state")
    }

    /// Makes a vehicle, a depot and a charge point known by what is known of them.
    pub fn add_facts(&self, organisation: OrganisationId, facts: Facts) {
        self.state().facts.push((organisation, facts));
    }

    /// Names of the events that became durable, in order.
    pub fn event_names(&self) -> Vec<String> {
        self.state().events.iter().map(|event| event.name.to_string()).collect()
    }

    pub fn audit(&self) -> Vec<AuditEntry> {
        self.state().audit.clone()
    }

    fn facts_that(&self, organisation: OrganisationId, wanted: impl Fn(&Facts) -> bool) -> Vec<Facts> {
        let state = self.state();
        let of = state.facts.iter().filter(|(owner, facts)| *owner == organisation && wanted(facts));
        of.map(|(_, facts)| facts.clone()).collect()
    }
}

struct FakeTx {
    store: FakePriorities,
    state: State,
}

#[async_trait]
impl Begin<dyn PriorityTx> for FakePriorities {
    async fn begin(&self) -> Result<Box<dyn PriorityTx>, StoreError> {
        Ok(Box::new(FakeTx { store: self.clone(), state: self.state().clone() }))
    }
}

#[async_trait]
impl Commit for FakeTx {
    async fn commit(self: Box<Self>) -> Result<(), StoreError> {
        *self.store.state() = self.state;
        Ok(())
    }
}

impl HasPriorities for FakeTx {
    fn priorities(&mut self) -> &mut dyn PriorityRepository {
        self
    }
}

impl HasOutbox for FakeTx {
    fn outbox(&mut self) -> &mut dyn Outbox {
        self
    }
}

impl HasAudit for FakeTx {
    fn audit(&mut self) -> &mut dyn AuditLog {
        self
    }
}

#[async_trait]
impl Outbox for FakeTx {
    async fn append(&mut self, event: Event) -> Result<(), StoreError> {
        self.state.events.push(event);
        Ok(())
    }
}

#[async_trait]
impl AuditLog for FakeTx {
    async fn record(&mut self, entry: AuditEntry) -> Result<(), StoreError> {
        self.state.audit.push(entry);
        Ok(())
    }
}

impl State {
    fn rules_of(&self, organisation: OrganisationId) -> Vec<Rule> {
        let mut rules: Vec<_> =
            self.rules.values().filter(|rule| rule.organisation == organisation).cloned().collect();
        rules.sort_by_key(|rule| rule.position);
        rules
    }

    fn duplicate_positions(&self, organisation: OrganisationId) -> Result<(), StoreError> {
        let rules = self.rules_of(organisation);
        match rules.windows(2).any(|pair| pair[0].position == pair[1].position) {
            true => Err(StoreError::Duplicate { rule: "position".into() }),
            false => Ok(()),
        }
    }
}

#[async_trait]
impl PriorityRepository for FakeTx {
    async fn level_insert(&mut self, level: &Level) -> Result<(), StoreError> {
        let same = |other: &Level| other.organisation == level.organisation && other.level == level.level;
        if self.state.levels.values().any(same) {
            return Err(StoreError::Duplicate { rule: "level".into() });
        }
        self.state.levels.insert(level.id, level.clone());
        Ok(())
    }

    async fn level_find(
        &mut self,
        organisation: OrganisationId,
        id: PriorityLevelId,
    ) -> Result<Option<Level>, StoreError> {
        Ok(self.state.levels.get(&id).filter(|level| level.organisation == organisation).cloned())
    }

    async fn level_update(&mut self, level: &Level, read: Version) -> Result<(), StoreError> {
        match self.state.levels.get_mut(&level.id) {
            Some(row) if row.version == read => {
                *row = level.clone();
                Ok(())
            }
            _ => Err(StoreError::Stale),
        }
    }

    async fn level_delete(&mut self, level: &Level) -> Result<(), StoreError> {
        if self.state.levels.get(&level.id).is_none_or(|row| row.version != level.version) {
            return Err(StoreError::Stale);
        }
        self.state.levels.remove(&level.id);
        Ok(())
    }

    async fn rules_lock(&mut self, organisation: OrganisationId) -> Result<Vec<Rule>, StoreError> {
        Ok(self.state.rules_of(organisation))
    }

    async fn rule_insert(&mut self, rule: &Rule) -> Result<(), StoreError> {
        self.state.rules.insert(rule.id, rule.clone());
        self.state.duplicate_positions(rule.organisation)
    }

    async fn rules_update(&mut self, organisation: OrganisationId, rules: &[Rule]) -> Result<(), StoreError> {
        for rule in rules {
            match self.state.rules.get_mut(&rule.id) {
                Some(row) if row.version.next() == rule.version && row.organisation == organisation => {
                    *row = rule.clone();
                }
                _ => return Err(StoreError::Stale),
            }
        }
        self.state.duplicate_positions(organisation)
    }

    async fn rule_delete(
        &mut self,
        organisation: OrganisationId,
        id: PriorityRuleId,
    ) -> Result<(), StoreError> {
        match self.state.rules.get(&id).is_some_and(|rule| rule.organisation == organisation) {
            true => self.state.rules.remove(&id),
            false => return Err(StoreError::Stale),
        };
        Ok(())
    }

    async fn override_insert(&mut self, over: &Override) -> Result<(), StoreError> {
        self.state.overrides.insert(over.id, over.clone());
        Ok(())
    }

    async fn override_find(
        &mut self,
        organisation: OrganisationId,
        id: PriorityOverrideId,
    ) -> Result<Option<Override>, StoreError> {
        Ok(self.state.overrides.get(&id).filter(|over| over.organisation == organisation).cloned())
    }

    async fn override_delete(
        &mut self,
        organisation: OrganisationId,
        id: PriorityOverrideId,
    ) -> Result<(), StoreError> {
        match self.state.overrides.get(&id).is_some_and(|over| over.organisation == organisation) {
            true => self.state.overrides.remove(&id),
            false => return Err(StoreError::Stale),
        };
        Ok(())
    }
}

#[async_trait]
impl PriorityReader for FakePriorities {
    async fn levels(&self, organisation: OrganisationId) -> Result<Vec<Level>, StoreError> {
        let state = self.state();
        let own = state.levels.values().filter(|level| level.organisation == organisation);
        let mut levels: Vec<_> = own.cloned().collect();
        levels.sort_by_key(|level| level.level);
        Ok(levels)
    }

    async fn rules(&self, organisation: OrganisationId) -> Result<Vec<Rule>, StoreError> {
        Ok(self.state().rules_of(organisation))
    }

    async fn override_get(
        &self,
        organisation: OrganisationId,
        id: PriorityOverrideId,
    ) -> Result<Option<Override>, StoreError> {
        Ok(self.state().overrides.get(&id).filter(|over| over.organisation == organisation).cloned())
    }

    async fn override_list(
        &self,
        reach: &Reach,
        filter: &OverrideFilter,
        page: PageRequest,
    ) -> Result<Page<Override>, StoreError> {
        let organisation = reach.organisation();
        let matches = |over: &&Override| {
            over.organisation == organisation
                && filter.vehicle.is_none_or(|vehicle| over.target == OverrideTarget::Vehicle(vehicle))
                && filter
                    .charge_point
                    .is_none_or(|charge_point| over.target == OverrideTarget::ChargePoint(charge_point))
                && filter.active_at.is_none_or(|at| over.active(at))
                && page.after.is_none_or(|after| over.id.as_uuid() > after.id)
        };
        let rows: Vec<_> = self.state().overrides.values().filter(matches).cloned().collect();
        let mut rows = reach.keep(rows, |over| over.id).await?;
        rows.truncate(usize::from(page.limit.get()) + 1);
        Ok(Page::from_surplus(rows, page.limit, |over| Cursor::of(over.id)))
    }

    async fn overrides_active(
        &self,
        organisation: OrganisationId,
        at: Timestamp,
    ) -> Result<Vec<Override>, StoreError> {
        let state = self.state();
        let active = state.overrides.values().filter(|over| over.organisation == organisation);
        Ok(active.filter(|over| over.active(at)).cloned().collect())
    }
}

#[async_trait]
impl FactsReader for FakePriorities {
    async fn facts_at_depot(
        &self,
        organisation: OrganisationId,
        depot: DepotId,
        now: Timestamp,
    ) -> Result<Option<Vec<Facts>>, StoreError> {
        let mut facts = self.facts_that(organisation, |facts| facts.depot == depot);
        facts.sort_by_key(|facts| facts.vehicle);
        for facts in &mut facts {
            facts.now = now;
        }
        Ok((!facts.is_empty()).then_some(facts))
    }

    async fn facts_of(
        &self,
        organisation: OrganisationId,
        depot: DepotId,
        stands: &[Stand],
        now: Timestamp,
    ) -> Result<Option<Vec<Facts>>, StoreError> {
        let Some(at_depot) = self.facts_at_depot(organisation, depot, now).await? else { return Ok(None) };
        let Some(any) = at_depot.first().cloned() else { return Ok(None) };
        let facts = stands.iter().map(|stand| {
            let known = self
                .facts_that(organisation, |facts| stand.vehicle.is_some() && facts.vehicle == stand.vehicle);
            let nobody = Facts {
                own_level: None,
                soc: None,
                minutes_to_departure: None,
                run: None,
                block: None,
                run_level: None,
                ..any.clone()
            };
            let facts = known.into_iter().next().unwrap_or(nobody);
            Facts { now, depot, charge_point: Some(stand.charge_point), vehicle: stand.vehicle, ..facts }
        });
        Ok(Some(facts.collect()))
    }
}

#[async_trait]
impl KnownTargets for FakePriorities {
    async fn vehicles_known(
        &self,
        organisation: OrganisationId,
        ids: &[VehicleId],
    ) -> Result<Vec<VehicleId>, StoreError> {
        let known = self
            .facts_that(organisation, |facts| facts.vehicle.is_some_and(|vehicle| ids.contains(&vehicle)));
        Ok(known.into_iter().filter_map(|facts| facts.vehicle).collect())
    }

    async fn charge_point_known(
        &self,
        organisation: OrganisationId,
        id: ChargePointId,
    ) -> Result<bool, StoreError> {
        Ok(!self.facts_that(organisation, |facts| facts.charge_point == Some(id)).is_empty())
    }

    async fn depot_known(&self, organisation: OrganisationId, id: DepotId) -> Result<bool, StoreError> {
        Ok(!self.facts_that(organisation, |facts| facts.depot == id).is_empty())
    }
}
