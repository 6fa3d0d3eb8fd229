//! `GET /charge-points/{id}/configuration`

use axum::{Json, extract::State};
use charge_point::ConfigurationKey;
use chrono::{DateTime, Utc};
use http_kit::{Answer, Caller, PageBody, PathId};
use kernel::{ChargePointId, Page};
use serde::Serialize;
use utoipa::ToSchema;

use crate::App;

#[derive(Serialize, ToSchema)]
#[schema(as = ConfigurationKey)]
pub(crate) struct ConfigurationBody {
    key: String,
    /// `null` where the charger told none, and for secrets.
    #[schema(required)]
    value: Option<String>,
    readonly: bool,
    reported_at: DateTime<Utc>,
}

impl From<ConfigurationKey> for ConfigurationBody {
    fn from(key: ConfigurationKey) -> Self {
        Self { key: key.key, value: key.value, readonly: key.readonly, reported_at: key.reported_at }
    }
}

/// The settings of a charger, by name, as it last reported them.
///
/// All of them on one page. To ask the charger anew, give it the order `get_configuration`.
#[utoipa::path(
    get,
    path = "/charge-points/{id}/configuration",
    tag = "charge points",
    params(("id" = Uuid, Path)),
    responses((status = 200, description = "The settings.", body = PageBody<ConfigurationBody>))
)]
pub(crate) async fn configuration_list(
    State(app): State<App>,
    Caller(scope): Caller,
    PathId(id): PathId<ChargePointId>,
) -> Answer<Json<PageBody<ConfigurationBody>>> {
    let items = app.charge_points.configuration_list(&scope, id).await?;
    Ok(Json(PageBody::of(Page { items, next: None }, ConfigurationBody::from)))
}
