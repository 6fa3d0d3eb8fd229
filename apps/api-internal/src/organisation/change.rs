//! `PATCH /admin/organisation`

use axum::{Json, extract::State};
use http_kit::{Answer, Caller, ETag, IfMatch, ValidJson};
use serde::Deserialize;
use utoipa::ToSchema;

use super::body::OrganisationBody;
use crate::App;

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct OrganisationChange {
    /// 1 to 100 characters.
    name: String,
}

/// Rename the organisation.
#[utoipa::path(
    patch,
    path = "/admin/organisation",
    tag = "administration",
    request_body = OrganisationChange,
    responses((status = 200, description = "The organisation as it is now.", body = OrganisationBody,
               headers(("ETag" = String))))
)]
pub(crate) async fn organisation_change(
    State(app): State<App>,
    Caller(scope): Caller,
    IfMatch(expected): IfMatch,
    ValidJson(body): ValidJson<OrganisationChange>,
) -> Answer<(ETag, Json<OrganisationBody>)> {
    let organisation = app.access.organisations.organisation_rename(&scope, expected, &body.name).await?;
    Ok((ETag(organisation.version), Json(organisation.into())))
}
