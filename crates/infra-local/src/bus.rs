//! Events handed from the relay to whoever listens in the same process.

use std::sync::{Arc, PoisonError, RwLock};

use async_trait::async_trait;
use kernel::{Event, EventPublisher, EventSubscriber, StoreError};

/// Passes every event to every subscriber, in order, one after the other. Cheap to clone.
#[derive(Clone, Default)]
pub struct EventBus(Arc<RwLock<Vec<Arc<dyn EventSubscriber>>>>);

impl EventBus {
    /// Adds a subscriber for the events from now on.
    pub fn subscribe(&self, subscriber: Arc<dyn EventSubscriber>) {
        self.0.write().unwrap_or_else(PoisonError::into_inner).push(subscriber);
    }

    fn subscribers(&self) -> Vec<Arc<dyn EventSubscriber>> {
        self.0.read().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

#[async_trait]
impl EventSubscriber for EventBus {
    async fn receive(&self, event: &Event) {
        for subscriber in self.subscribers() {
            subscriber.receive(event).await;
        }
    }
}

#[async_trait]
impl EventPublisher for EventBus {
    async fn publish(&self, events: &[Event]) -> Result<(), StoreError> {
        for event in events {
            self.receive(event).await;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use kernel::testing::{CountingIds, FakeClock};
    use serde_json::Value;

    use super::*;

    #[derive(Default)]
    struct Heard(Mutex<Vec<String>>);

    #[async_trait]
    impl EventSubscriber for Heard {
        async fn receive(&self, event: &Event) {
            self.0.lock().unwrap().push(event.key.clone());
        }
    }

    #[tokio::test]
    async fn everybody_hears_everything_in_order() {
        let bus = EventBus::default();
        let listeners = [Arc::new(Heard::default()), Arc::new(Heard::default())];
        for listener in &listeners {
            bus.subscribe(listener.clone());
        }
        let organisation = uuid::Uuid::nil().into();
        for key in ["a", "b"] {
            let event = Event::new(
                &FakeClock::default(),
                &CountingIds::default(),
                organisation,
                "manage.test.v1",
                key,
                Value::Null,
            );
            bus.receive(&event).await;
        }
        for listener in &listeners {
            assert_eq!(*listener.0.lock().unwrap(), ["a", "b"]);
        }
    }
}
