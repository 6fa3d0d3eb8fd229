//! A thinned line is a part of the whole that keeps its ends, its extremes and its gaps.

use chart::{Point, thin};
use chrono::TimeDelta;
use proptest::prelude::*;

use crate::world::now;

fn points(values: Vec<Option<f64>>) -> Vec<Point> {
    let at = |n: usize| now() + TimeDelta::minutes(15 * i64::try_from(n).unwrap());
    values.into_iter().enumerate().map(|(n, value)| Point { at: at(n), value }).collect()
}

proptest! {
    #[test]
    fn it_is_bounded_in_order_and_of_the_whole(
        values in proptest::collection::vec(proptest::option::weighted(0.9, -1e6_f64..1e6), 0..600),
        most in 3_usize..200,
    ) {
        let whole = points(values);
        let kept = thin(whole.clone(), most);
        prop_assert!(kept.len() <= most.max(3));
        prop_assert!(kept.iter().all(|point| whole.contains(point)));
        prop_assert!(kept.windows(2).all(|pair| pair[0].at < pair[1].at));
        prop_assert_eq!(kept.first(), whole.first());
        prop_assert_eq!(kept.last(), whole.last());
        if whole.len() <= most {
            prop_assert_eq!(kept, whole);
        }
    }

    #[test]
    fn no_gap_is_closed_where_there_is_room_for_it(
        stretches in proptest::collection::vec((1_usize..80, 1_usize..9), 1..10),
    ) {
        let value = |(known, unknown)| {
            std::iter::repeat_n(Some(1.0), known).chain(std::iter::repeat_n(None, unknown))
        };
        let whole = points(stretches.iter().copied().flat_map(value).collect());
        let kept = thin(whole, 60);
        let gaps = kept.split(|point| point.value.is_some()).filter(|gap| !gap.is_empty()).count();
        prop_assert_eq!(gaps, stretches.len());
    }
}

#[test]
fn a_spike_stays() {
    let spike = 17_000;
    let values = (0..35_040).map(|n| Some(if n == spike { 500.0 } else { f64::from(n % 96) })).collect();
    let kept = thin(points(values), 1_500);
    assert!(kept.len() > 1_400, "{}", kept.len());
    assert!(kept.iter().any(|point| point.value == Some(500.0)));
}
