//! Rules and their order. Positions count from 1 without gaps, whatever is added, moved or removed.

use kernel::{AuditVerb, Invalid, Permission, PriorityRuleId, Reach, Scope, StoreError, Version};

use super::PriorityService;
use crate::{
    command::{ChangeRule, CreateRule, check_rule},
    error::PriorityError,
    event,
    model::{Rule, RuleTarget},
};

const RESOURCE: &str = "priority_rule";

/// The most rules an organisation may have: all are read whenever a depot's levels are asked for.
pub const MOST_RULES: usize = 200;

impl PriorityService {
    /// The rules by position, without those that name something the caller does not see.
    ///
    /// # Errors
    /// [`PriorityError::Denied`] and store errors only.
    pub async fn rule_list(&self, scope: &Scope) -> Result<Vec<Rule>, PriorityError> {
        let reach = scope.require(Permission::PriorityRead)?;
        let mut rules = self.reader.rules(scope.organisation()).await?;
        if reach.limited_to().is_some() {
            let mut seen = Vec::with_capacity(rules.len());
            for rule in rules {
                if sees(&reach, &rule.target).await? {
                    seen.push(rule);
                }
            }
            rules = seen;
        }
        Ok(rules)
    }

    /// # Errors
    /// [`PriorityError::NoSuchRule`] also for rules of others.
    pub async fn rule_get(&self, scope: &Scope, id: PriorityRuleId) -> Result<Rule, PriorityError> {
        let rules = self.rule_list(scope).await?;
        rules.into_iter().find(|rule| rule.id == id).ok_or(PriorityError::NoSuchRule)
    }

    /// # Errors
    /// [`PriorityError::Invalid`] with every broken rule; [`PriorityError::TooManyRules`].
    pub async fn rule_create(&self, scope: &Scope, command: CreateRule) -> Result<Rule, PriorityError> {
        scope.require_everywhere(Permission::PriorityWrite)?;
        let mut unknown = Invalid::default();
        self.check_target(scope, &command.target, &mut unknown).await?;
        let now = self.clock.now();
        let mut rule = Rule {
            id: self.ids.uuid().into(),
            organisation: scope.organisation(),
            version: Version::FIRST,
            position: 0,
            name: command.name,
            enabled: command.enabled,
            target: command.target,
            conditions: command.conditions,
            level: command.level,
            created_at: now,
            updated_at: now,
        };
        let mut invalid = check_rule(&mut rule, command.position);
        invalid.errors.extend(unknown.errors);
        invalid.into_result()?;

        let mut tx = self.store.begin().await?;
        let read = tx.priorities().rules_lock(scope.organisation()).await?;
        if read.len() >= MOST_RULES {
            return Err(PriorityError::TooManyRules);
        }
        let mut order = read.clone();
        let place = place(command.position, order.len());
        order.insert(place, rule);
        let moved = self.number(&mut order, &read);
        let rule = order.swap_remove(place);
        tx.priorities().rules_update(scope.organisation(), &moved).await?;
        tx.priorities().rule_insert(&rule).await?;
        tx.outbox().append(event::rule(&*self.clock, &*self.ids, event::RULE_CREATED, &rule)).await?;
        tx.audit().record(self.audit(scope, AuditVerb::Create, RESOURCE, rule.id).after(&rule)).await?;
        self.tell_moved(&mut *tx, scope, &read, &moved, None).await?;
        tx.commit().await?;
        Ok(rule)
    }

    /// # Errors
    /// As [`Self::rule_create`]; [`StoreError::Stale`] for another version.
    pub async fn rule_change(
        &self,
        scope: &Scope,
        id: PriorityRuleId,
        expected: Option<Version>,
        command: ChangeRule,
    ) -> Result<Rule, PriorityError> {
        scope.require_everywhere(Permission::PriorityWrite)?;
        let mut unknown = Invalid::default();
        if let Some(target) = &command.target {
            self.check_target(scope, target, &mut unknown).await?;
        }
        let mut tx = self.store.begin().await?;
        let read = tx.priorities().rules_lock(scope.organisation()).await?;
        let (at, before) = find(&read, id, expected)?;
        let mut rule = before.clone();
        let position = command.position;
        command.apply(&mut rule);
        let mut invalid = check_rule(&mut rule, position);
        invalid.errors.extend(unknown.errors);
        invalid.into_result()?;

        let mut order = read.clone();
        order.remove(at);
        let place = position.map_or(at, |position| place(Some(position), order.len()));
        rule.version = before.version.next();
        rule.updated_at = self.clock.now();
        order.insert(place, rule);
        let mut moved = self.number(&mut order, &read);
        let rule = order.swap_remove(place);
        moved.retain(|other| other.id != id);
        moved.push(rule.clone());
        tx.priorities().rules_update(scope.organisation(), &moved).await?;
        tx.outbox().append(event::rule(&*self.clock, &*self.ids, event::RULE_CHANGED, &rule)).await?;
        let entry = self.audit(scope, AuditVerb::Update, RESOURCE, id).before(before).after(&rule);
        tx.audit().record(entry).await?;
        self.tell_moved(&mut *tx, scope, &read, &moved, Some(id)).await?;
        tx.commit().await?;
        Ok(rule)
    }

    /// # Errors
    /// [`PriorityError::NoSuchRule`]; [`StoreError::Stale`] for another version.
    pub async fn rule_delete(
        &self,
        scope: &Scope,
        id: PriorityRuleId,
        expected: Option<Version>,
    ) -> Result<(), PriorityError> {
        scope.require_everywhere(Permission::PriorityWrite)?;
        let mut tx = self.store.begin().await?;
        let read = tx.priorities().rules_lock(scope.organisation()).await?;
        let (at, rule) = find(&read, id, expected)?;
        let mut order = read.clone();
        order.remove(at);
        let moved = self.number(&mut order, &read);
        tx.priorities().rule_delete(scope.organisation(), id).await?;
        tx.priorities().rules_update(scope.organisation(), &moved).await?;
        tx.outbox().append(event::rule(&*self.clock, &*self.ids, event::RULE_DELETED, rule)).await?;
        tx.audit().record(self.audit(scope, AuditVerb::Delete, RESOURCE, id).before(rule)).await?;
        self.tell_moved(&mut *tx, scope, &read, &moved, None).await?;
        tx.commit().await?;
        Ok(())
    }

    /// Numbers the rules in their order. Returns those that were read and have moved, as a newer
    /// version.
    fn number(&self, order: &mut [Rule], read: &[Rule]) -> Vec<Rule> {
        let now = self.clock.now();
        let mut moved = Vec::new();
        for (position, rule) in (1..).zip(order) {
            if rule.position == position {
                continue;
            }
            rule.position = position;
            let Some(before) = read.iter().find(|before| before.id == rule.id) else { continue };
            rule.version = before.version.next();
            rule.updated_at = now;
            moved.push(rule.clone());
        }
        moved
    }

    /// Publishes and records that rules have moved because another did.
    async fn tell_moved(
        &self,
        tx: &mut dyn crate::port::PriorityTx,
        scope: &Scope,
        read: &[Rule],
        moved: &[Rule],
        but: Option<PriorityRuleId>,
    ) -> Result<(), StoreError> {
        for rule in moved.iter().filter(|rule| Some(rule.id) != but) {
            tx.outbox().append(event::rule(&*self.clock, &*self.ids, event::RULE_CHANGED, rule)).await?;
            let before = read.iter().find(|before| before.id == rule.id);
            let entry = self.audit(scope, AuditVerb::Update, RESOURCE, rule.id);
            tx.audit().record(entry.before(&before).after(rule)).await?;
        }
        Ok(())
    }

    /// Notes what the target names and does not exist.
    async fn check_target(
        &self,
        scope: &Scope,
        target: &RuleTarget,
        invalid: &mut Invalid,
    ) -> Result<(), StoreError> {
        let organisation = scope.organisation();
        match target {
            RuleTarget::Everybody | RuleTarget::Block(_) => {}
            RuleTarget::Vehicle(id) => {
                if self.targets.vehicles_known(organisation, &[*id]).await?.is_empty() {
                    invalid.push("/target/vehicle_id", "unknown_vehicle", "no such vehicle");
                }
            }
            RuleTarget::Vehicles(ids) if ids.len() > RuleTarget::MOST_VEHICLES => {}
            RuleTarget::Vehicles(ids) => {
                let known = self.targets.vehicles_known(organisation, ids).await?;
                for (index, _) in ids.iter().enumerate().filter(|(_, id)| !known.contains(id)) {
                    let pointer = format!("/target/vehicle_ids/{index}");
                    invalid.push(pointer, "unknown_vehicle", "no such vehicle");
                }
            }
            RuleTarget::ChargePoint(id) => {
                if !self.targets.charge_point_known(organisation, *id).await? {
                    invalid.push("/target/charge_point_id", "unknown_charge_point", "no such charge point");
                }
            }
            RuleTarget::Depot(id) => {
                if !self.targets.depot_known(organisation, *id).await? {
                    invalid.push("/target/depot_id", "unknown_depot", "no such depot");
                }
            }
        }
        Ok(())
    }
}

/// Whether the caller sees all that a rule names.
async fn sees(reach: &Reach, target: &RuleTarget) -> Result<bool, StoreError> {
    Ok(match target {
        RuleTarget::Everybody | RuleTarget::Block(_) => true,
        RuleTarget::Vehicle(id) => reach.sees(*id).await?.is_some(),
        RuleTarget::Vehicles(ids) => {
            for id in ids {
                if reach.sees(*id).await?.is_none() {
                    return Ok(false);
                }
            }
            true
        }
        RuleTarget::ChargePoint(id) => reach.sees(*id).await?.is_some(),
        RuleTarget::Depot(id) => reach.sees(*id).await?.is_some(),
    })
}

/// The index for a position from 1 among `others`: the end, where it is none or beyond.
fn place(position: Option<u32>, others: usize) -> usize {
    position
        .and_then(|position| usize::try_from(position).ok())
        .map_or(others, |position| position.saturating_sub(1).min(others))
}

fn find(
    rules: &[Rule],
    id: PriorityRuleId,
    expected: Option<Version>,
) -> Result<(usize, &Rule), PriorityError> {
    let found = rules.iter().enumerate().find(|(_, rule)| rule.id == id).ok_or(PriorityError::NoSuchRule)?;
    if expected.is_some_and(|expected| expected != found.1.version) {
        return Err(StoreError::Stale.into());
    }
    Ok(found)
}
