//! Which events are wanted, and from where on.

use std::collections::BTreeSet;

use axum::http::HeaderMap;
use http_kit::{FieldProblem, Problem};
use kernel::Event;
use runtime::feed::Start;
use serde::Deserialize;
use utoipa::IntoParams;
use uuid::Uuid;

/// Types that may be named in one request.
const MOST_TYPES: usize = 50;

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

/// What a follower wants of all they may hear.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Wanted {
    names: BTreeSet<String>,
    prefixes: Vec<String>,
    depot: Option<String>,
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
        let mut wanted = Wanted { depot: self.depot_id.map(|id| id.to_string()), ..Wanted::default() };
        let Some(types) = &self.types else { return Ok(wanted) };
        let types: Vec<&str> = types.split(',').map(str::trim).collect();
        if types.len() > MOST_TYPES || types.iter().any(|name| name.trim_end_matches('*').is_empty()) {
            let detail = format!("must be 1 to {MOST_TYPES} types of events with commas between them");
            let field = FieldProblem::new("/types", "malformed", detail);
            return Err(Problem::malformed("malformed_query", "the query cannot be used").field(field));
        }
        for name in types {
            match name.strip_suffix('*') {
                Some(prefix) => wanted.prefixes.push(prefix.to_owned()),
                None => _ = wanted.names.insert(name.to_owned()),
            }
        }
        Ok(wanted)
    }
}

impl Wanted {
    pub(super) fn takes(&self, event: &Event) -> bool {
        let any = self.names.is_empty() && self.prefixes.is_empty();
        let named = any
            || self.names.contains(&*event.name)
            || self.prefixes.iter().any(|prefix| event.name.starts_with(prefix.as_str()));
        let depot = || event.data.get("depot_id").and_then(|id| id.as_str());
        named && self.depot.as_deref().is_none_or(|wanted| depot() == Some(wanted))
    }
}
