//! A night, played through.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use night::{Night, Rule, Scene, optimum, play, table};

const VEHICLES: usize = 12;

/// How much dearer than with hindsight a night may be, and how much higher its peak: vehicles come up to
/// six minutes early or late, and with a little more or less than was foretold.
const COST: f64 = 1.04;
const PEAK: f64 = 1.07;

/// Both clock changes: everybody leaves with what the run needs, the product says so before, no wire
/// carries too much, and cost and peak stay near what hindsight would have had.
async fn planned(night: Night) {
    let scene = Scene::new(night, VEHICLES, 11);
    let best = optimum(&scene).unwrap();
    assert!(best.lacking_kwh < 0.01, "the night must be feasible");
    let score = play(&scene, Rule::Planned).await.unwrap();
    println!("{}", table(&scene, &best, std::slice::from_ref(&score)));
    assert_eq!((score.ready, score.told_ready), (VEHICLES, VEHICLES), "{score:?}");
    assert!(score.excess_kw <= 0.001, "{score:?}");
    assert!(score.cost() <= best.cost() * COST, "{score:?} {best:?}");
    assert!(score.peak_kw <= best.peak_kw * PEAK, "{score:?} {best:?}");
}

#[tokio::test]
async fn the_night_that_is_an_hour_short_is_planned_well() {
    planned(Night::Spring).await;
}

#[tokio::test]
async fn the_night_that_has_an_hour_twice_is_planned_well() {
    planned(Night::Autumn).await;
}

/// What the plan is worth: without it the same night is dearer, and no safer.
#[tokio::test]
async fn without_a_plan_the_same_night_costs_more() {
    let scene = Scene::new(Night::Spring, VEHICLES, 11);
    let best = optimum(&scene).unwrap();
    let mut scores = Vec::new();
    for rule in [Rule::EqualShare, Rule::FirstCome] {
        scores.push(play(&scene, rule).await.unwrap());
    }
    println!("{}", table(&scene, &best, &scores));
    for score in scores {
        assert!(score.excess_kw <= 0.001, "{score:?}");
        assert!(score.cost() > best.cost() * 1.05, "{score:?} {best:?}");
    }
}
