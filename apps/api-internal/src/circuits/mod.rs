//! `/depots/{id}/circuits` and `/circuits/{id}` with what limits them.

mod body;
mod circuit;
mod external_limits;
mod limit_windows;
mod load_readings;

use utoipa_axum::{router::OpenApiRouter, routes};

use crate::App;

pub(crate) fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(circuit::circuit_list, circuit::circuit_create))
        .routes(routes!(circuit::circuit_get, circuit::circuit_change, circuit::circuit_delete))
        .routes(routes!(limit_windows::limit_window_list, limit_windows::limit_window_create))
        .routes(routes!(
            limit_windows::limit_window_get,
            limit_windows::limit_window_change,
            limit_windows::limit_window_delete
        ))
        .routes(routes!(external_limits::external_limits_get, external_limits::external_limits_put))
        .routes(routes!(load_readings::load_reading_create))
}
