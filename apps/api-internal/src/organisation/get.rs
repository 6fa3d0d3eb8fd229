//! `GET /admin/organisation`

use axum::{Json, extract::State};
use http_kit::{Answer, Caller, ETag};

use super::body::OrganisationBody;
use crate::App;

/// The caller's own organisation.
#[utoipa::path(
    get,
    path = "/admin/organisation",
    tag = "administration",
    responses((status = 200, description = "The organisation.", body = OrganisationBody,
               headers(("ETag" = String))))
)]
pub(crate) async fn organisation_get(
    State(app): State<App>,
    Caller(scope): Caller,
) -> Answer<(ETag, Json<OrganisationBody>)> {
    let organisation = app.access.organisations.organisation_get(&scope).await?;
    Ok((ETag(organisation.version), Json(organisation.into())))
}
