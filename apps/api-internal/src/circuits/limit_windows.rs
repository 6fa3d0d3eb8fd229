//! `/circuits/{id}/limit-windows`

use axum::{Json, extract::State};
use chrono::{DateTime, Utc};
use depot::{ChangeLimitWindow, CreateLimitWindow, LimitWindow, Precedence, Schedule};
use http_kit::{
    Answer, Caller, Created, ETag, IfMatch, NoContent, PageBody, PageParams, PagedQuery, Patch, PathId,
    ValidJson, not_null,
};
use kernel::{CircuitId, Invalid, LimitWindowId, MilliAmps, W};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::body::limit;
use crate::{
    App,
    units::{NoFilter, page_of},
    week::WeekBandBody,
};

#[derive(Serialize, ToSchema)]
#[schema(as = LimitWindow)]
pub(crate) struct WindowBody {
    id: Uuid,
    circuit_id: Uuid,
    #[schema(required)]
    name: Option<String>,
    /// Of several active windows the highest wins, 0 to 10.
    precedence: u8,
    schedule: ScheduleBody,
    /// In what it does not name, the circuit's own limit goes on.
    #[schema(required)]
    limit_kw: Option<f64>,
    #[schema(required)]
    limit_amps: Option<f64>,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
}

/// When a window is active.
#[derive(Clone, Serialize, Deserialize, ToSchema)]
#[schema(as = Schedule)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub(crate) enum ScheduleBody {
    /// Every week, by the depot's clock.
    Weekly(WeekBandBody),
    /// Once, from an instant (inclusive) to another (exclusive).
    Once { from: DateTime<Utc>, to: DateTime<Utc> },
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct WindowCreate {
    name: Option<String>,
    #[serde(default)]
    #[schema(minimum = 0, maximum = 10)]
    precedence: u8,
    schedule: ScheduleBody,
    limit_kw: Option<f64>,
    limit_amps: Option<f64>,
}

/// A merge patch; a limit is replaced as a whole.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct WindowChange {
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    name: Patch<String>,
    #[serde(default, deserialize_with = "not_null")]
    precedence: Option<u8>,
    #[serde(default, deserialize_with = "not_null")]
    schedule: Option<ScheduleBody>,
    #[serde(default, deserialize_with = "not_null")]
    limit_kw: Option<f64>,
    #[serde(default, deserialize_with = "not_null")]
    limit_amps: Option<f64>,
}

impl From<LimitWindow> for WindowBody {
    fn from(window: LimitWindow) -> Self {
        Self {
            id: window.id.into(),
            circuit_id: window.circuit.into(),
            name: window.name,
            precedence: window.precedence.get(),
            schedule: match window.schedule {
                Schedule::Weekly(band) => ScheduleBody::Weekly(band.into()),
                Schedule::Once { from, to } => ScheduleBody::Once { from, to },
            },
            limit_kw: window.limit.power.map(W::to_kilo),
            limit_amps: window.limit.current.map(MilliAmps::to_kilo),
            created_at: window.created_at,
            updated_at: window.updated_at,
        }
    }
}

impl ScheduleBody {
    fn schedule(&self, invalid: &mut Invalid) -> Option<Schedule> {
        match self {
            Self::Weekly(band) => band.band("/schedule/weekly", invalid).map(Schedule::Weekly),
            Self::Once { from, to } => Some(Schedule::Once { from: *from, to: *to }),
        }
    }
}

fn precedence(value: u8, invalid: &mut Invalid) -> Precedence {
    Precedence::new(value).unwrap_or_else(|| {
        invalid.push("/precedence", "out_of_range", "must be between 0 and 10");
        Precedence::default()
    })
}

impl WindowCreate {
    fn command(self, circuit: CircuitId) -> Result<CreateLimitWindow, Invalid> {
        let mut invalid = Invalid::default();
        let precedence = precedence(self.precedence, &mut invalid);
        match self.schedule.schedule(&mut invalid) {
            Some(schedule) if invalid.errors.is_empty() => Ok(CreateLimitWindow {
                circuit,
                name: self.name,
                precedence,
                schedule,
                limit: limit(self.limit_kw, self.limit_amps),
            }),
            _ => Err(invalid),
        }
    }
}

impl WindowChange {
    fn command(self) -> Result<ChangeLimitWindow, Invalid> {
        let mut invalid = Invalid::default();
        let limited = self.limit_kw.is_some() || self.limit_amps.is_some();
        let command = ChangeLimitWindow {
            name: self.name.0,
            precedence: self.precedence.map(|value| precedence(value, &mut invalid)),
            schedule: self.schedule.and_then(|schedule| schedule.schedule(&mut invalid)),
            limit: limited.then(|| limit(self.limit_kw, self.limit_amps)),
        };
        invalid.into_result().map(|()| command)
    }
}

/// Limit a circuit for a time.
#[utoipa::path(
    post,
    path = "/circuits/{id}/limit-windows",
    tag = "circuits",
    params(("id" = Uuid, Path)),
    request_body = WindowCreate,
    responses((status = 201, description = "The window.", body = WindowBody,
               headers(("Location" = String), ("ETag" = String))))
)]
pub(crate) async fn limit_window_create(
    State(app): State<App>,
    Caller(scope): Caller,
    PathId(circuit): PathId<CircuitId>,
    ValidJson(body): ValidJson<WindowCreate>,
) -> Answer<Created<WindowBody>> {
    let window = app.circuits.window_create(&scope, body.command(circuit)?).await?;
    let (location, version) =
        (format!("/api/v1/circuits/{circuit}/limit-windows/{}", window.id), window.version);
    Ok(Created::new(location, WindowBody::from(window)).version(version))
}

/// The windows of a circuit, oldest first.
#[utoipa::path(
    get,
    path = "/circuits/{id}/limit-windows",
    tag = "circuits",
    params(("id" = Uuid, Path), PageParams),
    responses((status = 200, description = "One page.", body = PageBody<WindowBody>))
)]
pub(crate) async fn limit_window_list(
    State(app): State<App>,
    Caller(scope): Caller,
    PathId(circuit): PathId<CircuitId>,
    query: PagedQuery<NoFilter>,
) -> Answer<Json<PageBody<WindowBody>>> {
    let node = app.circuits.circuit_node(&scope, circuit).await?;
    let page = page_of(node.windows, query.page, |window| window.id.into());
    Ok(Json(PageBody::of(page, WindowBody::from)))
}

/// One window.
#[utoipa::path(
    get,
    path = "/circuits/{id}/limit-windows/{window_id}",
    tag = "circuits",
    params(("id" = Uuid, Path), ("window_id" = Uuid, Path)),
    responses((status = 200, description = "The window.", body = WindowBody, headers(("ETag" = String))))
)]
pub(crate) async fn limit_window_get(
    State(app): State<App>,
    Caller(scope): Caller,
    PathId((circuit, id)): PathId<(CircuitId, LimitWindowId)>,
) -> Answer<(ETag, Json<WindowBody>)> {
    let window = app.circuits.window_get(&scope, circuit, id).await?;
    Ok((ETag(window.version), Json(window.into())))
}

/// Change a window.
#[utoipa::path(
    patch,
    path = "/circuits/{id}/limit-windows/{window_id}",
    tag = "circuits",
    params(("id" = Uuid, Path), ("window_id" = Uuid, Path)),
    request_body = WindowChange,
    responses((status = 200, description = "The window as it is now.", body = WindowBody, headers(("ETag" = String))))
)]
pub(crate) async fn limit_window_change(
    State(app): State<App>,
    Caller(scope): Caller,
    PathId(place): PathId<(CircuitId, LimitWindowId)>,
    IfMatch(expected): IfMatch,
    ValidJson(body): ValidJson<WindowChange>,
) -> Answer<(ETag, Json<WindowBody>)> {
    let window = app.circuits.window_change(&scope, place, expected, body.command()?).await?;
    Ok((ETag(window.version), Json(window.into())))
}

/// Remove a window.
#[utoipa::path(
    delete,
    path = "/circuits/{id}/limit-windows/{window_id}",
    tag = "circuits",
    params(("id" = Uuid, Path), ("window_id" = Uuid, Path)),
    responses((status = 204, description = "It is gone."))
)]
pub(crate) async fn limit_window_delete(
    State(app): State<App>,
    Caller(scope): Caller,
    PathId(place): PathId<(CircuitId, LimitWindowId)>,
    IfMatch(expected): IfMatch,
) -> Answer<NoContent> {
    app.circuits.window_delete(&scope, place, expected).await?;
    Ok(NoContent)
}
