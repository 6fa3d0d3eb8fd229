//! What charge points were, as their reports tell it.

use charge_point::{
    ChargePointError, Condition, ConnectorStatus, CreateMaintenance, DownReason, Generation,
    MaintenanceFilter, MaintenanceTarget, Protocol, Span, StatusMessage, UptimeService,
};
use chrono::TimeDelta;
use futures::executor::block_on;
use kernel::{Clock, IdSource, PageRequest, Permission, ResourceGroupId, testing::sight::FakeSight};
use std::sync::Arc;

use crate::{Fixture, fixture};

fn uptime_of(f: &Fixture) -> UptimeService {
    UptimeService::new(Arc::new(f.store.clone()), f.clock.clone(), f.ids.clone())
}

#[test]
fn reports_are_periods_and_repeats_and_old_news_are_not() {
    let f = fixture();
    let charger = f.charger("CP-1");
    let reference = f.reference(&charger);
    let begun = f.clock.now();
    let status = |status, at| StatusMessage { at, ..StatusMessage::new(1, status) };
    let record = |message: StatusMessage| {
        let mut tx = f.work();
        block_on(f.recorder.status(&mut *tx, reference, message)).unwrap();
        block_on(tx.commit()).unwrap();
    };
    let socket = |generation, open: bool| {
        let mut tx = f.work();
        if open {
            block_on(f.recorder.opened(&mut *tx, reference, Generation(generation), Protocol::Ocpp16))
                .unwrap();
        } else {
            block_on(f.recorder.closed(&mut *tx, reference, Generation(generation))).unwrap();
        }
        block_on(tx.commit()).unwrap();
    };
    f.clock.advance(TimeDelta::seconds(10));
    socket(1, true);
    f.clock.advance(TimeDelta::seconds(10));
    record(status(ConnectorStatus::Faulted, None));
    f.clock.advance(TimeDelta::seconds(10));
    record(status(ConnectorStatus::Faulted, None));
    record(status(ConnectorStatus::Available, Some(begun)));
    f.clock.advance(TimeDelta::seconds(10));
    record(status(ConnectorStatus::Available, None));
    // It comes back before the old socket is known to be closed.
    socket(2, true);
    socket(1, false);
    f.clock.advance(TimeDelta::seconds(10));
    let mut tx = f.work();
    assert_eq!(block_on(f.recorder.all_offline(&mut *tx)).unwrap(), 1);
    block_on(tx.commit()).unwrap();
    f.clock.advance(TimeDelta::seconds(10));

    let span = Span { from: begun - TimeDelta::days(1), to: begun + TimeDelta::days(1) };
    let (from, to) = (Some(span.from), Some(span.to));
    let found = block_on(uptime_of(&f).charge_point_uptime(&f.scope, charger.id, from, to)).unwrap();
    assert_eq!(found.span, Span { from: begun, to: f.clock.now() });
    let periods: Vec<_> =
        found.connectors[0].periods.iter().map(|period| (period.seconds(), period.condition)).collect();
    assert_eq!(
        periods,
        [
            (10, Condition::Down(DownReason::Offline)),
            (10, Condition::Up),
            (20, Condition::Down(DownReason::Faulted)),
            (10, Condition::Up),
            (10, Condition::Down(DownReason::Offline)),
        ]
    );

    let window = CreateMaintenance { target: MaintenanceTarget::Depot(f.depot), span, reason: "work".into() };
    block_on(uptime_of(&f).maintenance_create(&f.scope, window)).unwrap();
    let excused = block_on(uptime_of(&f).charge_point_uptime(&f.scope, charger.id, from, to)).unwrap();
    assert_eq!((excused.connectors[0].excluded_seconds, excused.connectors[0].percent()), (60, None));
    assert!(f.store.event_names().contains(&"manage.maintenance_window.created.v1".to_owned()));
}

#[test]
fn within_a_group_only_its_charge_points_and_their_work_are_seen() {
    let f = fixture();
    let (charger, uptime) = (f.charger("CP-1"), uptime_of(&f));
    let (sight, group) = (Arc::new(FakeSight::default()), ResourceGroupId::from(f.ids.uuid()));
    let may = [Permission::ChargePointRead, Permission::ChargePointWrite].into();
    let limited = sight.scope(f.scope.organisation(), group, &may);
    let span = Span { from: f.clock.now(), to: f.clock.now() + TimeDelta::hours(1) };
    let work = |target| CreateMaintenance { target, span, reason: "work".into() };
    let here = || work(MaintenanceTarget::ChargePoint(charger.id));
    let seen = block_on(uptime.charge_point_uptime(&limited, charger.id, Some(span.from), Some(span.to)));
    assert!(matches!(seen, Err(ChargePointError::NoSuchChargePoint)));
    for (target, pointer) in
        [(here(), "/charge_point_id"), (work(MaintenanceTarget::Depot(f.depot)), "/depot_id")]
    {
        let refused = block_on(uptime.maintenance_create(&limited, target));
        let Err(ChargePointError::Invalid(invalid)) = refused else { panic!("{refused:?}") };
        assert_eq!(invalid.errors[0].pointer, pointer);
    }
    let window = block_on(uptime.maintenance_create(&f.scope, here())).unwrap();
    let list = || {
        let page = PageRequest::default();
        block_on(uptime.maintenance_list(&limited, &MaintenanceFilter::default(), page)).unwrap().items
    };
    assert!(list().is_empty());
    let got = block_on(uptime.maintenance_get(&limited, window.id));
    assert!(matches!(got, Err(ChargePointError::NoSuchMaintenanceWindow)));
    let deleted = || block_on(uptime.maintenance_delete(&limited, window.id, None));
    assert!(matches!(deleted(), Err(ChargePointError::NoSuchMaintenanceWindow)));

    sight.put(group, charger.id);
    sight.put(group, window.id);
    assert!(
        block_on(uptime.charge_point_uptime(&limited, charger.id, Some(span.from), Some(span.to))).is_ok()
    );
    assert_eq!(list(), std::slice::from_ref(&window));
    deleted().unwrap();
    assert!(block_on(uptime.maintenance_create(&limited, here())).is_ok());
}
