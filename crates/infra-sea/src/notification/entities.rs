//! Tables `alert`, `alert_watch`, `alert_rule`, `notification_delivery` and `notification_item`.

use kernel::StoreError;
use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;

fn written(value: &impl Serialize) -> Result<Value, StoreError> {
    serde_json::to_value(value).map_err(|_| StoreError::corrupt("an alert that cannot be written"))
}

fn read<T: DeserializeOwned>(value: Value) -> Result<T, StoreError> {
    serde_json::from_value(value).map_err(|_| StoreError::corrupt("a stored alert"))
}

fn count(number: i64) -> Result<u32, StoreError> {
    u32::try_from(number).map_err(|_| StoreError::corrupt("a count of alerts"))
}

pub(super) mod alert {
    //! Table `alert` and how a row becomes an [`Alert`].

    use ::notification::{About, Alert};
    use kernel::{StoreError, Timestamp, Version};
    use sea_orm::{ActiveValue::Set, entity::prelude::*};

    use super::{count, read, written};
    use crate::word;

    #[derive(Clone, Debug, DeriveEntityModel)]
    #[sea_orm(table_name = "alert")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub organisation_id: Uuid,
        pub version: i64,
        pub kind: String,
        pub subject: String,
        /// The subject while the alert stands.
        pub active_subject: Option<String>,
        pub severity: String,
        pub state: String,
        pub summary: String,
        pub depot_id: Option<Uuid>,
        pub charge_point_id: Option<Uuid>,
        pub connector_number: Option<i64>,
        pub evse_id: Option<Uuid>,
        pub vehicle_id: Option<Uuid>,
        pub run_id: Option<Uuid>,
        pub circuit_id: Option<Uuid>,
        pub api_key_id: Option<Uuid>,
        pub details: Json,
        pub count: i64,
        pub reopened: i64,
        pub first_seen_at: Timestamp,
        pub last_seen_at: Timestamp,
        pub acknowledged_at: Option<Timestamp>,
        pub acknowledged_by: Option<Json>,
        pub note: Option<String>,
        pub cleared_at: Option<Timestamp>,
    }

    #[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}

    impl TryFrom<Model> for Alert {
        type Error = StoreError;

        fn try_from(row: Model) -> Result<Self, StoreError> {
            let connector = row.connector_number.map(u16::try_from).transpose();
            Ok(Self {
                id: row.id.into(),
                organisation: row.organisation_id.into(),
                version: Version(row.version),
                kind: word::read(&row.kind)?,
                subject: row.subject,
                severity: word::read(&row.severity)?,
                state: word::read(&row.state)?,
                summary: row.summary,
                about: About {
                    depot: row.depot_id.map(Into::into),
                    charge_point: row.charge_point_id.map(Into::into),
                    connector: connector.map_err(|_| StoreError::corrupt("alert.connector_number"))?,
                    evse: row.evse_id.map(Into::into),
                    vehicle: row.vehicle_id.map(Into::into),
                    run: row.run_id.map(Into::into),
                    circuit: row.circuit_id.map(Into::into),
                    api_key: row.api_key_id.map(Into::into),
                },
                details: row.details,
                count: count(row.count)?,
                reopened: count(row.reopened)?,
                first_seen_at: row.first_seen_at,
                last_seen_at: row.last_seen_at,
                acknowledged_at: row.acknowledged_at,
                acknowledged_by: row.acknowledged_by.map(read).transpose()?,
                note: row.note,
                cleared_at: row.cleared_at,
            })
        }
    }

    pub(in crate::notification) fn row(alert: &Alert) -> Result<ActiveModel, StoreError> {
        let about = &alert.about;
        Ok(ActiveModel {
            id: Set(alert.id.into()),
            organisation_id: Set(alert.organisation.into()),
            version: Set(alert.version.0),
            kind: Set(word::write(&alert.kind)?),
            subject: Set(alert.subject.clone()),
            active_subject: Set(alert.stands().then(|| alert.subject.clone())),
            severity: Set(word::write(&alert.severity)?),
            state: Set(word::write(&alert.state)?),
            summary: Set(alert.summary.clone()),
            depot_id: Set(about.depot.map(Into::into)),
            charge_point_id: Set(about.charge_point.map(Into::into)),
            connector_number: Set(about.connector.map(Into::into)),
            evse_id: Set(about.evse.map(Into::into)),
            vehicle_id: Set(about.vehicle.map(Into::into)),
            run_id: Set(about.run.map(Into::into)),
            circuit_id: Set(about.circuit.map(Into::into)),
            api_key_id: Set(about.api_key.map(Into::into)),
            details: Set(alert.details.clone()),
            count: Set(alert.count.into()),
            reopened: Set(alert.reopened.into()),
            first_seen_at: Set(alert.first_seen_at),
            last_seen_at: Set(alert.last_seen_at),
            acknowledged_at: Set(alert.acknowledged_at),
            acknowledged_by: Set(alert.acknowledged_by.as_ref().map(written).transpose()?),
            note: Set(alert.note.clone()),
            cleared_at: Set(alert.cleared_at),
        })
    }
}

pub(super) mod watch {
    //! Table `alert_watch`.

    use ::notification::Watch;
    use kernel::{StoreError, Timestamp};
    use sea_orm::{ActiveValue::Set, entity::prelude::*};

    use super::{read, written};
    use crate::word;

    #[derive(Clone, Debug, DeriveEntityModel)]
    #[sea_orm(table_name = "alert_watch")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub organisation_id: Uuid,
        #[sea_orm(primary_key, auto_increment = false)]
        pub kind: String,
        #[sea_orm(primary_key, auto_increment = false)]
        pub subject: String,
        pub seen_at: Timestamp,
        pub due_at: Timestamp,
        pub sighting: Json,
    }

    #[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}

    impl TryFrom<Model> for Watch {
        type Error = StoreError;

        fn try_from(row: Model) -> Result<Self, StoreError> {
            Ok(Self {
                organisation: row.organisation_id.into(),
                seen_at: row.seen_at,
                due_at: row.due_at,
                sighting: read(row.sighting)?,
            })
        }
    }

    pub(in crate::notification) fn row(watch: &Watch) -> Result<ActiveModel, StoreError> {
        Ok(ActiveModel {
            organisation_id: Set(watch.organisation.into()),
            kind: Set(word::write(&watch.sighting.kind)?),
            subject: Set(watch.sighting.subject.clone()),
            seen_at: Set(watch.seen_at),
            due_at: Set(watch.due_at),
            sighting: Set(written(&watch.sighting)?),
        })
    }
}

pub(super) mod rule {
    //! Table `alert_rule` and how a row becomes an [`AlertRule`].

    use ::notification::{AlertRule, Webhook};
    use kernel::{StoreError, Timestamp, Version};
    use sea_orm::{ActiveValue::Set, entity::prelude::*};

    use super::{read, written};

    #[derive(Clone, Debug, DeriveEntityModel)]
    #[sea_orm(table_name = "alert_rule")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub organisation_id: Uuid,
        pub version: i64,
        pub name: String,
        pub enabled: bool,
        pub matching: Json,
        pub emails: Json,
        pub webhook_url: Option<String>,
        pub webhook_secret: Option<String>,
        pub timing: Json,
        pub created_at: Timestamp,
        pub updated_at: Timestamp,
    }

    #[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}

    impl TryFrom<Model> for AlertRule {
        type Error = StoreError;

        fn try_from(row: Model) -> Result<Self, StoreError> {
            let webhook = match (row.webhook_url, row.webhook_secret) {
                (Some(url), Some(secret)) => {
                    let secret = secret.parse();
                    let secret = secret.map_err(|_| StoreError::corrupt("alert_rule.webhook_secret"))?;
                    Some(Webhook { url, secret })
                }
                _ => None,
            };
            Ok(Self {
                id: row.id.into(),
                organisation: row.organisation_id.into(),
                version: Version(row.version),
                name: row.name,
                enabled: row.enabled,
                matching: read(row.matching)?,
                emails: read(row.emails)?,
                webhook,
                timing: read(row.timing)?,
                created_at: row.created_at,
                updated_at: row.updated_at,
            })
        }
    }

    pub(in crate::notification) fn row(rule: &AlertRule) -> Result<ActiveModel, StoreError> {
        Ok(ActiveModel {
            id: Set(rule.id.into()),
            organisation_id: Set(rule.organisation.into()),
            version: Set(rule.version.0),
            name: Set(rule.name.clone()),
            enabled: Set(rule.enabled),
            matching: Set(written(&rule.matching)?),
            emails: Set(written(&rule.emails)?),
            webhook_url: Set(rule.webhook.as_ref().map(|webhook| webhook.url.clone())),
            webhook_secret: Set(rule.webhook.as_ref().map(|webhook| webhook.secret.expose())),
            timing: Set(written(&rule.timing)?),
            created_at: Set(rule.created_at),
            updated_at: Set(rule.updated_at),
        })
    }
}

pub(super) mod delivery {
    //! Table `notification_delivery` and how a row becomes a [`Delivery`].

    use ::notification::Delivery;
    use kernel::{StoreError, Timestamp};
    use sea_orm::{ActiveValue::Set, entity::prelude::*};

    use super::{count, read, written};
    use crate::word;

    #[derive(Clone, Debug, DeriveEntityModel)]
    #[sea_orm(table_name = "notification_delivery")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub organisation_id: Uuid,
        pub rule_id: Uuid,
        pub channel: String,
        pub recipient: String,
        pub state: String,
        pub level: i64,
        pub created_at: Timestamp,
        pub first_due_at: Timestamp,
        pub due_at: Timestamp,
        pub claimed_until: Option<Timestamp>,
        pub attempts: i64,
        pub message: Option<Json>,
        pub last_error: Option<String>,
        pub finished_at: Option<Timestamp>,
    }

    #[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}

    impl TryFrom<Model> for Delivery {
        type Error = StoreError;

        fn try_from(row: Model) -> Result<Self, StoreError> {
            Ok(Self {
                id: row.id.into(),
                organisation: row.organisation_id.into(),
                rule: row.rule_id.into(),
                channel: word::read(&row.channel)?,
                recipient: row.recipient,
                state: word::read(&row.state)?,
                level: count(row.level)?,
                created_at: row.created_at,
                first_due_at: row.first_due_at,
                due_at: row.due_at,
                claimed_until: row.claimed_until,
                attempts: count(row.attempts)?,
                message: row.message.map(read).transpose()?,
                last_error: row.last_error,
                finished_at: row.finished_at,
            })
        }
    }

    pub(in crate::notification) fn row(delivery: &Delivery) -> Result<ActiveModel, StoreError> {
        Ok(ActiveModel {
            id: Set(delivery.id.into()),
            organisation_id: Set(delivery.organisation.into()),
            rule_id: Set(delivery.rule.into()),
            channel: Set(word::write(&delivery.channel)?),
            recipient: Set(delivery.recipient.clone()),
            state: Set(word::write(&delivery.state)?),
            level: Set(delivery.level.into()),
            created_at: Set(delivery.created_at),
            first_due_at: Set(delivery.first_due_at),
            due_at: Set(delivery.due_at),
            claimed_until: Set(delivery.claimed_until),
            attempts: Set(delivery.attempts.into()),
            message: Set(delivery.message.as_ref().map(written).transpose()?),
            last_error: Set(delivery.last_error.clone()),
            finished_at: Set(delivery.finished_at),
        })
    }
}

pub(super) mod item {
    //! Table `notification_item`: what a message tells.

    use kernel::Timestamp;
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, DeriveEntityModel)]
    #[sea_orm(table_name = "notification_item")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub delivery_id: Uuid,
        #[sea_orm(primary_key, auto_increment = false)]
        pub alert_id: Uuid,
        pub change: String,
        pub ready_at: Timestamp,
    }

    #[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}
