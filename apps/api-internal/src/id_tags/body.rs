//! An id tag as callers see it.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;
use vehicle::{IdTag, IdTagKind, IdTagStatus};

#[derive(Serialize, ToSchema)]
#[schema(as = IdTag)]
pub(crate) struct IdTagBody {
    id: Uuid,
    /// In capital letters; a MAC address without separators.
    value: String,
    #[serde(rename = "type")]
    kind: KindWord,
    #[schema(required)]
    vehicle_id: Option<Uuid>,
    status: StatusWord,
    #[schema(required)]
    expires_at: Option<DateTime<Utc>>,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
}

#[derive(Clone, Copy, Serialize, Deserialize, ToSchema)]
#[schema(as = IdTagType)]
#[serde(rename_all = "snake_case")]
pub(crate) enum KindWord {
    Rfid,
    /// The MAC address of the vehicle's communication controller.
    Evccid,
    /// The contract of ISO 15118.
    Emaid,
}

#[derive(Clone, Copy, Serialize, Deserialize, ToSchema)]
#[schema(as = IdTagStatus)]
#[serde(rename_all = "snake_case")]
pub(crate) enum StatusWord {
    Active,
    Blocked,
}

impl From<IdTag> for IdTagBody {
    fn from(tag: IdTag) -> Self {
        Self {
            id: tag.id.into(),
            value: tag.value.to_string(),
            kind: tag.kind.into(),
            vehicle_id: tag.vehicle.map(Into::into),
            status: tag.status.into(),
            expires_at: tag.expires_at,
            created_at: tag.created_at,
            updated_at: tag.updated_at,
        }
    }
}

impl From<IdTagKind> for KindWord {
    fn from(kind: IdTagKind) -> Self {
        match kind {
            IdTagKind::Rfid => Self::Rfid,
            IdTagKind::Evccid => Self::Evccid,
            IdTagKind::Emaid => Self::Emaid,
        }
    }
}

impl From<KindWord> for IdTagKind {
    fn from(word: KindWord) -> Self {
        match word {
            KindWord::Rfid => Self::Rfid,
            KindWord::Evccid => Self::Evccid,
            KindWord::Emaid => Self::Emaid,
        }
    }
}

impl From<IdTagStatus> for StatusWord {
    fn from(status: IdTagStatus) -> Self {
        match status {
            IdTagStatus::Active => Self::Active,
            IdTagStatus::Blocked => Self::Blocked,
        }
    }
}

impl From<StatusWord> for IdTagStatus {
    fn from(word: StatusWord) -> Self {
        match word {
            StatusWord::Active => Self::Active,
            StatusWord::Blocked => Self::Blocked,
        }
    }
}
