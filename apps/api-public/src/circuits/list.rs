//! `GET /depots/{id}/circuits`

use axum::{Json, extract::State};
use http_kit::{Answer, Caller, PageBody, PageParams, PagedQuery, PathId};
use kernel::DepotId;

use super::body::CircuitBody;
use crate::{
    App,
    units::{NoFilter, page_of},
};

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
