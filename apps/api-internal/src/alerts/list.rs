//! `GET /alerts`

use axum::{Json, extract::State};
use chrono::{DateTime, Utc};
use http_kit::{Answer, Caller, PageBody, PageParams, PagedQuery};
use notification::AlertFilter;
use serde::Deserialize;
use utoipa::IntoParams;
use uuid::Uuid;

use super::{
    body::AlertBody,
    words::{KindWord, SeverityWord, StateWord},
};
use crate::App;

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct AlertQuery {
    #[param(inline)]
    state: Option<StateWord>,
    #[param(inline)]
    kind: Option<KindWord>,
    #[param(inline)]
    severity: Option<SeverityWord>,
    depot_id: Option<Uuid>,
    charge_point_id: Option<Uuid>,
    vehicle_id: Option<Uuid>,
    /// First seen at or after.
    from: Option<DateTime<Utc>>,
    /// First seen before.
    to: Option<DateTime<Utc>>,
}

impl From<AlertQuery> for AlertFilter {
    fn from(query: AlertQuery) -> Self {
        Self {
            state: query.state.map(Into::into),
            kind: query.kind.map(Into::into),
            severity: query.severity.map(Into::into),
            depot: query.depot_id.map(Into::into),
            charge_point: query.charge_point_id.map(Into::into),
            vehicle: query.vehicle_id.map(Into::into),
            from: query.from,
            to: query.to,
        }
    }
}

/// Alerts, newest first.
#[utoipa::path(
    get,
    path = "/alerts",
    tag = "alerts",
    params(AlertQuery, PageParams),
    responses((status = 200, description = "One page.", body = PageBody<AlertBody>))
)]
pub(crate) async fn alert_list(
    State(app): State<App>,
    Caller(scope): Caller,
    query: PagedQuery<AlertQuery>,
) -> Answer<Json<PageBody<AlertBody>>> {
    let page = app.alerts.alert_list(&scope, &query.filter.into(), query.page).await?;
    Ok(Json(PageBody::of(page, AlertBody::from)))
}
