//! Who is told of what, as operators say it. Rules belong to the organisation as a whole: they carry what
//! happens out of it, to addresses that no group holds.

use kernel::{
    AlertRuleId, AuditVerb, Change, DepotId, Invalid, Page, PageRequest, Permission, Scope, StoreError,
    Version,
};

use super::AlertService;
use crate::{
    command::{ChangeAlertRule, CreateAlertRule, NewWebhook, check_rule},
    error::AlertError,
    event,
    model::{AlertRule, Matching, Webhook, WebhookSecret},
};

const RESOURCE: &str = "alert_rule";

/// Rules of one organisation.
pub const MOST_RULES: usize = 200;

/// A rule, and the secret of its webhook where it was made just now.
pub type RuleAndSecret = (AlertRule, Option<WebhookSecret>);

impl AlertService {
    /// Oldest first.
    ///
    /// # Errors
    /// [`AlertError::Denied`] and store errors only.
    pub async fn rule_list(&self, scope: &Scope, page: PageRequest) -> Result<Page<AlertRule>, AlertError> {
        scope.require_everywhere(Permission::AlertRuleRead)?;
        Ok(self.reader.alert_rule_list(scope.organisation(), page).await?)
    }

    /// # Errors
    /// [`AlertError::NoSuchRule`] also for rules of others.
    pub async fn rule_get(&self, scope: &Scope, id: AlertRuleId) -> Result<AlertRule, AlertError> {
        scope.require_everywhere(Permission::AlertRuleRead)?;
        self.reader.alert_rule_get(scope.organisation(), id).await?.ok_or(AlertError::NoSuchRule)
    }

    /// # Errors
    /// [`AlertError::Invalid`] with every broken rule; [`AlertError::TooManyRules`].
    pub async fn rule_create(
        &self,
        scope: &Scope,
        command: CreateAlertRule,
    ) -> Result<RuleAndSecret, AlertError> {
        scope.require_everywhere(Permission::AlertRuleWrite)?;
        let now = self.clock.now();
        let mut secret = None;
        let mut rule = AlertRule {
            id: self.ids.uuid().into(),
            organisation: scope.organisation(),
            version: Version::FIRST,
            name: command.name,
            enabled: command.enabled,
            matching: command.matching,
            emails: command.recipients.emails,
            webhook: None,
            timing: command.timing,
            created_at: now,
            updated_at: now,
        };
        let mut unknown = Invalid::default();
        self.check_depots(scope, &rule.matching.depots, &mut unknown).await?;
        if let Some(webhook) = command.recipients.webhook {
            rule.webhook = Some(self.webhook(webhook, None, &mut secret, &mut unknown));
        }
        let mut invalid = check_rule(&mut rule);
        invalid.errors.extend(unknown.errors);
        invalid.into_result()?;
        let mut tx = self.store.begin().await?;
        if tx.alert_rules().rules_of(rule.organisation).await?.len() >= MOST_RULES {
            return Err(AlertError::TooManyRules);
        }
        tx.alert_rules().rule_insert(&rule).await?;
        tx.outbox().append(event::rule(&*self.clock, &*self.ids, event::RULE_CREATED, &rule)).await?;
        tx.audit().record(self.audit(scope, AuditVerb::Create, RESOURCE, rule.id).after(&rule)).await?;
        tx.commit().await?;
        Ok((rule, secret))
    }

    /// # Errors
    /// As [`Self::rule_create`]; [`StoreError::Stale`] for another version.
    pub async fn rule_change(
        &self,
        scope: &Scope,
        id: AlertRuleId,
        expected: Option<Version>,
        command: ChangeAlertRule,
    ) -> Result<RuleAndSecret, AlertError> {
        scope.require_everywhere(Permission::AlertRuleWrite)?;
        let mut unknown = Invalid::default();
        if let Some(depots) = &command.depots {
            self.check_depots(scope, depots, &mut unknown).await?;
        }
        let mut tx = self.store.begin().await?;
        let before = find(&mut *tx, scope, id, expected).await?;
        let (mut rule, mut secret) = (before.clone(), None);
        match command.apply(&mut rule) {
            Change::Keep => {}
            Change::Clear => rule.webhook = None,
            Change::Set(webhook) => {
                let known = before.webhook.as_ref();
                rule.webhook = Some(self.webhook(webhook, known, &mut secret, &mut unknown));
            }
        }
        let mut invalid = check_rule(&mut rule);
        invalid.errors.extend(unknown.errors);
        invalid.into_result()?;
        rule.version = before.version.next();
        rule.updated_at = self.clock.now();
        tx.alert_rules().rule_update(&rule, before.version).await?;
        tx.outbox().append(event::rule(&*self.clock, &*self.ids, event::RULE_CHANGED, &rule)).await?;
        let entry = self.audit(scope, AuditVerb::Update, RESOURCE, id).before(&before).after(&rule);
        tx.audit().record(entry).await?;
        tx.commit().await?;
        Ok((rule, secret))
    }

    /// Messages of the rule that are on their way are not sent any more.
    ///
    /// # Errors
    /// [`AlertError::NoSuchRule`]; [`StoreError::Stale`] for another version.
    pub async fn rule_delete(
        &self,
        scope: &Scope,
        id: AlertRuleId,
        expected: Option<Version>,
    ) -> Result<(), AlertError> {
        scope.require_everywhere(Permission::AlertRuleWrite)?;
        let mut tx = self.store.begin().await?;
        let rule = find(&mut *tx, scope, id, expected).await?;
        tx.alert_rules().rule_delete(&rule).await?;
        tx.outbox().append(event::rule(&*self.clock, &*self.ids, event::RULE_DELETED, &rule)).await?;
        tx.audit().record(self.audit(scope, AuditVerb::Delete, RESOURCE, id).before(&rule)).await?;
        tx.commit().await?;
        Ok(())
    }

    /// Notes depots that do not exist.
    async fn check_depots(
        &self,
        scope: &Scope,
        depots: &[DepotId],
        invalid: &mut Invalid,
    ) -> Result<(), StoreError> {
        // Of too many, none is looked up: they are refused anyway.
        if depots.is_empty() || depots.len() > Matching::MOST_DEPOTS {
            return Ok(());
        }
        let known = self.depots.depots_known(scope.organisation(), depots).await?;
        for (index, _) in depots.iter().enumerate().filter(|(_, id)| !known.contains(id)) {
            invalid.push(format!("/depot_ids/{index}"), "unknown_depot", "no such depot");
        }
        Ok(())
    }

    /// A webhook with the secret given, the one it has, or a new one that is then shown.
    fn webhook(
        &self,
        new: NewWebhook,
        known: Option<&Webhook>,
        made: &mut Option<WebhookSecret>,
        invalid: &mut Invalid,
    ) -> Webhook {
        let mut generate = || made.insert(WebhookSecret::generate(&*self.ids)).clone();
        let secret = match (new.secret, known) {
            (Some(text), _) => text.parse().unwrap_or_else(|error: crate::model::BadWebhookSecret| {
                invalid.push("/webhook/secret", "malformed", error.to_string());
                generate()
            }),
            (None, Some(known)) if known.url == new.url => known.secret.clone(),
            (None, _) => generate(),
        };
        Webhook { url: new.url, secret }
    }
}

async fn find(
    tx: &mut dyn crate::port::AlertTx,
    scope: &Scope,
    id: AlertRuleId,
    expected: Option<Version>,
) -> Result<AlertRule, AlertError> {
    let rule = tx.alert_rules().rule_find(scope.organisation(), id).await?.ok_or(AlertError::NoSuchRule)?;
    if expected.is_some_and(|expected| expected != rule.version) {
        return Err(StoreError::Stale.into());
    }
    Ok(rule)
}
