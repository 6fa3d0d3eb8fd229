//! All resources under one roof.

use std::sync::Arc;

use axum::Router;
use http_kit::{Authenticator, Metering, Shell, document_conventions, secured};
use utoipa::OpenApi;
use utoipa_axum::router::OpenApiRouter;

use crate::{
    App, charge_points, circuits, commands, depots, dispatch, events, oauth, priority, transactions,
    vehicles, webhooks,
};

#[derive(OpenApi)]
#[openapi(
    info(
        title = "manage-core, public API",
        description = "What partners of a fleet build on. Send an API key as bearer token (the fleet's \
                       administrator makes it), or a token that `POST /oauth/token` gives for it.\n\nEvery \
                       answer says in `RateLimit` what is left of the key's quotas.\n\nEvery refusal is a problem (RFC 9457); its codes are \
                       described at [/docs/errors](/docs/errors).",
    ),
    tags(
        (name = "sign-in", description = "Tokens for API keys."),
        (name = "depots", description = "Where vehicles stand and charge, and how things are there."),
        (name = "circuits", description = "The electrical tree, and limits from outside."),
        (name = "charge points", description = "Chargers and what they report."),
        (name = "commands", description = "What chargers are told to do, and what became of it."),
        (name = "vehicles", description = "Vehicles of the fleet and their state of charge."),
        (name = "transactions", description = "Charging sessions and their readings."),
        (name = "dispatch", description = "What is to be driven, by which vehicle, and whether it will be ready."),
        (name = "priority", description = "Who comes first when there is not enough for all."),
        (name = "webhooks", description = "What happens, posted to where it is wanted."),
        (name = "events", description = "What happened, page by page."),
    )
)]
struct Document;

fn resources() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .merge(depots::router())
        .merge(circuits::router())
        .merge(charge_points::router())
        .merge(commands::router())
        .merge(vehicles::router())
        .merge(transactions::router())
        .merge(dispatch::router())
        .merge(priority::router())
        .merge(webhooks::router())
        .merge(events::router())
}

fn assembled(secure: impl FnOnce(OpenApiRouter<App>) -> OpenApiRouter<App>) -> OpenApiRouter<App> {
    OpenApiRouter::with_openapi(Document::openapi()).nest("/v1", secure(resources())).merge(oauth::router())
}

/// The server around its services.
pub fn router(app: App, authenticator: Arc<dyn Authenticator>, mut shell: Shell) -> Router {
    shell.limits.larger_bodies = &[("/v1/dispatch/imports", dispatch::LARGEST_IMPORT)];
    let idempotent = app.idempotency.clone();
    let metering = Metering::new(app.quotas.clone(), app.partner_quotas.iter().copied());
    let secure = |routes| secured(routes, authenticator, Some(metering), idempotent);
    let (api, document) = assembled(secure).with_state(app).split_for_parts();
    shell.around(api, &described(document))
}

/// The document of the API, as `/openapi.json` serves it.
pub fn document() -> utoipa::openapi::OpenApi {
    described(assembled(|routes| routes).into_openapi())
}

fn described(mut document: utoipa::openapi::OpenApi) -> utoipa::openapi::OpenApi {
    document_conventions(&mut document);
    document
}
