//! `POST /id-tags`

use axum::extract::State;
use chrono::{DateTime, Utc};
use http_kit::{Answer, Caller, Created, ValidJson};
use serde::Deserialize;
use utoipa::ToSchema;
use uuid::Uuid;
use vehicle::CreateIdTag;

use super::body::{IdTagBody, KindWord, StatusWord};
use crate::App;

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct IdTagCreate {
    /// 1 to 36 printable ASCII characters; compared without case, and without the separators of a
    /// MAC address.
    value: String,
    #[serde(rename = "type", default = "usual_kind")]
    kind: KindWord,
    /// Sessions that begin with this tag belong to this vehicle.
    vehicle_id: Option<Uuid>,
    #[serde(default = "usual_status")]
    status: StatusWord,
    expires_at: Option<DateTime<Utc>>,
}

fn usual_kind() -> KindWord {
    KindWord::Rfid
}

fn usual_status() -> StatusWord {
    StatusWord::Active
}

impl From<IdTagCreate> for CreateIdTag {
    fn from(body: IdTagCreate) -> Self {
        Self {
            value: body.value,
            kind: body.kind.into(),
            vehicle: body.vehicle_id.map(Into::into),
            status: body.status.into(),
            expires_at: body.expires_at,
        }
    }
}

/// Make an id tag known.
#[utoipa::path(
    post,
    path = "/id-tags",
    tag = "id tags",
    request_body = IdTagCreate,
    responses((status = 201, description = "The id tag.", body = IdTagBody,
               headers(("Location" = String), ("ETag" = String))))
)]
pub(crate) async fn id_tag_create(
    State(app): State<App>,
    Caller(scope): Caller,
    ValidJson(body): ValidJson<IdTagCreate>,
) -> Answer<Created<IdTagBody>> {
    let tag = app.id_tags.id_tag_create(&scope, body.into()).await?;
    let (location, version) = (format!("/api/v1/id-tags/{}", tag.id), tag.version);
    Ok(Created::new(location, IdTagBody::from(tag)).version(version))
}
