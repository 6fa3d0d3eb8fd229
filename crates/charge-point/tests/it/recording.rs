//! What chargers report: repeats, late news, old sockets, unknown connectors.

use charge_point::{
    BootReport, ChargePoint, ConnectorStatus, Generation, Protocol, RateUnits, Registration, ReportedKey,
    StatusMessage, StatusRecorded, event,
};
use chrono::TimeDelta;
use futures::executor::block_on;
use kernel::{Clock, IdSource, Version};
use proptest::prelude::*;

use crate::{Fixture, fixture};

/// Runs one recording in a unit of work of its own.
macro_rules! record {
    ($f:expr, $charger:expr, $what:ident $(, $argument:expr)*) => {{
        let mut tx = $f.work();
        let reference = $f.reference($charger);
        let outcome = block_on($f.recorder.$what(&mut *tx, reference $(, $argument)*)).unwrap();
        block_on(tx.commit()).unwrap();
        outcome
    }};
}

fn status(f: &Fixture, charger: &ChargePoint, message: StatusMessage) -> StatusRecorded {
    record!(f, charger, status, message).unwrap()
}

fn new_events(f: &Fixture, known: &mut usize) -> Vec<String> {
    let all = f.store.event_names();
    let new = all[*known..].to_vec();
    *known = all.len();
    new
}

#[test]
fn a_boot_tells_who_the_charger_is() {
    let f = fixture();
    let charger = f.charger("CP-1");
    let full = BootReport {
        vendor: "AB\0C".into(),
        model: "M".repeat(300),
        serial: Some("S-1".into()),
        firmware: Some("1.0".into()),
    };
    assert_eq!(record!(f, &charger, boot, full), Registration::Accepted);
    record!(f, &charger, boot, BootReport { vendor: "ABC".into(), model: "M".into(), ..Default::default() });
    let stored = f.stored(&charger);
    assert_eq!((stored.live.vendor.as_deref(), stored.live.model.as_deref()), (Some("ABC"), Some("M")));
    assert_eq!((stored.live.serial.as_deref(), stored.live.firmware.as_deref()), (Some("S-1"), Some("1.0")));
    assert_eq!((stored.live.booted_at, stored.version), (Some(f.clock.now()), Version::FIRST));

    let mut gone = f.reference(&charger);
    gone.charge_point = f.ids.uuid().into();
    let answer = block_on(f.recorder.boot(&mut *f.work(), gone, BootReport::default())).unwrap();
    assert_eq!(answer, Registration::Rejected);
}

#[test]
fn a_status_is_told_once_and_old_news_does_not_count() {
    let f = fixture();
    let charger = f.charger("CP-1");
    let mut known = f.store.event_names().len();
    let at = |seconds| Some(f.clock.now() + TimeDelta::seconds(seconds));
    let message = |status, at| StatusMessage { at, ..StatusMessage::new(1, status) };

    let first = status(&f, &charger, message(ConnectorStatus::Preparing, at(0)));
    assert_eq!((first.before, first.after), (ConnectorStatus::Unknown, ConnectorStatus::Preparing));
    assert_eq!(first.place.unwrap().evse, charger.evses[0].id);
    assert_eq!(new_events(&f, &mut known), [event::STATUS_CHANGED]);
    let repeat = status(&f, &charger, message(ConnectorStatus::Preparing, at(1)));
    assert_eq!(repeat.before, repeat.after);
    let late = status(&f, &charger, message(ConnectorStatus::Available, at(-60)));
    assert_eq!(late.after, ConnectorStatus::Preparing);
    assert!(new_events(&f, &mut known).is_empty());

    // A charger whose clock runs ahead must not silence itself.
    status(&f, &charger, message(ConnectorStatus::Charging, at(1_000_000)));
    f.clock.advance(TimeDelta::seconds(10));
    let next = status(&f, &charger, message(ConnectorStatus::Finishing, at(0)));
    assert_eq!(next.after, ConnectorStatus::Finishing);
    assert_eq!(new_events(&f, &mut known).len(), 2);
}

#[test]
fn connector_zero_is_the_whole_charge_point() {
    let f = fixture();
    let charger = f.charger("CP-1");
    let recorded = status(&f, &charger, StatusMessage::new(0, ConnectorStatus::Unavailable));
    assert_eq!(recorded.place, None);
    let stored = f.stored(&charger);
    assert_eq!(stored.live.whole.status(), ConnectorStatus::Unavailable);
    assert_eq!(stored.evses[0].connectors[0].live.status(), ConnectorStatus::Unknown);
}

#[test]
fn an_unknown_connector_is_learned_and_stays() {
    let f = fixture();
    let charger = f.charger("CP-1");
    let recorded = status(&f, &charger, StatusMessage::new(2, ConnectorStatus::Available));
    let place = record!(f, &charger, connector, 2);
    assert!(place.is_some());
    assert_eq!(place, recorded.place);
    assert_eq!(record!(f, &charger, connector, 3).unwrap().flat_number, 3);
    assert_eq!(record!(f, &charger, connector, 0), None);
    let stored = f.stored(&charger);
    assert_eq!((stored.evses.len(), stored.version), (3, Version(3)));
    assert_eq!(stored.connector(2).unwrap().1.live.status(), ConnectorStatus::Available);

    for number in 4..200 {
        record!(f, &charger, connector, number);
    }
    assert_eq!(f.stored(&charger).evses.len(), ChargePoint::MAX_CONNECTORS);
    let ignored = status(&f, &charger, StatusMessage::new(500, ConnectorStatus::Charging));
    assert_eq!(ignored.place, None);
}

#[test]
fn the_late_close_of_an_old_socket_does_not_remove_its_successor() {
    let f = fixture();
    let charger = f.charger("CP-1");
    let mut known = f.store.event_names().len();
    record!(f, &charger, opened, Generation(1), Protocol::Ocpp16);
    record!(f, &charger, opened, Generation(2), Protocol::Ocpp16);
    record!(f, &charger, closed, Generation(1));
    assert!(f.stored(&charger).live.online);
    assert_eq!(new_events(&f, &mut known), [event::CHARGE_POINT_CONNECTED]);
    record!(f, &charger, closed, Generation(2));
    record!(f, &charger, closed, Generation(2));
    record!(f, &charger, opened, Generation(1), Protocol::Ocpp16);
    assert!(!f.stored(&charger).live.online);
    assert_eq!(new_events(&f, &mut known), [event::CHARGE_POINT_DISCONNECTED]);
}

#[test]
fn after_a_restart_nobody_is_online() {
    let f = fixture();
    let (there, away) = (f.charger("CP-1"), f.charger("CP-2"));
    record!(f, &there, opened, Generation(1), Protocol::Ocpp16);
    let mut known = f.store.event_names().len();
    let mut tx = f.work();
    assert_eq!(block_on(f.recorder.all_offline(&mut *tx)).unwrap(), 1);
    block_on(tx.commit()).unwrap();
    assert!(!f.stored(&there).live.online && !f.stored(&away).live.online);
    assert_eq!(new_events(&f, &mut known), [event::CHARGE_POINT_DISCONNECTED]);
    record!(f, &there, opened, Generation(2), Protocol::Ocpp16);
    assert!(f.stored(&there).live.online);
}

#[test]
fn reported_settings_tell_what_the_charger_can() {
    let f = fixture();
    let charger = f.charger("CP-1");
    let key =
        |key: &str, value: &str| ReportedKey { key: key.into(), value: Some(value.into()), readonly: true };
    let keys = vec![
        key("ChargingScheduleAllowedChargingRateUnit", "Current"),
        key("ChargeProfileMaxStackLevel", "3"),
        key("AuthorizationKey", "geheim12"),
        key("Odd", "first"),
        key("Odd", "la\0st"),
    ];
    record!(f, &charger, configuration, keys);
    let stored = f.stored(&charger);
    assert_eq!(
        (stored.rate_units(), stored.live.capabilities.max_stack_level),
        (Some(RateUnits::Amps), Some(3))
    );
    let settings = block_on(f.charge_points.configuration_list(&f.scope, charger.id)).unwrap();
    let value = |name: &str| settings.iter().find(|key| key.key == name).unwrap().value.clone();
    assert_eq!((value("AuthorizationKey"), value("Odd").as_deref()), (None, Some("last")));
}

#[test]
fn a_charge_point_that_is_gone_is_no_error() {
    let f = fixture();
    let charger = f.charger("CP-1");
    block_on(f.charge_points.charge_point_delete(&f.scope, charger.id, None)).unwrap();
    let known = f.store.event_names().len();
    assert_eq!(record!(f, &charger, status, StatusMessage::new(1, ConnectorStatus::Available)), None);
    assert_eq!(record!(f, &charger, connector, 1), None);
    record!(f, &charger, opened, Generation(1), Protocol::Ocpp16);
    record!(f, &charger, closed, Generation(1));
    record!(f, &charger, firmware_status, "Installed".to_owned());
    record!(f, &charger, diagnostics_status, "Uploaded".to_owned());
    let mut tx = f.work();
    block_on(f.recorder.seen(&mut *tx, &[f.reference(&charger)])).unwrap();
    assert_eq!(f.store.event_names().len(), known);
}

proptest! {
    /// Sockets open in the order of their generations; closes come late and more than once. The
    /// charger is online exactly until its last socket closes.
    #[test]
    fn in_whatever_order_closes_come_the_last_socket_decides(
        closes in proptest::collection::vec(1..6_i64, 0..20)
    ) {
        let f = fixture();
        let charger = f.charger("CP-1");
        for generation in 1..6 {
            record!(f, &charger, opened, Generation(generation), Protocol::Ocpp16);
        }
        for generation in &closes {
            record!(f, &charger, closed, Generation(*generation));
        }
        prop_assert_eq!(f.stored(&charger).live.online, !closes.contains(&5));
    }
}
