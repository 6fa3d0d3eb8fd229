//! Events as CloudEvents 1.0 in structured JSON.

use kernel::{Event, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use uuid::Uuid;

const SPECIFICATION: &str = "1.0";
const SOURCE: &str = "/manage-core";

#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct CloudEvent {
    specversion: String,
    id: Uuid,
    source: String,
    r#type: String,
    /// The aggregate that changed.
    subject: String,
    time: Timestamp,
    datacontenttype: String,
    /// Our extension: whose event it is.
    organisationid: Uuid,
    data: Value,
}

impl From<&Event> for CloudEvent {
    fn from(event: &Event) -> Self {
        Self {
            specversion: SPECIFICATION.to_owned(),
            id: event.id.into(),
            source: SOURCE.to_owned(),
            r#type: event.name.clone().into_owned(),
            subject: event.key.clone(),
            time: event.occurred_at,
            datacontenttype: "application/json".to_owned(),
            organisationid: event.organisation.into(),
            data: event.data.clone(),
        }
    }
}

impl From<CloudEvent> for Event {
    fn from(event: CloudEvent) -> Self {
        Self {
            id: event.id.into(),
            organisation: event.organisationid.into(),
            name: event.r#type.into(),
            key: event.subject,
            occurred_at: event.time,
            data: event.data,
        }
    }
}

#[cfg(test)]
mod tests {
    use kernel::testing::{CountingIds, FakeClock};
    use serde_json::json;

    use super::*;

    #[test]
    fn an_event_comes_back_as_it_went() {
        let (clock, ids) = (FakeClock::default(), CountingIds::default());
        let organisation = Uuid::nil().into();
        let event = Event::new(&clock, &ids, organisation, "manage.test.v1", "key", json!({"a": 1}));
        let text = serde_json::to_string(&CloudEvent::from(&event)).unwrap();
        assert!(text.contains(r#""specversion":"1.0""#), "{text}");
        assert_eq!(Event::from(serde_json::from_str::<CloudEvent>(&text).unwrap()), event);
    }
}
