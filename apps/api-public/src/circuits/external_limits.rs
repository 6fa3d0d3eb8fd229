//! `PUT /circuits/{id}/external-limits`

use axum::{Json, extract::State};
use chrono::{DateTime, Utc};
use depot::{ExternalLimit, ExternalLimits, PutExternalLimits};
use http_kit::{Answer, Caller, PathId, ValidJson};
use kernel::{CircuitId, MilliAmps, W};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::body::limit;
use crate::App;

#[derive(Serialize, ToSchema)]
#[schema(as = ExternalLimits)]
pub(crate) struct ExternalBody {
    circuit_id: Uuid,
    source: String,
    /// From then on the list is void.
    expires_at: DateTime<Utc>,
    limits: Vec<PeriodBody>,
    received_at: DateTime<Utc>,
}

#[derive(Serialize, Deserialize, ToSchema)]
#[schema(as = ExternalLimit)]
#[serde(deny_unknown_fields)]
pub(crate) struct PeriodBody {
    /// Inclusive.
    from: DateTime<Utc>,
    /// Exclusive.
    to: DateTime<Utc>,
    limit_kw: Option<f64>,
    /// Per phase.
    limit_amps: Option<f64>,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ExternalPut {
    /// A name for who wants this: a newer list of the same source replaces the older.
    #[schema(max_length = 100)]
    source: String,
    /// Until when the list is good: the end of its last period, unless told.
    expires_at: Option<DateTime<Utc>>,
    /// Empty takes all of the source's limits back.
    limits: Vec<PeriodBody>,
}

impl From<ExternalLimits> for ExternalBody {
    fn from(external: ExternalLimits) -> Self {
        let limits = external.limits.into_iter().map(|period| PeriodBody {
            from: period.from,
            to: period.to,
            limit_kw: period.limit.power.map(W::to_kilo),
            limit_amps: period.limit.current.map(MilliAmps::to_kilo),
        });
        Self {
            circuit_id: external.circuit.into(),
            source: external.source,
            expires_at: external.expires_at,
            limits: limits.collect(),
            received_at: external.received_at,
        }
    }
}

/// Limit a circuit from outside: a utility, a site controller.
///
/// The lowest of all limits holds, whoever set it. What is sent takes the place of all that the same
/// source sent before, and ends by itself: repeat it in time, and nobody is bound for longer by a
/// source that fell silent.
#[utoipa::path(
    put,
    path = "/circuits/{id}/external-limits",
    tag = "circuits",
    params(("id" = Uuid, Path)),
    request_body = ExternalPut,
    responses((status = 200, description = "What now holds of this source.", body = ExternalBody))
)]
pub(crate) async fn external_limits_put(
    State(app): State<App>,
    Caller(scope): Caller,
    PathId(circuit): PathId<CircuitId>,
    ValidJson(body): ValidJson<ExternalPut>,
) -> Answer<Json<ExternalBody>> {
    let limits = body.limits.into_iter().map(|period| ExternalLimit {
        from: period.from,
        to: period.to,
        limit: limit(period.limit_kw, period.limit_amps),
    });
    let command = PutExternalLimits {
        circuit,
        source: body.source,
        expires_at: body.expires_at,
        limits: limits.collect(),
    };
    Ok(Json(app.circuits.external_limits_put(&scope, command).await?.into()))
}
