//! `GET /charge-points/{id}/commands`

use axum::{Json, extract::State};
use charge_point::CommandFilter;
use http_kit::{Answer, Caller, PageBody, PageParams, PagedQuery, PathId};
use kernel::ChargePointId;
use serde::Deserialize;
use utoipa::IntoParams;

use super::{body::CommandBody, words::StateWord};
use crate::App;

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct CommandQuery {
    #[param(inline)]
    state: Option<StateWord>,
}

impl From<CommandQuery> for CommandFilter {
    fn from(query: CommandQuery) -> Self {
        Self { state: query.state.map(Into::into) }
    }
}

/// The orders to one charger, newest first.
#[utoipa::path(
    get,
    path = "/charge-points/{id}/commands",
    tag = "commands",
    params(("id" = Uuid, Path), CommandQuery, PageParams),
    responses((status = 200, description = "One page.", body = PageBody<CommandBody>))
)]
pub(crate) async fn command_list(
    State(app): State<App>,
    Caller(scope): Caller,
    PathId(id): PathId<ChargePointId>,
    query: PagedQuery<CommandQuery>,
) -> Answer<Json<PageBody<CommandBody>>> {
    let page = app.commands.command_list(&scope, id, &query.filter.into(), query.page).await?;
    Ok(Json(PageBody::of(page, CommandBody::from)))
}
