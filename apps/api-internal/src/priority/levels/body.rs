//! A level as callers see it.

use chrono::{DateTime, Utc};
use priority::Level;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

#[derive(Serialize, ToSchema)]
#[schema(as = PriorityLevel)]
pub(crate) struct LevelBody {
    id: Uuid,
    /// 1 is the most important, 9 the least. Unique within the organisation.
    #[schema(minimum = 1, maximum = 9)]
    level: u8,
    name: String,
    #[schema(required)]
    description: Option<String>,
    /// One of those that every organisation has until it makes its own. They do not change.
    usual: bool,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
}

impl From<Level> for LevelBody {
    fn from(level: Level) -> Self {
        Self {
            id: level.id.into(),
            level: level.level.get(),
            name: level.name,
            description: level.description,
            usual: level.usual,
            created_at: level.created_at,
            updated_at: level.updated_at,
        }
    }
}
