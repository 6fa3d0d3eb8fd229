//! Tables `webhook` and `webhook_delivery`.

use kernel::StoreError;

fn corrupt(what: &'static str) -> StoreError {
    StoreError::corrupt(what)
}

pub(super) mod webhook {
    //! Table `webhook` and how a row becomes a [`PartnerWebhook`].

    use ::notification::{PartnerWebhook, PreviousSecret, WebhookSecret};
    use kernel::{StoreError, Timestamp, Version};
    use sea_orm::{ActiveValue::Set, entity::prelude::*};

    use super::corrupt;
    use crate::word;

    #[derive(Clone, Debug, DeriveEntityModel)]
    #[sea_orm(table_name = "webhook")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub organisation_id: Uuid,
        pub version: i64,
        pub api_key_id: Uuid,
        pub url: String,
        pub description: Option<String>,
        pub types: Json,
        pub secret: String,
        pub previous_secret: Option<String>,
        pub previous_until: Option<Timestamp>,
        pub enabled: bool,
        pub disabled_why: Option<String>,
        pub failing_since: Option<Timestamp>,
        pub created_at: Timestamp,
        pub updated_at: Timestamp,
    }

    #[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}

    fn secret(text: &str) -> Result<WebhookSecret, StoreError> {
        text.parse().map_err(|_| corrupt("webhook.secret"))
    }

    impl TryFrom<Model> for PartnerWebhook {
        type Error = StoreError;

        fn try_from(row: Model) -> Result<Self, StoreError> {
            let previous = match (row.previous_secret, row.previous_until) {
                (Some(text), Some(until)) => Some(PreviousSecret { secret: secret(&text)?, until }),
                _ => None,
            };
            Ok(Self {
                id: row.id.into(),
                organisation: row.organisation_id.into(),
                version: Version(row.version),
                owner: row.api_key_id.into(),
                url: row.url,
                description: row.description,
                types: serde_json::from_value(row.types).map_err(|_| corrupt("webhook.types"))?,
                secret: secret(&row.secret)?,
                previous,
                enabled: row.enabled,
                disabled_why: row.disabled_why.map(|word| word::read(&word)).transpose()?,
                failing_since: row.failing_since,
                created_at: row.created_at,
                updated_at: row.updated_at,
            })
        }
    }

    pub(in crate::notification) fn row(webhook: &PartnerWebhook) -> Result<ActiveModel, StoreError> {
        Ok(ActiveModel {
            id: Set(webhook.id.into()),
            organisation_id: Set(webhook.organisation.into()),
            version: Set(webhook.version.0),
            api_key_id: Set(webhook.owner.into()),
            url: Set(webhook.url.clone()),
            description: Set(webhook.description.clone()),
            types: Set(webhook.types.clone().into()),
            secret: Set(webhook.secret.expose()),
            previous_secret: Set(webhook.previous.as_ref().map(|previous| previous.secret.expose())),
            previous_until: Set(webhook.previous.as_ref().map(|previous| previous.until)),
            enabled: Set(webhook.enabled),
            disabled_why: Set(webhook.disabled_why.map(|why| word::write(&why)).transpose()?),
            failing_since: Set(webhook.failing_since),
            created_at: Set(webhook.created_at),
            updated_at: Set(webhook.updated_at),
        })
    }
}

pub(super) mod delivery {
    //! Table `webhook_delivery` and how a row becomes an [`EventDelivery`].

    use ::notification::EventDelivery;
    use kernel::{StoreError, Timestamp};
    use sea_orm::{ActiveValue::Set, entity::prelude::*};

    use super::corrupt;
    use crate::word;

    #[derive(Clone, Debug, DeriveEntityModel)]
    #[sea_orm(table_name = "webhook_delivery")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub organisation_id: Uuid,
        pub webhook_id: Uuid,
        pub event_id: Uuid,
        pub event_type: String,
        pub body: String,
        pub state: String,
        pub created_at: Timestamp,
        pub first_due_at: Timestamp,
        pub due_at: Timestamp,
        pub claimed_until: Option<Timestamp>,
        pub attempts: i64,
        pub last_error: Option<String>,
        pub finished_at: Option<Timestamp>,
    }

    #[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}

    impl TryFrom<Model> for EventDelivery {
        type Error = StoreError;

        fn try_from(row: Model) -> Result<Self, StoreError> {
            Ok(Self {
                id: row.id.into(),
                organisation: row.organisation_id.into(),
                webhook: row.webhook_id.into(),
                event: row.event_id.into(),
                event_type: row.event_type,
                body: row.body,
                state: word::read(&row.state)?,
                created_at: row.created_at,
                first_due_at: row.first_due_at,
                due_at: row.due_at,
                claimed_until: row.claimed_until,
                attempts: row.attempts.try_into().map_err(|_| corrupt("webhook_delivery.attempts"))?,
                last_error: row.last_error,
                finished_at: row.finished_at,
            })
        }
    }

    pub(in crate::notification) fn row(delivery: &EventDelivery) -> Result<ActiveModel, StoreError> {
        Ok(ActiveModel {
            id: Set(delivery.id.into()),
            organisation_id: Set(delivery.organisation.into()),
            webhook_id: Set(delivery.webhook.into()),
            event_id: Set(delivery.event.into()),
            event_type: Set(delivery.event_type.clone()),
            body: Set(delivery.body.clone()),
            state: Set(word::write(&delivery.state)?),
            created_at: Set(delivery.created_at),
            first_due_at: Set(delivery.first_due_at),
            due_at: Set(delivery.due_at),
            claimed_until: Set(delivery.claimed_until),
            attempts: Set(delivery.attempts.into()),
            last_error: Set(delivery.last_error.clone()),
            finished_at: Set(delivery.finished_at),
        })
    }
}
