//! `GET /admin/audit`

use access::AuditFilter;
use axum::{Json, extract::State};
use chrono::{DateTime, Utc};
use http_kit::{Answer, Caller, PageBody, PageParams, PagedQuery};
use serde::Deserialize;
use utoipa::IntoParams;
use uuid::Uuid;

use super::body::{AuditBody, VerbWord};
use crate::App;

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct AuditQuery {
    /// The kind of thing changed: `vehicle`, `depot`, `user`, …
    resource: Option<String>,
    resource_id: Option<Uuid>,
    /// The user, API key or charge point that made the change.
    actor_id: Option<Uuid>,
    #[param(inline)]
    verb: Option<VerbWord>,
    /// The request that made the change.
    request_id: Option<String>,
    /// Part of what was changed, before or after, in any case.
    text: Option<String>,
    /// Inclusive.
    from: Option<DateTime<Utc>>,
    /// Exclusive.
    to: Option<DateTime<Utc>>,
}

impl From<AuditQuery> for AuditFilter {
    fn from(query: AuditQuery) -> Self {
        Self {
            resource: query.resource,
            resource_id: query.resource_id,
            actor_id: query.actor_id,
            verb: query.verb.map(Into::into),
            request_id: query.request_id,
            text: query.text,
            from: query.from,
            to: query.to,
        }
    }
}

/// Who changed what, the newest first. Who reads it within resource groups only sees what was done to
/// what these hold now, and what they did themselves.
#[utoipa::path(
    get,
    path = "/admin/audit",
    tag = "administration",
    params(AuditQuery, PageParams),
    responses((status = 200, description = "One page.", body = PageBody<AuditBody>))
)]
pub(crate) async fn audit_list(
    State(app): State<App>,
    Caller(scope): Caller,
    query: PagedQuery<AuditQuery>,
) -> Answer<Json<PageBody<AuditBody>>> {
    let page = app.access.audit.audit_list(&scope, &query.filter.into(), query.page).await?;
    Ok(Json(PageBody::of(page, AuditBody::from)))
}
