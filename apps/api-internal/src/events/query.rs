//! Which events are wanted, and from where on.

use axum::http::HeaderMap;
use http_kit::{FieldProblem, Problem};
use runtime::feed::{Start, Wanted};
use serde::Deserialize;
use utoipa::IntoParams;
use uuid::Uuid;

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct EventQuery {
    /// Types of events, with commas between them; what ends with `*` means all that begin so.
    #[param(example = "manage.transaction.started.v1,manage.alert.*")]
    types: Option<String>,
    /// Only events that name this depot.
    depot_id: Option<Uuid>,
    /// Go on after this id; `Last-Event-ID` counts more.
    after: Option<i64>,
    /// Whether the answer goes on with what happens; without it ends with what has happened.
    #[serde(default = "follow")]
    #[param(default = true)]
    pub(super) follow: bool,
}

fn follow() -> bool {
    true
}

impl EventQuery {
    /// Where to begin.
    pub(super) fn start(&self, headers: &HeaderMap) -> Result<Start, Problem> {
        let last = match headers.get("last-event-id") {
            None => self.after,
            Some(id) => {
                let place = id.to_str().ok().and_then(|id| id.trim().parse().ok());
                Some(place.ok_or_else(|| {
                    Problem::malformed(
                        "malformed_last_event_id",
                        "`Last-Event-ID` must be an id of an event here",
                    )
                })?)
            }
        };
        Ok(last.map_or(Start::Now, Start::After))
    }

    pub(super) fn wanted(&self) -> Result<Wanted, Problem> {
        let wanted = match &self.types {
            None => Some(Wanted::default()),
            Some(types) => Wanted::types(types),
        };
        let wanted = wanted.ok_or_else(|| {
            let detail =
                format!("must be 1 to {} types of events with commas between them", Wanted::MOST_TYPES);
            let field = FieldProblem::new("/types", "malformed", detail);
            Problem::malformed("malformed_query", "the query cannot be used").field(field)
        })?;
        Ok(wanted.of_depot(self.depot_id.map(Into::into)))
    }
}
