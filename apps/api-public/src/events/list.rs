//! `GET /events`

use access::{hears_something, may_hear};
use async_trait::async_trait;
use axum::{Json, extract::State, http::StatusCode};
use chrono::{DateTime, Utc};
use http_kit::{Answer, Caller, FieldProblem, Problem, ValidQuery};
use kernel::{Event, Scope, StoreError};
use notification::webhooks::told;
use runtime::feed::{FeedPage, Listener, PageError, Wanted};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use crate::App;

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct EventQuery {
    /// `next_cursor` of the page before. Without it there are no events, and `next_cursor` is now.
    after: Option<String>,
    #[serde(default = "usual_limit")]
    #[param(minimum = 1, maximum = 500, default = 100)]
    limit: usize,
    /// Types of events, with commas between them; what ends with `*` means all that begin so.
    #[param(example = "manage.run.readiness_changed.v1,manage.transaction.*")]
    types: Option<String>,
}

fn usual_limit() -> usize {
    100
}

/// What is asked for, read.
struct Asked {
    after: Option<i64>,
    limit: usize,
    wanted: Wanted,
}

impl EventQuery {
    fn read(self) -> Result<Asked, Problem> {
        let refused = |pointer: &str, code, detail: String| {
            let field = FieldProblem::new(pointer, code, detail);
            Problem::malformed("malformed_query", "the query cannot be used").field(field)
        };
        let after = match self.after {
            None => None,
            Some(text) => match text.parse().ok().filter(|place: &i64| *place >= 0) {
                Some(place) => Some(place),
                None => {
                    return Err(refused("/after", "invalid_value", "is no cursor of this feed".to_owned()));
                }
            },
        };
        if !(1..=500).contains(&self.limit) {
            return Err(refused("/limit", "out_of_range", "must be between 1 and 500".to_owned()));
        }
        let wanted = match self.types {
            None => Some(Wanted::default()),
            Some(types) => Wanted::types(&types),
        };
        let wanted = wanted.ok_or_else(|| {
            let most = Wanted::MOST_TYPES;
            refused(
                "/types",
                "malformed",
                format!("must be 1 to {most} types of events with commas between them"),
            )
        })?;
        Ok(Asked { after, limit: self.limit, wanted })
    }
}

#[derive(Serialize, ToSchema)]
#[schema(as = EventPage)]
pub(crate) struct EventPageBody {
    items: Vec<EventBody>,
    /// Pass it as `after` to go on. It is there also where nothing happened.
    next_cursor: String,
    /// Whether there may be more at once; else come back after a while.
    has_more: bool,
}

#[derive(Serialize, ToSchema)]
#[schema(as = Event)]
pub(crate) struct EventBody {
    /// The same event has the same id wherever it is told.
    id: Uuid,
    /// Such as `manage.transaction.started.v1`.
    #[serde(rename = "type")]
    kind: String,
    /// The id of what it is about, or of what that belongs to: order is kept per subject.
    subject: String,
    time: DateTime<Utc>,
    #[schema(value_type = Object)]
    data: Value,
}

impl From<FeedPage> for EventPageBody {
    fn from(page: FeedPage) -> Self {
        let items = page.events.into_iter().filter_map(|fed| {
            Some(EventBody {
                data: told(&fed.event)?,
                id: fed.event.id.into(),
                kind: fed.event.name.into_owned(),
                subject: fed.event.key,
                time: fed.event.occurred_at,
            })
        });
        Self { items: items.collect(), next_cursor: page.next.to_string(), has_more: page.more }
    }
}

/// Hears what is for partners, of what they want and may.
struct Hearer {
    scope: Scope,
    wanted: Wanted,
}

#[async_trait]
impl Listener for Hearer {
    async fn hears(&self, event: &Event) -> Result<bool, StoreError> {
        Ok(told(event).is_some() && self.wanted.takes(event) && may_hear(&self.scope, event).await?)
    }
}

/// What happened, in the order in which it became known.
///
/// Ask without `after` for a first cursor, read what you need of the other resources, and go on from
/// the cursor: nothing is left out and nothing told twice, however long it took until it was stored.
/// Events are kept for 7 days; a cursor from before is a 410 `cursor_expired`: begin again without one.
/// A page may be short, or empty, though there are more. You hear of what the key may read.
#[utoipa::path(
    get,
    path = "/events",
    tag = "events",
    params(EventQuery),
    responses(
        (status = 200, description = "Events, and where to go on.", body = EventPageBody),
        (status = 410, description = "The cursor is too old, or was never given."),
    )
)]
pub(crate) async fn event_list(
    State(app): State<App>,
    Caller(scope): Caller,
    ValidQuery(query): ValidQuery<EventQuery>,
) -> Answer<Json<EventPageBody>> {
    hears_something(&scope)?;
    let Asked { after, limit, wanted } = query.read()?;
    let organisation = scope.organisation();
    let page = app.feed.page(organisation, after, limit, Hearer { scope, wanted }).await;
    let page = page.map_err(|error| match error {
        PageError::Forgotten => Problem::new(StatusCode::GONE, "cursor_expired")
            .detail("what came after the cursor is not kept any more: begin again without one"),
        PageError::Store(error) => error.into(),
    })?;
    Ok(Json(page.into()))
}
