//! A store in memory, builders, and the contract that every store must pass.

pub mod contract;
mod fake;

pub use fake::{FakeFrames, FakeRecorder};

use kernel::{ChargePointId, Clock, IdSource, OrganisationId, testing::FakeClock};

use crate::model::{Direction, Frame, MessageType, Text};

/// A heartbeat of a charger of its own, Monday at 08:00.
pub fn frame(ids: &dyn IdSource) -> Frame {
    frame_of(ids, ids.uuid().into(), ids.uuid().into())
}

/// A heartbeat, Monday at 08:00.
pub fn frame_of(ids: &dyn IdSource, organisation: OrganisationId, charge_point: ChargePointId) -> Frame {
    Frame {
        id: ids.uuid().into(),
        organisation,
        charge_point,
        identity: "CP-1".to_owned(),
        connection: 1,
        direction: Direction::In,
        at: FakeClock::default().now(),
        protocol: "ocpp1.6".to_owned(),
        message_type: MessageType::Call,
        action: Some("Heartbeat".to_owned()),
        message_id: Some("m-1".to_owned()),
        outcome: None,
        text: Text::of(r#"[2,"m-1","Heartbeat",{}]"#),
    }
}
