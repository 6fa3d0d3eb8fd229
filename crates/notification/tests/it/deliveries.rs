//! Who is told, when, and until it is received.

use chrono::TimeDelta;
use futures::FutureExt;
use kernel::{Begin, TimeOfDay, WeekBand, Weekdays};
use notification::{
    AlertReader, AlertTx, DeliveryState, Outcome, Pace, Quiet, SendError, Severity, Webhook, WebhookSecret,
};
use serde_json::json;

use crate::rig::{Rig, id, status_of};

fn later() -> SendError {
    SendError::Later("connection refused".into())
}

#[tokio::test]
async fn a_thousand_faults_at_once_are_one_mail() {
    let mut rig = Rig::new();
    rig.rule(|_| {}).await;
    for n in 0..1_000 {
        rig.publish("manage.charge_point.status_changed.v1", status_of(n, "faulted"));
    }
    rig.catch_up().await;
    assert!(rig.send().await.is_empty(), "it collects");
    rig.advance(60);
    assert_eq!(rig.send().await, [Outcome::Sent]);
    let mails = rig.sent.mails();
    assert_eq!(mails.len(), 1);
    assert!(
        mails[0].subject.starts_with("[CRITICAL] 1000 alerts, among them: fault:"),
        "{}",
        mails[0].subject
    );
    assert!(mails[0].text.contains("… and 900 more"));
    assert_eq!(rig.mails_in(60).await, 0);
}

#[tokio::test]
async fn faults_that_keep_coming_are_few_mails_and_one_that_flaps_fewer() {
    let mut rig = Rig::new();
    rig.rule(|_| {}).await;
    let mut mails = 0;
    for n in 0..120 {
        rig.status(n, "faulted").await;
        mails += rig.mails_in(1).await;
    }
    assert!((20..=28).contains(&mails), "one in five minutes, not one a minute: {mails}");

    let mut rig = Rig::new();
    rig.rule(|_| {}).await;
    let mut mails = 0;
    for _ in 0..120 {
        rig.status(1, "faulted").await;
        mails += rig.mails_in(1).await;
        rig.status(1, "available").await;
        mails += rig.mails_in(1).await;
    }
    assert!(mails <= 2, "it never stood for long: {mails}");
}

#[tokio::test]
async fn what_does_not_last_is_not_told_where_a_delay_is_wanted() {
    let mut rig = Rig::new();
    rig.rule(|rule| rule.timing.delay_seconds = 300).await;
    rig.status(1, "faulted").await;
    rig.status(2, "faulted").await;
    rig.advance(120);
    rig.status(1, "available").await;
    rig.advance(240);
    assert_eq!(rig.send().await, [Outcome::Sent]);
    let mail = &rig.sent.mails()[0];
    assert!(mail.subject.starts_with("[CRITICAL] fault"), "one only: {}", mail.subject);

    rig.status(3, "faulted").await;
    rig.status(3, "available").await;
    rig.advance(3_600);
    assert_eq!(rig.send().await, [Outcome::Cancelled]);
}

#[tokio::test]
async fn rules_choose_by_kind_severity_and_depot_and_may_tell_the_end() {
    let mut rig = Rig::new();
    let depot = id(77);
    rig.rule(|rule| rule.matching.depots = vec![depot.parse().unwrap()]).await;
    rig.rule(|rule| {
        rule.matching.kinds = vec![notification::AlertKind::Offline];
        rule.emails = vec!["offline@depot.example".into()];
    })
    .await;
    rig.rule(|rule| {
        rule.matching.min_severity = Severity::Critical;
        rule.emails = vec!["critical@depot.example".into()];
        rule.timing.tell_cleared = true;
    })
    .await;
    rig.rule(|rule| rule.enabled = false).await;
    rig.status(1, "faulted").await;
    let data = json!({"charge_point_id": id(2), "connector_number": 1, "status": "charging",
        "error_code": "HighTemperature", "depot_id": depot});
    rig.happens("manage.charge_point.status_changed.v1", data).await;
    rig.advance(60);
    assert_eq!(rig.send().await.len(), 2);
    let told = |from: usize| {
        let mut told: Vec<_> = rig.sent.mails()[from..].iter().map(|mail| mail.to.clone()).collect();
        told.sort();
        told
    };
    assert_eq!(told(0), ["ada@depot.example", "critical@depot.example"]);
    rig.status(1, "available").await;
    rig.advance(600);
    rig.send().await;
    let mails = rig.sent.mails();
    assert_eq!((mails.len(), &*mails[2].to), (3, "critical@depot.example"));
    assert!(mails[2].subject.starts_with("[over]"), "{}", mails[2].subject);
}

#[tokio::test]
async fn a_digest_comes_once_a_day_with_all_that_was() {
    let mut rig = Rig::new();
    rig.rule(|rule| {
        rule.timing.pace = Pace::Daily { at: TimeOfDay::at(7, 0) };
        rule.timing.time_zone = "Europe/Berlin".parse().unwrap();
    })
    .await;
    for n in 0..5 {
        rig.status(n, "faulted").await;
        rig.advance(3_600);
    }
    assert!(rig.send().await.is_empty());
    rig.clock.set("2026-03-03T05:59:59Z".parse().unwrap());
    assert!(rig.send().await.is_empty());
    rig.clock.set("2026-03-03T06:00:00Z".parse().unwrap());
    assert_eq!(rig.send().await, [Outcome::Sent]);
    assert!(rig.sent.mails()[0].subject.contains("5 alerts"));
}

#[tokio::test]
async fn quiet_hours_keep_mails_until_morning_but_not_what_is_critical() {
    let mut rig = Rig::new();
    rig.rule(|rule| {
        let hours = WeekBand::new(Weekdays::ALL, TimeOfDay::at(22, 0), TimeOfDay::at(6, 0)).unwrap();
        rule.timing.quiet = Some(Quiet { hours, breaks_through: Some(Severity::Critical) });
        rule.timing.time_zone = "Europe/Berlin".parse().unwrap();
    })
    .await;
    let warning = json!({"charge_point_id": id(1), "status": "charging", "error_code": "HighTemperature"});
    rig.clock.set("2026-03-28T22:00:00Z".parse().unwrap());
    rig.happens("manage.charge_point.status_changed.v1", warning).await;
    rig.status(2, "faulted").await;
    rig.advance(60);
    assert_eq!(rig.send().await, [Outcome::Sent]);
    assert!(rig.sent.mails()[0].subject.starts_with("[CRITICAL] fault"), "{}", rig.sent.mails()[0].subject);
    // The night of 29 March is an hour shorter.
    rig.clock.set("2026-03-29T03:59:00Z".parse().unwrap());
    assert!(rig.send().await.is_empty());
    rig.clock.set("2026-03-29T04:00:00Z".parse().unwrap());
    assert_eq!(rig.send().await, [Outcome::Sent]);
    assert!(rig.sent.mails()[1].subject.starts_with("[warning] fault"), "{}", rig.sent.mails()[1].subject);
}

#[tokio::test]
async fn a_message_that_fails_is_tried_again_as_it_was_and_given_up_after_a_day() {
    let mut rig = Rig::new();
    rig.rule(|rule| {
        rule.emails = Vec::new();
        let secret = WebhookSecret::generate(&kernel::testing::CountingIds::default());
        rule.webhook = Some(Webhook { url: "https://x.example/hook".into(), secret });
    })
    .await;
    rig.status(1, "faulted").await;
    rig.advance(60);
    rig.sent.fail(later());
    assert_eq!(rig.send().await, [Outcome::Later]);
    assert!(rig.send().await.is_empty(), "not at once");
    rig.status(1, "available").await;
    rig.advance(18);
    assert_eq!(rig.send().await, [Outcome::Sent]);
    let calls = rig.sent.calls();
    assert_eq!((calls[0].id, &calls[0].body), (calls[1].id, &calls[1].body));
    assert!(calls[0].at < calls[1].at);

    rig.status(2, "faulted").await;
    rig.advance(600);
    for _ in 0..100 {
        rig.sent.fail(later());
    }
    let mut attempts = 0;
    while rig.store.deliveries()[1].state == DeliveryState::Pending {
        attempts += rig.send().await.len();
        rig.advance(600);
    }
    assert!((20..=40).contains(&attempts), "longer and longer waits: {attempts}");
    let failed = rig.store.deliveries().remove(1);
    assert_eq!(failed.state, DeliveryState::Failed);
    assert_eq!(failed.last_error.as_deref(), Some("connection refused"));
    assert!(failed.finished_at.unwrap() - failed.first_due_at >= TimeDelta::days(1));
    let failures = rig.store.events_named("manage.alert.delivery_failed.v1");
    let told = rig.store.delivery_items(failed.id).await.unwrap();
    let named: Vec<_> = failures.iter().map(|event| event.data["alert_id"].clone()).collect();
    assert_eq!(named, told.iter().map(|(alert, _)| serde_json::json!(alert.id)).collect::<Vec<_>>());
    for (event, (alert, _)) in failures.iter().zip(&told) {
        assert_eq!(event.data["charge_point_id"], serde_json::json!(alert.about.charge_point));
        assert!(alert.about.charge_point.is_some());
    }
}

#[tokio::test]
async fn what_will_never_be_received_is_not_tried_again() {
    let mut rig = Rig::new();
    rig.rule(|_| {}).await;
    rig.status(1, "faulted").await;
    rig.advance(60);
    rig.sent.fail(SendError::Never("no such mailbox".into()));
    assert_eq!(rig.send().await, [Outcome::Failed]);
    assert_eq!(rig.mails_in(120).await, 0);
}

#[tokio::test]
async fn a_sender_that_dies_after_sending_sends_again_with_the_same_id() {
    let mut rig = Rig::new();
    rig.rule(|_| {}).await;
    rig.status(1, "faulted").await;
    rig.advance(60);
    let claimed = rig.deliveries.claim().await.unwrap().remove(0);
    rig.sent.hang();
    assert!(rig.deliveries.deliver(claimed.clone()).now_or_never().is_none(), "gone before it can say so");
    rig.status(1, "available").await;
    assert!(rig.deliveries.claim().await.unwrap().is_empty(), "nobody else has it meanwhile");
    rig.advance(120);
    assert_eq!(rig.send().await, [Outcome::Sent]);
    let mails = rig.sent.mails();
    assert_eq!((mails.len(), &mails[0]), (2, &mails[1]));
    // One that was only slow learns that it is not its work any more.
    assert_eq!(rig.deliveries.deliver(claimed).await.unwrap(), Outcome::Overtaken);
    assert!(rig.send().await.is_empty());
    assert_eq!(rig.store.deliveries()[0].attempts, 2);
}

#[tokio::test]
async fn nobody_is_told_by_a_rule_that_is_gone_or_does_not_name_them_any_more() {
    let mut rig = Rig::new();
    let rule = rig.rule(|_| {}).await;
    let other = rig.rule(|rule| rule.emails = vec!["bob@depot.example".into()]).await;
    rig.status(1, "faulted").await;
    let mut tx = Begin::<dyn AlertTx>::begin(&rig.store).await.unwrap();
    tx.alert_rules().rule_delete(&rule).await.unwrap();
    let mut changed = other.clone();
    changed.emails = vec!["eve@depot.example".into()];
    tx.alert_rules().rule_update(&changed, other.version).await.unwrap();
    tx.commit().await.unwrap();
    rig.advance(60);
    assert_eq!(rig.send().await, [Outcome::Cancelled, Outcome::Cancelled]);
    assert!(rig.sent.mails().is_empty());
}
