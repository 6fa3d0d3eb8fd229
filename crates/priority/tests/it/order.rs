//! Whatever is added, moved and removed, positions count from 1 without gaps, and the order is the
//! one that was asked for.

use futures::executor::block_on;
use kernel::PriorityRuleId;
use priority::{ChangeRule, PriorityError};
use proptest::prelude::*;

use crate::use_cases::{Fixture, a_rule, fixture};

#[derive(Clone, Debug)]
enum Step {
    Add(Option<u32>),
    Move(usize, u32),
    Remove(usize),
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        3 => proptest::option::of(1_u32..8).prop_map(Step::Add),
        3 => (0_usize..6, 1_u32..8).prop_map(|(rule, to)| Step::Move(rule, to)),
        1 => (0_usize..6).prop_map(Step::Remove),
    ]
}

fn take(f: &Fixture, order: &mut Vec<PriorityRuleId>, step: &Step) {
    match *step {
        Step::Add(position) => {
            let rule = priority::CreateRule { position, ..a_rule() };
            let added = block_on(f.priorities.rule_create(&f.scope, rule)).unwrap();
            let end = order.len();
            let place = position.map_or(end, |position| (position as usize - 1).min(end));
            order.insert(place, added.id);
            assert_eq!(added.position as usize, place + 1);
        }
        Step::Move(rule, to) => {
            if order.is_empty() {
                return;
            }
            let id = order.remove(rule % order.len());
            let patch = ChangeRule { position: Some(to), ..ChangeRule::default() };
            let moved = block_on(f.priorities.rule_change(&f.scope, id, None, patch)).unwrap();
            let place = (to as usize - 1).min(order.len());
            order.insert(place, id);
            assert_eq!(moved.position as usize, place + 1);
        }
        Step::Remove(rule) => {
            if order.is_empty() {
                return;
            }
            let id = order.remove(rule % order.len());
            block_on(f.priorities.rule_delete(&f.scope, id, None)).unwrap();
        }
    }
}

proptest! {
    #[test]
    fn positions_stay_dense(steps in proptest::collection::vec(step(), 1..24)) {
        let f = fixture();
        let mut order = Vec::new();
        for step in &steps {
            take(&f, &mut order, step);
            let rules = block_on(f.priorities.rule_list(&f.scope)).unwrap();
            let found: Vec<_> = rules.iter().map(|rule| (rule.position, rule.id)).collect();
            let expected: Vec<_> = (1..).zip(order.iter().copied()).collect();
            prop_assert_eq!(found, expected);
        }
    }
}

#[test]
fn there_is_a_most() {
    let f = fixture();
    for _ in 0..priority::service::MOST_RULES {
        block_on(f.priorities.rule_create(&f.scope, a_rule())).unwrap();
    }
    let more = block_on(f.priorities.rule_create(&f.scope, a_rule()));
    assert!(matches!(more, Err(PriorityError::TooManyRules)));
}
