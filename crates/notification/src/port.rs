//! What this domain needs of a store, and of those who carry messages.

use async_trait::async_trait;
use kernel::{
    AlertId, AlertRuleId, ApiKeyId, ChargePointId, Commit, DeliveryId, DepotId, HasAudit, HasOutbox,
    HasPositions, OrganisationId, Page, PageRequest, Reach, StoreError, Timestamp, VehicleId, Version,
};
use uuid::Uuid;

use crate::{
    finding::Thing,
    message::Names,
    model::{
        Alert, AlertKind, AlertRule, AlertState, Change, Channel, Delivery, Severity, Watch, WebhookSecret,
    },
};

/// Alerts and what may become one, within a unit of work. Rows of other organisations do not exist
/// for it.
#[async_trait]
pub trait AlertRepository: Send {
    /// [`StoreError::Duplicate`] with rule `active_subject` where one of its kind and subject stands.
    async fn alert_insert(&mut self, alert: &Alert) -> Result<(), StoreError>;

    /// Reads the alert for change.
    async fn alert_find(
        &mut self,
        organisation: OrganisationId,
        id: AlertId,
    ) -> Result<Option<Alert>, StoreError>;

    /// Reads the newest alert of a kind and subject for change, whether it stands or not.
    async fn alert_latest(
        &mut self,
        organisation: OrganisationId,
        kind: AlertKind,
        subject: &str,
    ) -> Result<Option<Alert>, StoreError>;

    /// Stores the alert where the stored version is still `read`; else [`StoreError::Stale`].
    async fn alert_update(&mut self, alert: &Alert, read: Version) -> Result<(), StoreError>;

    /// Every standing alert about a thing, for change.
    async fn alerts_about(
        &mut self,
        organisation: OrganisationId,
        thing: Thing,
    ) -> Result<Vec<Alert>, StoreError>;

    /// Begins to watch; where the kind and subject is watched already, nothing changes.
    async fn watch_put(&mut self, watch: &Watch) -> Result<(), StoreError>;

    async fn watch_remove(
        &mut self,
        organisation: OrganisationId,
        kind: AlertKind,
        subject: &str,
    ) -> Result<(), StoreError>;

    /// Those of any organisation whose time has come, oldest first.
    async fn watches_due(&mut self, now: Timestamp, limit: u16) -> Result<Vec<Watch>, StoreError>;

    /// Forgets alerts that were cleared before the instant and returns how many there were.
    async fn alerts_forget(&mut self, before: Timestamp) -> Result<u64, StoreError>;
}

/// Alert rules within a unit of work.
#[async_trait]
pub trait AlertRuleRepository: Send {
    async fn rule_insert(&mut self, rule: &AlertRule) -> Result<(), StoreError>;

    async fn rule_find(
        &mut self,
        organisation: OrganisationId,
        id: AlertRuleId,
    ) -> Result<Option<AlertRule>, StoreError>;

    /// Stores the rule where the stored version is still `read`; else [`StoreError::Stale`].
    async fn rule_update(&mut self, rule: &AlertRule, read: Version) -> Result<(), StoreError>;

    /// Deletes the row where its version is still the one given; else [`StoreError::Stale`].
    async fn rule_delete(&mut self, rule: &AlertRule) -> Result<(), StoreError>;

    /// All rules, oldest first.
    async fn rules_of(&mut self, organisation: OrganisationId) -> Result<Vec<AlertRule>, StoreError>;
}

/// Messages on their way, within a unit of work.
#[async_trait]
pub trait DeliveryRepository: Send {
    async fn delivery_insert(&mut self, delivery: &Delivery) -> Result<(), StoreError>;

    /// Reads for change those of a recipient that still collect: pending and never tried. Until the
    /// unit of work ends nobody claims them.
    async fn deliveries_collecting(
        &mut self,
        rule: AlertRuleId,
        channel: Channel,
        recipient: &str,
    ) -> Result<Vec<Delivery>, StoreError>;

    /// The newest of a recipient that was tried or is due, whatever became of it.
    async fn delivery_last(
        &mut self,
        rule: AlertRuleId,
        channel: Channel,
        recipient: &str,
        now: Timestamp,
    ) -> Result<Option<Delivery>, StoreError>;

    /// Adds what is to be told of an alert; of one alert the last change counts. Where it is over
    /// before `ready_at`, it can be withdrawn.
    async fn item_put(
        &mut self,
        delivery: DeliveryId,
        alert: AlertId,
        change: Change,
        ready_at: Timestamp,
    ) -> Result<(), StoreError>;

    /// Takes an alert out of messages that still collect, where it was not to be told before `now`.
    async fn items_withdraw(&mut self, alert: AlertId, now: Timestamp) -> Result<(), StoreError>;

    /// Claims those of any organisation that are due and nobody's work, oldest due first, and
    /// counts the attempt. No two callers claim the same.
    async fn deliveries_claim(
        &mut self,
        now: Timestamp,
        until: Timestamp,
        limit: u16,
    ) -> Result<Vec<Delivery>, StoreError>;

    /// Stores a delivery that was claimed until `claimed`; [`StoreError::Stale`] where another has
    /// claimed it since.
    async fn delivery_update(&mut self, delivery: &Delivery, claimed: Timestamp) -> Result<(), StoreError>;

    /// Forgets those that ended before the instant and returns how many there were.
    async fn deliveries_forget(&mut self, before: Timestamp) -> Result<u64, StoreError>;
}

pub trait HasAlerts: Send {
    fn alerts(&mut self) -> &mut dyn AlertRepository;
}

pub trait HasAlertRules: Send {
    fn alert_rules(&mut self) -> &mut dyn AlertRuleRepository;
}

pub trait HasDeliveries: Send {
    fn deliveries(&mut self) -> &mut dyn DeliveryRepository;
}

/// The unit of work of this domain's use cases.
pub trait AlertTx:
    HasAlerts + HasAlertRules + HasDeliveries + HasPositions + HasOutbox + HasAudit + Commit
{
}
impl<T> AlertTx for T where
    T: HasAlerts + HasAlertRules + HasDeliveries + HasPositions + HasOutbox + HasAudit + Commit
{
}

#[derive(Clone, Debug, Default)]
pub struct AlertFilter {
    pub state: Option<AlertState>,
    pub kind: Option<AlertKind>,
    pub severity: Option<Severity>,
    pub depot: Option<DepotId>,
    pub charge_point: Option<ChargePointId>,
    pub vehicle: Option<VehicleId>,
    /// First seen at or after.
    pub from: Option<Timestamp>,
    /// First seen before.
    pub to: Option<Timestamp>,
}

/// Reads outside a unit of work.
#[async_trait]
pub trait AlertReader: Send + Sync {
    async fn alert_get(&self, organisation: OrganisationId, id: AlertId)
    -> Result<Option<Alert>, StoreError>;

    /// Newest first.
    async fn alert_list(
        &self,
        reach: &Reach,
        filter: &AlertFilter,
        page: PageRequest,
    ) -> Result<Page<Alert>, StoreError>;

    /// Kind's subjects that stand or are watched, each once: at a depot, or anywhere.
    async fn subjects_standing(
        &self,
        organisation: OrganisationId,
        kind: AlertKind,
        depot: Option<DepotId>,
    ) -> Result<Vec<String>, StoreError>;

    async fn alert_rule_get(
        &self,
        organisation: OrganisationId,
        id: AlertRuleId,
    ) -> Result<Option<AlertRule>, StoreError>;

    /// Oldest first.
    async fn alert_rule_list(
        &self,
        organisation: OrganisationId,
        page: PageRequest,
    ) -> Result<Page<AlertRule>, StoreError>;

    /// Messages that tell of an alert, newest first.
    async fn delivery_list(
        &self,
        organisation: OrganisationId,
        alert: AlertId,
        page: PageRequest,
    ) -> Result<Page<Delivery>, StoreError>;

    /// What a message tells of, each alert as it is now.
    async fn delivery_items(&self, delivery: DeliveryId) -> Result<Vec<(Alert, Change)>, StoreError>;
}

/// What people call the things that alerts are about.
#[async_trait]
pub trait NameReader: Send + Sync {
    /// Names of those among `ids` that are depots, charge points, circuits or vehicles.
    async fn names_of(&self, organisation: OrganisationId, ids: &[Uuid]) -> Result<Names, StoreError>;
}

/// Whether what a rule names exists.
#[async_trait]
pub trait KnownDepots: Send + Sync {
    /// Those among `ids` that are depots of the organisation.
    async fn depots_known(
        &self,
        organisation: OrganisationId,
        ids: &[DepotId],
    ) -> Result<Vec<DepotId>, StoreError>;
}

/// An API key that ends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyExpiry {
    pub organisation: OrganisationId,
    pub api_key: ApiKeyId,
    pub name: String,
    pub expires_at: Timestamp,
}

#[async_trait]
pub trait ExpiringKeys: Send + Sync {
    /// Keys of every organisation that are usable now and end before an instant.
    async fn keys_expiring(&self, now: Timestamp, before: Timestamp) -> Result<Vec<KeyExpiry>, StoreError>;

    /// Every organisation, those without keys too.
    async fn organisations_everywhere(&self) -> Result<Vec<OrganisationId>, StoreError>;
}

/// One mail to one address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mail {
    /// The same whenever the same message is tried again.
    pub id: Uuid,
    pub to: String,
    pub subject: String,
    pub text: String,
}

/// One signed request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WebhookCall {
    /// The same whenever the same message is tried again.
    pub id: Uuid,
    pub at: Timestamp,
    pub url: String,
    pub secret: WebhookSecret,
    /// The secret before, with which it is signed as well while receivers change over.
    pub previous: Option<WebhookSecret>,
    pub body: String,
}

#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum SendError {
    /// It may be received another time.
    #[error("{0}")]
    Later(String),
    /// It never will be.
    #[error("{0}")]
    Never(String),
    /// The receiver wants nothing more at all.
    #[error("{0}")]
    Gone(String),
}

#[async_trait]
pub trait MailSender: Send + Sync {
    async fn mail_send(&self, mail: &Mail) -> Result<(), SendError>;
}

#[async_trait]
pub trait WebhookSender: Send + Sync {
    async fn webhook_send(&self, call: &WebhookCall) -> Result<(), SendError>;
}
