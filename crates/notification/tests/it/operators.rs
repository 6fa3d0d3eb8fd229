//! What operators may do with alerts and rules.

use std::sync::Arc;

use kernel::{
    Actor, Change, OrganisationId, PageRequest, Permission, Scope, StoreError, Version,
    testing::sight::FakeSight,
};
use notification::{
    AlertError, AlertFilter, AlertService, AlertState, ChangeAlertRule, CreateAlertRule, Matching,
    NewWebhook, Pace, Quiet, Recipients, Severity, Timing, Zone,
};

use crate::rig::Rig;

fn of(organisation: OrganisationId, permissions: &[Permission]) -> Scope {
    Scope::new(organisation, Actor::System, permissions.iter().copied().collect())
}

fn command() -> CreateAlertRule {
    CreateAlertRule {
        name: " Night shift ".into(),
        enabled: true,
        matching: Matching { kinds: Vec::new(), min_severity: Severity::Warning, depots: Vec::new() },
        recipients: Recipients { emails: vec!["ada@depot.example".into()], webhook: None },
        timing: Timing {
            pace: Pace::AtOnce { group_seconds: 60 },
            delay_seconds: 0,
            time_zone: Zone::UTC,
            quiet: None,
            tell_cleared: false,
        },
    }
}

fn webhook(url: &str, secret: Option<&str>) -> NewWebhook {
    NewWebhook { url: url.into(), secret: secret.map(Into::into) }
}

#[tokio::test]
async fn an_alert_is_acknowledged_once_while_it_stands() {
    let mut rig = Rig::new();
    rig.status(1, "faulted").await;
    let (scope, alert) = (Scope::system(rig.organisation), rig.alerts().remove(0));
    let service = &rig.operators;
    let stale = service.alert_acknowledge(&scope, alert.id, Some(Version(9)), None).await;
    assert!(matches!(stale, Err(AlertError::Store(StoreError::Stale))));
    let note = Some(" on my way ".to_owned());
    let known = service.alert_acknowledge(&scope, alert.id, Some(alert.version), note).await.unwrap();
    assert_eq!((known.state, known.note.as_deref()), (AlertState::Acknowledged, Some("on my way")));
    let again = service.alert_acknowledge(&scope, alert.id, None, None).await.unwrap();
    assert_eq!(again, known);
    assert_eq!(rig.store.audit().len(), 1);
    rig.status(1, "available").await;
    let late = rig.operators.alert_acknowledge(&scope, alert.id, None, None).await;
    assert!(matches!(late, Err(AlertError::Cleared)));
}

#[tokio::test]
async fn permissions_and_organisations_are_kept_apart() {
    let mut rig = Rig::new();
    rig.status(1, "faulted").await;
    let id = rig.alerts().remove(0).id;
    let service = &rig.operators;
    let nothing = of(rig.organisation, &[]);
    assert!(matches!(service.alert_get(&nothing, id).await, Err(AlertError::Denied(_))));
    let page = PageRequest::default();
    let denied = service.alert_list(&nothing, &AlertFilter::default(), page).await;
    assert!(matches!(denied, Err(AlertError::Denied(_))));
    let reader = of(rig.organisation, &[Permission::AlertRead]);
    assert!(service.alert_get(&reader, id).await.is_ok());
    assert!(matches!(service.alert_acknowledge(&reader, id, None, None).await, Err(AlertError::Denied(_))));
    assert!(matches!(service.rule_create(&reader, command()).await, Err(AlertError::Denied(_))));
    assert!(matches!(service.rule_list(&reader, page).await, Err(AlertError::Denied(_))));
    let stranger = Scope::system(uuid::Uuid::from_u128(99).into());
    assert!(matches!(service.alert_get(&stranger, id).await, Err(AlertError::NoSuchAlert)));
    assert!(matches!(
        service.alert_acknowledge(&stranger, id, None, None).await,
        Err(AlertError::NoSuchAlert)
    ));
    assert!(matches!(service.alert_deliveries(&stranger, id, page).await, Err(AlertError::NoSuchAlert)));
}

#[tokio::test]
async fn a_webhooks_secret_is_made_kept_and_replaced() {
    let rig = Rig::new();
    let (scope, service) = (Scope::system(rig.organisation), &rig.operators);
    let mut create = command();
    create.recipients.webhook = Some(webhook("https://x.example/a", None));
    let (rule, made) = service.rule_create(&scope, create).await.unwrap();
    assert_eq!(
        (rule.name.as_str(), made.as_ref()),
        ("Night shift", rule.webhook.as_ref().map(|w| &w.secret))
    );
    let change = async |webhook| {
        let change = ChangeAlertRule { webhook, ..ChangeAlertRule::default() };
        service.rule_change(&scope, rule.id, None, change).await.unwrap()
    };
    let (same, made) = change(Change::Set(webhook("https://x.example/a", None))).await;
    assert_eq!((same.webhook, made), (rule.webhook.clone(), None));
    let (moved, made) = change(Change::Set(webhook("https://x.example/b", None))).await;
    assert!(made.is_some() && moved.webhook != rule.webhook);
    let given = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
    let (given_one, made) = change(Change::Set(webhook("https://x.example/b", Some(given)))).await;
    assert_eq!((given_one.webhook.unwrap().secret.expose(), made), (given.to_owned(), None));
    let (none, _) = change(Change::Clear).await;
    assert_eq!(none.webhook, None);
    let audit = serde_json::to_string(&rig.store.audit().iter().map(|e| e.after.clone()).collect::<Vec<_>>());
    assert!(!audit.unwrap().contains("whsec"));
}

#[tokio::test]
async fn a_rule_that_makes_no_sense_is_refused_field_by_field() {
    let rig = Rig::new();
    let (scope, service): (_, &AlertService) = (Scope::system(rig.organisation), &rig.operators);
    let refused = async |change: fn(&mut CreateAlertRule)| {
        let mut command = command();
        change(&mut command);
        match service.rule_create(&scope, command).await {
            Err(AlertError::Invalid(invalid)) => {
                invalid.errors.into_iter().map(|e| format!("{} {}", e.pointer, e.code)).collect::<Vec<_>>()
            }
            other => panic!("{other:?}"),
        }
    };
    assert_eq!(refused(|c| c.name = " ".into()).await, ["/name required"]);
    assert_eq!(refused(|c| c.recipients.emails.clear()).await, ["/emails required"]);
    for bad in ["ada", "ada@", "ada@x..y", "a b@x.example", "Ada <ada@x.example>", "a@x.example,b@x.example"]
    {
        let mut command = command();
        command.recipients.emails.push(bad.into());
        assert!(service.rule_create(&scope, command).await.is_err(), "{bad}");
    }
    for bad in ["ftp://x.example", "https://", "x.example", "https:///a", "https://x .example"] {
        let mut command = command();
        command.recipients.webhook = Some(webhook(bad, None));
        assert!(service.rule_create(&scope, command).await.is_err(), "{bad}");
    }
    let secret =
        refused(|c| c.recipients.webhook = Some(webhook("https://x.example", Some("whsec_AA")))).await;
    assert_eq!(secret, ["/webhook/secret malformed"]);
    let depot = refused(|c| c.matching.depots = vec![uuid::Uuid::from_u128(1).into()]).await;
    assert_eq!(depot, ["/depot_ids/0 unknown_depot"]);
    assert_eq!(refused(|c| c.timing.delay_seconds = 86_401).await, ["/delay_seconds out_of_range"]);
    let group = refused(|c| c.timing.pace = Pace::AtOnce { group_seconds: 3_601 }).await;
    assert_eq!(group, ["/pace/group_seconds out_of_range"]);
    let always = refused(|c| {
        let hours =
            kernel::WeekBand::new(kernel::Weekdays::ALL, kernel::TimeOfDay::MIDNIGHT, kernel::TimeOfDay::END);
        c.timing.quiet = Some(Quiet { hours: hours.unwrap(), breaks_through: None });
    })
    .await;
    assert_eq!(always, ["/quiet_hours/hours never_ends"]);
}

#[tokio::test]
async fn within_a_group_only_its_alerts_are_seen_and_no_rules() {
    let mut rig = Rig::new();
    rig.status(1, "faulted").await;
    rig.status(2, "faulted").await;
    let (first, second) = (rig.alerts()[0].id, rig.alerts()[1].id);
    let (sight, group) = (Arc::new(FakeSight::default()), uuid::Uuid::from_u128(77).into());
    let all = Permission::ALL.iter().copied().collect();
    let scope = sight.scope(rig.organisation, group, &all);
    sight.put(group, first);
    let (service, page) = (&rig.operators, PageRequest::default());
    let listed = service.alert_list(&scope, &AlertFilter::default(), page).await.unwrap();
    assert_eq!(listed.items.iter().map(|alert| alert.id).collect::<Vec<_>>(), [first]);
    assert!(service.alert_get(&scope, first).await.is_ok());
    assert!(service.alert_deliveries(&scope, first, page).await.is_ok());
    assert!(service.alert_acknowledge(&scope, first, None, None).await.is_ok());
    assert!(matches!(service.alert_get(&scope, second).await, Err(AlertError::NoSuchAlert)));
    assert!(matches!(service.alert_deliveries(&scope, second, page).await, Err(AlertError::NoSuchAlert)));
    let known = service.alert_acknowledge(&scope, second, None, None).await;
    assert!(matches!(known, Err(AlertError::NoSuchAlert)));
    assert!(matches!(service.rule_list(&scope, page).await, Err(AlertError::Denied(_))));
    assert!(matches!(service.rule_create(&scope, command()).await, Err(AlertError::Denied(_))));
}
