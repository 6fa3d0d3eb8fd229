//! All resources under one roof.

use std::sync::Arc;

use axum::Router;
use http_kit::{Authenticator, Shell, document_conventions, secured};
use utoipa::OpenApi;
use utoipa_axum::router::OpenApiRouter;

use crate::{
    App, alert_rules, alerts, api_keys, audit, auth, charge_points, charging, charts, circuits, commands,
    dead_letters, depots, dispatch, events, id_tags, maintenance_windows, me, message_log, organisation,
    priority, reports, resource_groups, roles, transactions, users, vehicles,
};

#[derive(OpenApi)]
#[openapi(
    info(
        title = "manage-core, internal API",
        description = "What operators of a fleet see and steer: depots, chargers, vehicles, sessions \
                       and the power between them.\n\nEvery refusal is a problem (RFC 9457); its codes \
                       are described at [/docs/errors](/docs/errors).",
    ),
    tags(
        (name = "sign-in", description = "Tokens, and who holds them."),
        (name = "depots", description = "Where vehicles stand and charge: yards, tariffs, the state of things."),
        (name = "circuits", description = "The electrical tree, its limits, and the load of others."),
        (name = "charge points", description = "Chargers, what they report, and their settings."),
        (name = "commands", description = "What chargers are told to do, and what became of it."),
        (name = "vehicles", description = "Vehicles of the fleet and their state of charge."),
        (name = "dispatch", description = "What is to be driven, by which vehicle, and whether it will be ready."),
        (name = "priority", description = "Who comes first when there is not enough for all."),
        (name = "charging", description = "Who may draw how much, and why."),
        (name = "transactions", description = "Charging sessions and their readings."),
        (name = "id tags", description = "What chargers recognise vehicles by."),
        (name = "charts", description = "What was measured, planned and dispatched, over time."),
        (name = "message log", description = "Every frame that chargers sent or were sent."),
        (name = "resource groups", description = "What roles and API keys can be limited to."),
        (name = "events", description = "What happens, as it happens."),
        (name = "alerts", description = "What somebody should know of, and who is told."),
        (name = "reports", description = "Reports as files: asked for, made, found again."),
        (name = "administration", description = "Users, roles, API keys, the audit trail."),
    )
)]
struct Document;

/// Everything that needs a signed-in caller.
fn resources() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .merge(me::router())
        .merge(depots::router())
        .merge(circuits::router())
        .merge(charge_points::router())
        .merge(maintenance_windows::router())
        .merge(commands::router())
        .merge(vehicles::router())
        .merge(id_tags::router())
        .merge(transactions::router())
        .merge(priority::router())
        .merge(dispatch::router())
        .merge(resource_groups::router())
        .merge(charging::router())
        .merge(charts::router())
        .merge(message_log::router())
        .merge(events::router())
        .merge(alerts::router())
        .merge(alert_rules::router())
        .merge(reports::router())
        .merge(dead_letters::router())
        .merge(organisation::router())
        .merge(users::router())
        .merge(roles::router())
        .merge(api_keys::router())
        .merge(audit::router())
}

fn assembled(secure: impl FnOnce(OpenApiRouter<App>) -> OpenApiRouter<App>) -> OpenApiRouter<App> {
    OpenApiRouter::with_openapi(Document::openapi())
        .nest("/api/v1", secure(resources()).merge(auth::router()).merge(reports::open_router()))
}

/// The server around its services.
pub fn router(app: App, authenticator: Arc<dyn Authenticator>, mut shell: Shell) -> Router {
    shell.limits.larger_bodies = &[("/api/v1/dispatch/imports", dispatch::LARGEST_IMPORT)];
    let idempotent = app.idempotency.clone();
    let (api, document) = assembled(|routes| secured(routes, authenticator, None, idempotent))
        .with_state(app)
        .split_for_parts();
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
