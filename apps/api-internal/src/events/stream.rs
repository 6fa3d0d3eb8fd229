//! `GET /events`

use std::{convert::Infallible, time::Duration};

use access::{hears_something, may_hear};
use async_trait::async_trait;
use axum::{
    extract::State,
    http::{HeaderMap, HeaderName},
    response::{
        IntoResponse, Sse,
        sse::{Event as Frame, KeepAlive},
    },
};
use chrono::{DateTime, Utc};
use futures::{StreamExt, stream};
use http_kit::{Answer, Caller, Problem, ValidQuery};
use kernel::{Event, Scope, StoreError};
use runtime::feed::{FollowError, Listener, Told, Wanted};
use serde::Serialize;
use serde_json::{Value, json};
use utoipa::ToSchema;
use uuid::Uuid;

use super::query::EventQuery;
use crate::App;

/// A comment is sent when nothing else was for so long, so that nobody in between closes the line.
const HEARTBEAT: Duration = Duration::from_secs(15);

/// What the data of each event is.
#[derive(Serialize, ToSchema)]
#[schema(as = Event)]
struct EventBody {
    id: Uuid,
    /// Such as `manage.transaction.started.v1`.
    #[serde(rename = "type")]
    kind: String,
    /// The id of what changed.
    subject: String,
    time: DateTime<Utc>,
    #[schema(value_type = Object)]
    data: Value,
}

/// What happens, as it happens: Server-Sent Events.
///
/// Each has an `id`, its type as the `event`, and JSON as `data`. Come back with the last id as
/// `Last-Event-ID` and nothing is missed, for as long as events are kept (7 days); after that, the
/// first event is a `reset`: read afresh what you need, and go on. You hear of what you may read.
/// The stream ends after ten minutes, or where events are not taken in time: come back then, too.
#[utoipa::path(
    get,
    path = "/events",
    tag = "events",
    params(
        EventQuery,
        ("Last-Event-ID" = Option<i64>, Header, description = "The id of the last event that was seen.")
    ),
    responses((status = 200, description = "Events.", content((EventBody = "text/event-stream"))))
)]
pub(crate) async fn event_stream(
    State(app): State<App>,
    Caller(scope): Caller,
    headers: HeaderMap,
    ValidQuery(query): ValidQuery<EventQuery>,
) -> Answer<impl IntoResponse> {
    hears_something(&scope)?;
    let (start, wanted) = (query.start(&headers)?, query.wanted()?);
    let organisation = scope.organisation();
    let listener = Hearer { scope, wanted };
    let mut told =
        app.feed.follow(organisation, start, query.follow, listener).await.map_err(|error| match error {
            FollowError::TooMany => Problem::unavailable("too_many_streams"),
            FollowError::Store(error) => error.into(),
        })?;
    let frames =
        stream::poll_fn(move |context| told.poll_recv(context)).map(|told| Ok::<_, Infallible>(frame(told)));
    let unbuffered = [(HeaderName::from_static("x-accel-buffering"), "no")];
    Ok((unbuffered, Sse::new(frames).keep_alive(KeepAlive::new().interval(HEARTBEAT))))
}

/// Hears what they want of what they may.
struct Hearer {
    scope: Scope,
    wanted: Wanted,
}

#[async_trait]
impl Listener for Hearer {
    async fn hears(&self, event: &Event) -> Result<bool, StoreError> {
        Ok(self.wanted.takes(event) && may_hear(&self.scope, event).await?)
    }
}

fn frame(told: Told) -> Frame {
    match told {
        Told::Event(fed) => {
            let event = fed.event;
            let body = EventBody {
                id: event.id.into(),
                kind: event.name.into_owned(),
                subject: event.key,
                time: event.occurred_at,
                data: event.data,
            };
            let data = serde_json::to_string(&body).unwrap_or_default();
            Frame::default().id(fed.place.to_string()).event(body.kind).data(data)
        }
        Told::Reset(place) => {
            let data = json!({"reason": "events after the last one seen are not known any more"});
            Frame::default().id(place.to_string()).event("reset").data(data.to_string())
        }
    }
}
