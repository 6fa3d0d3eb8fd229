//! Events from one process to another.

use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use kernel::{Event, EventPublisher, EventSubscriber, IdSource};
use serde_json::json;
use tokio_util::sync::CancellationToken;

use crate::rig::{Rig, until};

#[derive(Default)]
struct Heard(Mutex<Vec<Event>>);

#[async_trait]
impl EventSubscriber for Heard {
    async fn receive(&self, event: &Event) {
        self.0.lock().unwrap().push(event.clone());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn events_are_heard_from_now_on_whole_and_in_the_order_of_their_key() {
    let Some(rig) = Rig::start().await else { return };
    let event = |key: &str, n: u32| {
        Event::new(&*rig.clock, &*rig.ids, rig.organisation, "manage.test.v1", key, json!({"n": n}))
    };
    rig.kafka.publish(&[event("a", 0)]).await.unwrap();
    let feed = rig.kafka.events(rig.ids.uuid()).await.unwrap();
    let published: Vec<Event> = (1..50).map(|n| event(if n % 3 == 0 { "a" } else { "b" }, n)).collect();
    rig.kafka.publish(&published).await.unwrap();

    let (heard, stopping) = (Arc::new(Heard::default()), CancellationToken::new());
    let feeding = tokio::spawn(feed.run(heard.clone(), stopping.clone()));
    until("all to be heard", async || heard.0.lock().unwrap().len() == published.len()).await;
    stopping.cancel();
    feeding.await.unwrap();
    for key in ["a", "b"] {
        let of =
            |events: &[Event]| events.iter().filter(|event| event.key == key).cloned().collect::<Vec<_>>();
        assert_eq!(of(&heard.0.lock().unwrap()), of(&published));
    }
}
