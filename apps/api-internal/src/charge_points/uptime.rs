//! `GET /charge-points/{id}/uptime`

use axum::{Json, extract::State};
use charge_point::{Condition, ConnectorUptime, DownReason, Period};
use chrono::{DateTime, Utc};
use http_kit::{Answer, Caller, PathId, ValidQuery};
use kernel::ChargePointId;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::App;

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct UptimeQuery {
    /// 30 days before `to` unless told.
    from: Option<DateTime<Utc>>,
    /// At most 366 days after `from`; until now unless told.
    to: Option<DateTime<Utc>>,
}

/// How the connectors of a charge point were.
#[derive(Serialize, ToSchema)]
#[schema(as = Uptime)]
pub(crate) struct UptimeBody {
    /// Not before the charge point was made, and not before what is kept of its history.
    from: DateTime<Utc>,
    /// Not after now.
    to: DateTime<Utc>,
    connectors: Vec<ConnectorBody>,
}

#[derive(Serialize, ToSchema)]
#[schema(as = ConnectorUptime)]
struct ConnectorBody {
    /// Counted over the whole charge point.
    connector_number: u16,
    /// Of the time that counts; null where none does.
    #[schema(required)]
    uptime_percent: Option<f64>,
    up_seconds: i64,
    down_seconds: i64,
    /// In maintenance windows.
    excluded_seconds: i64,
    /// In order, without gaps.
    periods: Vec<PeriodBody>,
}

#[derive(Serialize, ToSchema)]
#[schema(as = UptimePeriod)]
struct PeriodBody {
    from: DateTime<Utc>,
    to: DateTime<Utc>,
    state: StateWord,
    /// Why it is down.
    #[schema(required)]
    reason: Option<ReasonWord>,
}

#[derive(Serialize, ToSchema)]
#[schema(as = UptimeState)]
#[serde(rename_all = "snake_case")]
enum StateWord {
    Up,
    Down,
    Excluded,
}

#[derive(Serialize, ToSchema)]
#[schema(as = DownReason)]
#[serde(rename_all = "snake_case")]
enum ReasonWord {
    Offline,
    Faulted,
    Unavailable,
}

impl From<ConnectorUptime> for ConnectorBody {
    fn from(uptime: ConnectorUptime) -> Self {
        Self {
            connector_number: uptime.connector,
            uptime_percent: uptime.percent(),
            up_seconds: uptime.up_seconds,
            down_seconds: uptime.down_seconds,
            excluded_seconds: uptime.excluded_seconds,
            periods: uptime.periods.into_iter().map(PeriodBody::from).collect(),
        }
    }
}

impl From<Period> for PeriodBody {
    fn from(period: Period) -> Self {
        let (state, reason) = match period.condition {
            Condition::Up => (StateWord::Up, None),
            Condition::Excluded => (StateWord::Excluded, None),
            Condition::Down(DownReason::Offline) => (StateWord::Down, Some(ReasonWord::Offline)),
            Condition::Down(DownReason::Faulted) => (StateWord::Down, Some(ReasonWord::Faulted)),
            Condition::Down(DownReason::Unavailable) => (StateWord::Down, Some(ReasonWord::Unavailable)),
        };
        Self { from: period.span.from, to: period.span.to, state, reason }
    }
}

/// When each connector could be used, to the second.
///
/// A connector is up while its charge point is connected and neither of them is faulted or
/// unavailable. Maintenance windows count neither way.
#[utoipa::path(
    get,
    path = "/charge-points/{id}/uptime",
    tag = "charge points",
    params(("id" = Uuid, Path), UptimeQuery),
    responses((status = 200, description = "Each connector.", body = UptimeBody))
)]
pub(crate) async fn charge_point_uptime(
    State(app): State<App>,
    Caller(scope): Caller,
    PathId(id): PathId<ChargePointId>,
    ValidQuery(query): ValidQuery<UptimeQuery>,
) -> Answer<Json<UptimeBody>> {
    let uptime = app.uptime.charge_point_uptime(&scope, id, query.from, query.to).await?;
    let connectors = uptime.connectors.into_iter().map(Into::into).collect();
    Ok(Json(UptimeBody { from: uptime.span.from, to: uptime.span.to, connectors }))
}
