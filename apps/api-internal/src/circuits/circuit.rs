//! `/depots/{id}/circuits` and `/circuits/{id}`

use axum::{Json, extract::State};
use depot::{ChangeCircuit, CreateCircuit, Margin, Phases, Volts};
use http_kit::{
    Answer, Caller, Created, ETag, IfMatch, NoContent, PageBody, PageParams, PagedQuery, Patch, PathId,
    ValidJson, not_null,
};
use kernel::{CircuitId, DepotId, Invalid, MilliAmps, W};
use serde::Deserialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::body::{CircuitBody, KindWord, limit};
use crate::{
    App,
    units::{NoFilter, page_of},
};

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct CircuitCreate {
    /// Absent for the grid connection.
    parent_id: Option<Uuid>,
    #[schema(max_length = 100)]
    name: String,
    kind: KindWord,
    /// Total active power; kW, amps, or both.
    #[schema(minimum = 0, maximum = 1_000_000)]
    limit_kw: Option<f64>,
    /// Current per phase.
    #[schema(minimum = 0, maximum = 100_000)]
    limit_amps: Option<f64>,
    /// 1 or 3.
    #[serde(default = "three")]
    phases: i64,
    /// Between a phase and neutral.
    #[serde(default = "usual_voltage")]
    #[schema(minimum = 50, maximum = 40_000)]
    voltage: i64,
    #[serde(default)]
    #[schema(minimum = 0, maximum = 90)]
    safety_margin_percent: f64,
    fallback_reserve_kw: Option<f64>,
    #[serde(default)]
    unmanaged_load_kw: f64,
}

fn three() -> i64 {
    3
}

fn usual_voltage() -> i64 {
    230
}

/// A merge patch: what is absent stays, `null` clears.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct CircuitChange {
    #[serde(default, deserialize_with = "not_null")]
    parent_id: Option<Uuid>,
    #[serde(default, deserialize_with = "not_null")]
    name: Option<String>,
    #[serde(default, deserialize_with = "not_null")]
    kind: Option<KindWord>,
    #[serde(default)]
    #[schema(value_type = Option<f64>)]
    limit_kw: Patch<f64>,
    #[serde(default)]
    #[schema(value_type = Option<f64>)]
    limit_amps: Patch<f64>,
    #[serde(default, deserialize_with = "not_null")]
    phases: Option<i64>,
    #[serde(default, deserialize_with = "not_null")]
    voltage: Option<i64>,
    #[serde(default, deserialize_with = "not_null")]
    safety_margin_percent: Option<f64>,
    #[serde(default)]
    #[schema(value_type = Option<f64>)]
    fallback_reserve_kw: Patch<f64>,
    #[serde(default, deserialize_with = "not_null")]
    unmanaged_load_kw: Option<f64>,
}

fn phases(count: i64, invalid: &mut Invalid) -> Phases {
    Phases::from_count(count).unwrap_or_else(|| {
        invalid.push("/phases", "out_of_range", "must be 1 or 3");
        Phases::Three
    })
}

fn voltage(volts: i64, invalid: &mut Invalid) -> Volts {
    Volts::new(volts).unwrap_or_else(|| {
        invalid.push(
            "/voltage",
            "out_of_range",
            format!("must be between {} and {}", Volts::MIN, Volts::MAX),
        );
        Volts::default()
    })
}

fn margin(percent: f64, invalid: &mut Invalid) -> Margin {
    Margin::from_percent(percent).unwrap_or_else(|| {
        invalid.push("/safety_margin_percent", "out_of_range", "must be between 0 and 90");
        Margin::NONE
    })
}

impl CircuitCreate {
    fn command(self, depot: DepotId) -> Result<CreateCircuit, Invalid> {
        let mut invalid = Invalid::default();
        let command = CreateCircuit {
            depot,
            parent: self.parent_id.map(Into::into),
            name: self.name,
            kind: self.kind.into(),
            limit: limit(self.limit_kw, self.limit_amps),
            phases: phases(self.phases, &mut invalid),
            voltage: voltage(self.voltage, &mut invalid),
            safety_margin: margin(self.safety_margin_percent, &mut invalid),
            fallback_reserve: self.fallback_reserve_kw.map(W::from_kilo),
            unmanaged_load: W::from_kilo(self.unmanaged_load_kw),
        };
        invalid.into_result().map(|()| command)
    }
}

impl CircuitChange {
    fn command(self) -> Result<ChangeCircuit, Invalid> {
        let mut invalid = Invalid::default();
        let command = ChangeCircuit {
            parent: self.parent_id.map(Into::into),
            name: self.name,
            kind: self.kind.map(Into::into),
            limit_power: self.limit_kw.0.map(W::from_kilo),
            limit_current: self.limit_amps.0.map(MilliAmps::from_kilo),
            phases: self.phases.map(|count| phases(count, &mut invalid)),
            voltage: self.voltage.map(|volts| voltage(volts, &mut invalid)),
            safety_margin: self.safety_margin_percent.map(|percent| margin(percent, &mut invalid)),
            fallback_reserve: self.fallback_reserve_kw.0.map(W::from_kilo),
            unmanaged_load: self.unmanaged_load_kw.map(W::from_kilo),
        };
        invalid.into_result().map(|()| command)
    }
}

/// Add a node to the depot's electrical tree. The first is the grid connection.
#[utoipa::path(
    post,
    path = "/depots/{id}/circuits",
    tag = "circuits",
    params(("id" = Uuid, Path)),
    request_body = CircuitCreate,
    responses((status = 201, description = "The circuit.", body = CircuitBody,
               headers(("Location" = String), ("ETag" = String))))
)]
pub(crate) async fn circuit_create(
    State(app): State<App>,
    Caller(scope): Caller,
    PathId(depot): PathId<DepotId>,
    ValidJson(body): ValidJson<CircuitCreate>,
) -> Answer<Created<CircuitBody>> {
    let circuit = app.circuits.circuit_create(&scope, body.command(depot)?).await?;
    let (location, version) = (format!("/api/v1/circuits/{}", circuit.id), circuit.version);
    Ok(Created::new(location, CircuitBody::from(circuit)).version(version))
}

/// The depot's electrical tree, parents before their children.
#[utoipa::path(
    get,
    path = "/depots/{id}/circuits",
    tag = "circuits",
    params(("id" = Uuid, Path), PageParams),
    responses((status = 200, description = "One page.", body = PageBody<CircuitBody>))
)]
pub(crate) async fn circuit_list(
    State(app): State<App>,
    Caller(scope): Caller,
    PathId(depot): PathId<DepotId>,
    query: PagedQuery<NoFilter>,
) -> Answer<Json<PageBody<CircuitBody>>> {
    let topology = app.circuits.topology(&scope, depot).await?;
    let circuits = topology.circuits.iter().map(|node| node.circuit.clone()).collect();
    let page = page_of(circuits, query.page, |circuit| circuit.id.into());
    Ok(Json(PageBody::of(page, CircuitBody::from)))
}

/// One circuit.
#[utoipa::path(
    get,
    path = "/circuits/{id}",
    tag = "circuits",
    params(("id" = Uuid, Path)),
    responses((status = 200, description = "The circuit.", body = CircuitBody, headers(("ETag" = String))))
)]
pub(crate) async fn circuit_get(
    State(app): State<App>,
    Caller(scope): Caller,
    PathId(id): PathId<CircuitId>,
) -> Answer<(ETag, Json<CircuitBody>)> {
    let circuit = app.circuits.circuit_get(&scope, id).await?;
    Ok((ETag(circuit.version), Json(circuit.into())))
}

/// Change a circuit. A new limit takes effect at once: what chargers may draw is reduced before
/// anything else is raised.
#[utoipa::path(
    patch,
    path = "/circuits/{id}",
    tag = "circuits",
    params(("id" = Uuid, Path)),
    request_body = CircuitChange,
    responses((status = 200, description = "The circuit as it is now.", body = CircuitBody, headers(("ETag" = String))))
)]
pub(crate) async fn circuit_change(
    State(app): State<App>,
    Caller(scope): Caller,
    PathId(id): PathId<CircuitId>,
    IfMatch(expected): IfMatch,
    ValidJson(body): ValidJson<CircuitChange>,
) -> Answer<(ETag, Json<CircuitBody>)> {
    let circuit = app.circuits.circuit_change(&scope, id, expected, body.command()?).await?;
    Ok((ETag(circuit.version), Json(circuit.into())))
}

/// Remove a circuit; 409 `circuit_in_use` while circuits or charge points hang on it.
#[utoipa::path(
    delete,
    path = "/circuits/{id}",
    tag = "circuits",
    params(("id" = Uuid, Path)),
    responses((status = 204, description = "It is gone."))
)]
pub(crate) async fn circuit_delete(
    State(app): State<App>,
    Caller(scope): Caller,
    PathId(id): PathId<CircuitId>,
    IfMatch(expected): IfMatch,
) -> Answer<NoContent> {
    app.circuits.circuit_delete(&scope, id, expected).await?;
    Ok(NoContent)
}
