//! Override before rule before vehicle before nothing, and each condition at its edge.

use chrono::{TimeDelta, Weekday};
use kernel::{
    ChargePointId, IdSource, OrganisationId, PriorityLevel, Soc, WeekBand, Weekdays, testing::CountingIds,
};
use priority::{
    Conditions, Effective, Facts, Override, OverrideTarget, Rule, RuleTarget, Source, effective,
    testing::{facts, overridden, rule},
};
use proptest::prelude::*;

struct Given {
    ids: CountingIds,
    organisation: OrganisationId,
    facts: Facts,
}

fn given() -> Given {
    let ids = CountingIds::default();
    let mut facts = facts(ids.uuid().into(), ids.uuid().into());
    facts.charge_point = Some(ids.uuid().into());
    facts.own_level = PriorityLevel::new(6);
    Given { organisation: ids.uuid().into(), ids, facts }
}

impl Given {
    fn rule(&self, position: u32, level: u8) -> Rule {
        rule(&self.ids, self.organisation, position, level)
    }

    fn overridden(&self, target: OverrideTarget, level: u8, hours: i64) -> Override {
        let until = self.facts.now + TimeDelta::hours(hours);
        overridden(&self.ids, self.organisation, target, level, until)
    }

    fn source(&self, rules: &[Rule], overrides: &[Override]) -> Source {
        effective(&self.facts, rules, overrides).source
    }
}

#[test]
fn an_override_wins_then_the_first_rule_then_the_run_then_the_vehicle_then_nothing() {
    let mut given = given();
    let (first, second) = (given.rule(1, 4), given.rule(2, 2));
    let over = given.overridden(OverrideTarget::Vehicle(given.facts.vehicle.unwrap()), 1, 1);
    let rules = [second.clone(), first.clone()];
    let by_override = effective(&given.facts, &rules, std::slice::from_ref(&over));
    let expected = Effective {
        level: PriorityLevel::MOST,
        source: Source::Override(over.id),
        because: Some("because".into()),
    };
    assert_eq!(by_override, expected);
    let by_rule = effective(&given.facts, &rules, &[]);
    let expected = Effective {
        level: PriorityLevel::new(4).unwrap(),
        source: Source::Rule(first.id),
        because: Some("rule 1".into()),
    };
    assert_eq!(by_rule, expected);
    let run = given.ids.uuid().into();
    (given.facts.run, given.facts.block) = (Some(run), Some("17".into()));
    given.facts.run_level = PriorityLevel::new(3);
    assert_eq!(given.source(&rules, &[]), Source::Rule(first.id));
    let expected = Effective {
        level: PriorityLevel::new(3).unwrap(),
        source: Source::Run(run),
        because: Some("17".into()),
    };
    assert_eq!(effective(&given.facts, &[], &[]), expected);
    given.facts.run_level = None;
    let by_vehicle = effective(&given.facts, &[], &[]);
    assert_eq!((by_vehicle.level.get(), by_vehicle.source), (6, Source::Vehicle));
    given.facts.own_level = None;
    let by_nothing = effective(&given.facts, &[], &[]);
    assert_eq!((by_nothing.level.get(), by_nothing.source), (5, Source::Default));
}

#[test]
fn the_newest_override_wins_until_it_expires() {
    let mut given = given();
    let vehicle = OverrideTarget::Vehicle(given.facts.vehicle.unwrap());
    let place = OverrideTarget::ChargePoint(given.facts.charge_point.unwrap());
    let (older, newer) = (given.overridden(vehicle, 1, 9), given.overridden(place, 8, 1));
    let both = [newer.clone(), older.clone()];
    assert_eq!(given.source(&[], &both), Source::Override(newer.id));
    given.facts.now += TimeDelta::hours(1);
    assert_eq!(given.source(&[], &both), Source::Override(older.id));
    given.facts.now += TimeDelta::hours(8);
    assert_eq!(given.source(&[], &both), Source::Vehicle);
}

#[test]
fn a_rule_that_is_disabled_or_concerns_others_is_passed_over() {
    let given = given();
    let other = |target: RuleTarget| Rule { target, ..given.rule(1, 1) };
    let id = given.ids.uuid();
    for rule in [
        Rule { enabled: false, ..given.rule(1, 1) },
        other(RuleTarget::Vehicle(id.into())),
        other(RuleTarget::Vehicles(vec![id.into()])),
        other(RuleTarget::ChargePoint(id.into())),
        other(RuleTarget::Depot(id.into())),
        other(RuleTarget::Block("17".into())),
    ] {
        assert_eq!(given.source(std::slice::from_ref(&rule), &[]), Source::Vehicle, "{:?}", rule.target);
    }
}

#[test]
fn a_rule_concerns_whom_it_names() {
    let mut given = given();
    given.facts.block = Some("17".into());
    let vehicle = given.facts.vehicle.unwrap();
    for target in [
        RuleTarget::Everybody,
        RuleTarget::Vehicle(vehicle),
        RuleTarget::Vehicles(vec![given.ids.uuid().into(), vehicle]),
        RuleTarget::ChargePoint(given.facts.charge_point.unwrap()),
        RuleTarget::Depot(given.facts.depot),
        RuleTarget::Block("17".into()),
    ] {
        let rule = Rule { target, ..given.rule(1, 1) };
        assert_eq!(given.source(std::slice::from_ref(&rule), &[]), Source::Rule(rule.id));
    }
}

#[test]
fn a_level_of_the_vehicle_follows_it_and_a_level_of_the_place_stays() {
    let mut given = given();
    let vehicle = given.overridden(OverrideTarget::Vehicle(given.facts.vehicle.unwrap()), 1, 1);
    let place = given.overridden(OverrideTarget::ChargePoint(given.facts.charge_point.unwrap()), 2, 1);
    given.facts.charge_point = Some(ChargePointId::from(given.ids.uuid()));
    given.facts.depot = given.ids.uuid().into();
    assert_eq!(given.source(&[], std::slice::from_ref(&vehicle)), Source::Override(vehicle.id));
    assert_eq!(given.source(&[], &[place]), Source::Vehicle);
}

#[test]
fn whoever_was_not_recognised_has_the_level_of_the_place() {
    let mut given = given();
    given.facts.vehicle = None;
    given.facts.own_level = None;
    let place = given.overridden(OverrideTarget::ChargePoint(given.facts.charge_point.unwrap()), 2, 1);
    assert_eq!(given.source(&[], std::slice::from_ref(&place)), Source::Override(place.id));
    assert_eq!(given.source(&[], &[]), Source::Default);
}

fn soc(percent: f64) -> Option<Soc> {
    Some(Soc::from_percent(percent).unwrap())
}

#[test]
fn conditions_hold_within_their_bounds_and_together() {
    let mut given = given();
    given.facts.soc = soc(30.0);
    given.facts.minutes_to_departure = Some(60);
    let below = |percent| Conditions { soc_below: soc(percent), ..Conditions::default() };
    let above = |percent| Conditions { soc_above: soc(percent), ..Conditions::default() };
    let leaves = |minutes| Conditions { minutes_to_departure_below: Some(minutes), ..Conditions::default() };
    let night = |from: &str, to: &str, day| Conditions {
        window: WeekBand::new(Weekdays::of([day]), from.parse().unwrap(), to.parse().unwrap()),
        ..Conditions::default()
    };
    for (conditions, holds) in [
        (below(30.0), false),
        (below(30.01), true),
        (above(30.0), false),
        (above(29.99), true),
        (leaves(60), false),
        (leaves(61), true),
        (night("08:00", "09:00", Weekday::Mon), true),
        (night("07:00", "08:00", Weekday::Mon), false),
        // A night that began on Sunday.
        (night("22:00", "08:01", Weekday::Sun), true),
        (Conditions { minutes_to_departure_below: Some(61), ..below(31.0) }, true),
        (Conditions { minutes_to_departure_below: Some(60), ..below(31.0) }, false),
    ] {
        let rule = Rule { conditions: conditions.clone(), ..given.rule(1, 1) };
        let expected = if holds { Source::Rule(rule.id) } else { Source::Vehicle };
        assert_eq!(given.source(&[rule], &[]), expected, "{conditions:?}");
    }
}

#[test]
fn a_condition_on_what_is_not_known_does_not_hold() {
    let given = given();
    for conditions in [
        Conditions { soc_below: Some(Soc::FULL), ..Conditions::default() },
        Conditions { soc_above: Some(Soc::EMPTY), ..Conditions::default() },
        Conditions { minutes_to_departure_below: Some(u32::MAX), ..Conditions::default() },
    ] {
        let rule = Rule { conditions, ..given.rule(1, 1) };
        assert_eq!(given.source(&[rule], &[]), Source::Vehicle);
    }
}

proptest! {
    #[test]
    fn the_order_in_which_they_are_read_does_not_matter(
        levels in proptest::collection::vec((1_u8..=9, any::<bool>()), 0..6),
        shuffled in proptest::collection::vec((1_u8..=9, -1_i64..3), 0..6),
    ) {
        let given = given();
        let vehicle = OverrideTarget::Vehicle(given.facts.vehicle.unwrap());
        let mut rules: Vec<Rule> = (1..)
            .zip(&levels)
            .map(|(position, (level, enabled))| Rule { enabled: *enabled, ..given.rule(position, *level) })
            .collect();
        let mut overrides: Vec<Override> =
            shuffled.iter().map(|(level, hours)| given.overridden(vehicle, *level, *hours)).collect();
        let found = effective(&given.facts, &rules, &overrides);
        let active = shuffled.iter().rfind(|(_, hours)| *hours > 0).map(|(level, _)| *level);
        let ruled = levels.iter().find(|(_, enabled)| *enabled).map(|(level, _)| *level);
        prop_assert_eq!(found.level.get(), active.or(ruled).unwrap_or(6));
        rules.reverse();
        overrides.reverse();
        prop_assert_eq!(effective(&given.facts, &rules, &overrides), found);
    }
}
