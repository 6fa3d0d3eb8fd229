//! `/depots` and `/depots/{id}`

use axum::{Json, extract::State};
use depot::{ChangeDepot, CreateDepot, DepotFilter, GeoPoint, TimeZone};
use http_kit::{
    Answer, Caller, Created, ETag, IfMatch, NoContent, PageBody, PageParams, PagedQuery, Patch, PathId,
    ValidJson, not_null,
};
use kernel::{Change, DepotId, Invalid};
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};

use super::body::{DepotBody, StrategyWord};
use crate::App;

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct DepotCreate {
    #[schema(max_length = 32)]
    code: String,
    #[schema(max_length = 100)]
    name: String,
    /// A zone of the IANA database.
    #[serde(default = "utc")]
    timezone: String,
    #[schema(max_length = 300)]
    address: Option<String>,
    #[schema(minimum = -90, maximum = 90)]
    latitude: Option<f64>,
    #[schema(minimum = -180, maximum = 180)]
    longitude: Option<f64>,
    #[serde(default)]
    charging_strategy: StrategyWord,
    /// With `scheduled`: vehicles that have what their plan says take what nobody else wants. A plan
    /// that saves money stays as it is without.
    #[serde(default)]
    use_spare_room: bool,
}

fn utc() -> String {
    "UTC".to_owned()
}

/// A merge patch: what is absent stays, `null` clears.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct DepotChange {
    #[serde(default, deserialize_with = "not_null")]
    code: Option<String>,
    #[serde(default, deserialize_with = "not_null")]
    name: Option<String>,
    #[serde(default, deserialize_with = "not_null")]
    timezone: Option<String>,
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    address: Patch<String>,
    /// Latitude and longitude are changed together.
    #[serde(default)]
    #[schema(value_type = Option<f64>)]
    latitude: Patch<f64>,
    #[serde(default)]
    #[schema(value_type = Option<f64>)]
    longitude: Patch<f64>,
    #[serde(default, deserialize_with = "not_null")]
    charging_strategy: Option<StrategyWord>,
    #[serde(default, deserialize_with = "not_null")]
    use_spare_room: Option<bool>,
}

fn time_zone(name: &str, invalid: &mut Invalid) -> TimeZone {
    name.parse().unwrap_or_else(|_| {
        invalid.push("/timezone", "unknown_value", "must be a zone of the IANA database");
        TimeZone::UTC
    })
}

fn location(latitude: f64, longitude: f64, invalid: &mut Invalid) -> Option<GeoPoint> {
    let point = GeoPoint::new(latitude, longitude);
    if point.is_none() {
        invalid.push("/latitude", "out_of_range", "must be a point on the globe, in degrees");
    }
    point
}

fn incomplete(invalid: &mut Invalid) {
    invalid.push("/latitude", "required", "latitude and longitude belong together");
}

impl DepotCreate {
    fn command(self) -> Result<CreateDepot, Invalid> {
        let mut invalid = Invalid::default();
        let location = match (self.latitude, self.longitude) {
            (Some(latitude), Some(longitude)) => location(latitude, longitude, &mut invalid),
            (None, None) => None,
            _ => {
                incomplete(&mut invalid);
                None
            }
        };
        let command = CreateDepot {
            code: self.code,
            name: self.name,
            time_zone: time_zone(&self.timezone, &mut invalid),
            address: self.address,
            location,
            charging_strategy: self.charging_strategy.into(),
            use_spare_room: self.use_spare_room,
        };
        invalid.into_result().map(|()| command)
    }
}

impl DepotChange {
    fn command(self) -> Result<ChangeDepot, Invalid> {
        let mut invalid = Invalid::default();
        let location = match (self.latitude.0, self.longitude.0) {
            (Change::Set(latitude), Change::Set(longitude)) => {
                location(latitude, longitude, &mut invalid).map_or(Change::Keep, Change::Set)
            }
            (Change::Clear, Change::Clear) => Change::Clear,
            (Change::Keep, Change::Keep) => Change::Keep,
            _ => {
                incomplete(&mut invalid);
                Change::Keep
            }
        };
        let command = ChangeDepot {
            code: self.code,
            name: self.name,
            time_zone: self.timezone.map(|name| time_zone(&name, &mut invalid)),
            address: self.address.0,
            location,
            charging_strategy: self.charging_strategy.map(Into::into),
            use_spare_room: self.use_spare_room,
        };
        invalid.into_result().map(|()| command)
    }
}

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct DepotQuery {
    /// Part of the code or the name, in any case.
    search: Option<String>,
}

/// Found a depot.
#[utoipa::path(
    post,
    path = "/depots",
    tag = "depots",
    request_body = DepotCreate,
    responses((status = 201, description = "The depot.", body = DepotBody,
               headers(("Location" = String), ("ETag" = String))))
)]
pub(crate) async fn depot_create(
    State(app): State<App>,
    Caller(scope): Caller,
    ValidJson(body): ValidJson<DepotCreate>,
) -> Answer<Created<DepotBody>> {
    let depot = app.depots.depot_create(&scope, body.command()?).await?;
    let (location, version) = (format!("/api/v1/depots/{}", depot.id), depot.version);
    Ok(Created::new(location, DepotBody::from(depot)).version(version))
}

/// Depots, oldest first.
#[utoipa::path(
    get,
    path = "/depots",
    tag = "depots",
    params(DepotQuery, PageParams),
    responses((status = 200, description = "One page.", body = PageBody<DepotBody>))
)]
pub(crate) async fn depot_list(
    State(app): State<App>,
    Caller(scope): Caller,
    query: PagedQuery<DepotQuery>,
) -> Answer<Json<PageBody<DepotBody>>> {
    let filter = DepotFilter { search: query.filter.search };
    let page = app.depots.depot_list(&scope, &filter, query.page).await?;
    Ok(Json(PageBody::of(page, DepotBody::from)))
}

/// One depot.
#[utoipa::path(
    get,
    path = "/depots/{id}",
    tag = "depots",
    params(("id" = Uuid, Path)),
    responses((status = 200, description = "The depot.", body = DepotBody, headers(("ETag" = String))))
)]
pub(crate) async fn depot_get(
    State(app): State<App>,
    Caller(scope): Caller,
    PathId(id): PathId<DepotId>,
) -> Answer<(ETag, Json<DepotBody>)> {
    let depot = app.depots.depot_get(&scope, id).await?;
    Ok((ETag(depot.version), Json(depot.into())))
}

/// Change a depot.
#[utoipa::path(
    patch,
    path = "/depots/{id}",
    tag = "depots",
    params(("id" = Uuid, Path)),
    request_body = DepotChange,
    responses((status = 200, description = "The depot as it is now.", body = DepotBody, headers(("ETag" = String))))
)]
pub(crate) async fn depot_change(
    State(app): State<App>,
    Caller(scope): Caller,
    PathId(id): PathId<DepotId>,
    IfMatch(expected): IfMatch,
    ValidJson(body): ValidJson<DepotChange>,
) -> Answer<(ETag, Json<DepotBody>)> {
    let depot = app.depots.depot_change(&scope, id, expected, body.command()?).await?;
    Ok((ETag(depot.version), Json(depot.into())))
}

/// Close a depot, with its yard, circuits and tariff; 409 `depot_in_use` while charge points
/// belong to it.
#[utoipa::path(
    delete,
    path = "/depots/{id}",
    tag = "depots",
    params(("id" = Uuid, Path)),
    responses((status = 204, description = "It is gone."))
)]
pub(crate) async fn depot_delete(
    State(app): State<App>,
    Caller(scope): Caller,
    PathId(id): PathId<DepotId>,
    IfMatch(expected): IfMatch,
) -> Answer<NoContent> {
    app.depots.depot_delete(&scope, id, expected).await?;
    Ok(NoContent)
}
