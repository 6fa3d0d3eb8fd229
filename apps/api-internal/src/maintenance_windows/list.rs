//! `GET /maintenance-windows`

use axum::{Json, extract::State};
use charge_point::{MaintenanceFilter, MaintenanceTarget};
use chrono::{DateTime, Utc};
use http_kit::{Answer, Caller, FieldProblem, PageBody, PageParams, PagedQuery, Problem};
use serde::Deserialize;
use utoipa::IntoParams;
use uuid::Uuid;

use super::body::WindowBody;
use crate::App;

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct WindowQuery {
    /// Windows of this charge point; those of its depot are listed by `depot_id`.
    charge_point_id: Option<Uuid>,
    depot_id: Option<Uuid>,
    /// Windows that end after.
    from: Option<DateTime<Utc>>,
    /// Windows that begin before.
    to: Option<DateTime<Utc>>,
}

impl WindowQuery {
    fn filter(self) -> Result<MaintenanceFilter, Problem> {
        let target = match (self.charge_point_id, self.depot_id) {
            (None, None) => None,
            (Some(id), None) => Some(MaintenanceTarget::ChargePoint(id.into())),
            (None, Some(id)) => Some(MaintenanceTarget::Depot(id.into())),
            (Some(_), Some(_)) => {
                let detail = "must be absent where a charge point is named";
                let field = FieldProblem::new("/depot_id", "unexpected", detail);
                return Err(Problem::malformed("malformed_query", "the query cannot be used").field(field));
            }
        };
        Ok(MaintenanceFilter { target, from: self.from, to: self.to })
    }
}

/// Maintenance windows, in the order they were made.
#[utoipa::path(
    get,
    path = "/maintenance-windows",
    tag = "charge points",
    params(WindowQuery, PageParams),
    responses((status = 200, description = "One page.", body = PageBody<WindowBody>))
)]
pub(crate) async fn maintenance_window_list(
    State(app): State<App>,
    Caller(scope): Caller,
    query: PagedQuery<WindowQuery>,
) -> Answer<Json<PageBody<WindowBody>>> {
    let page = app.uptime.maintenance_list(&scope, &query.filter.filter()?, query.page).await?;
    Ok(Json(PageBody::of(page, WindowBody::from)))
}
