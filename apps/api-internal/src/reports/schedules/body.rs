//! A schedule as callers see it.

use chrono::{DateTime, Utc};
use report::Schedule;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{
    audit::ActorBody,
    reports::words::{CatchUpWord, FormatWord, KindWord, PeriodWord},
};

/// Has the same report made again and again.
#[derive(Serialize, ToSchema)]
#[schema(as = ReportSchedule)]
pub(in crate::reports) struct ScheduleBody {
    id: Uuid,
    name: String,
    kind: KindWord,
    format: FormatWord,
    /// Null where it is about all depots.
    #[schema(required)]
    depot_id: Option<Uuid>,
    #[schema(example = "0 6 * * 1")]
    cron: String,
    #[schema(example = "Europe/Berlin")]
    timezone: String,
    period: PeriodWord,
    catch_up: CatchUpWord,
    paused: bool,
    /// Null while it is paused.
    #[schema(required)]
    next_at: Option<DateTime<Utc>>,
    created_by: ActorBody,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
}

impl From<Schedule> for ScheduleBody {
    fn from(schedule: Schedule) -> Self {
        Self {
            id: schedule.id.into(),
            name: schedule.name,
            kind: schedule.kind.into(),
            format: schedule.format.into(),
            depot_id: schedule.depots.and_then(|depots| depots.first().copied()).map(Into::into),
            cron: schedule.cron,
            timezone: schedule.timezone,
            period: schedule.period.into(),
            catch_up: schedule.catch_up.into(),
            paused: schedule.paused,
            next_at: schedule.next_at,
            created_by: schedule.created_by.into(),
            created_at: schedule.created_at,
            updated_at: schedule.updated_at,
        }
    }
}
