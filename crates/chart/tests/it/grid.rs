//! Buckets by the clock on the wall.

use chart::{Grid, Resolution};
use chrono::{TimeDelta, Timelike};
use depot::TimeZone;
use kernel::Timestamp;
use proptest::prelude::*;

fn grid(from: &str, to: &str, resolution: Resolution, zone: &str) -> Grid {
    Grid::new(from.parse().unwrap(), to.parse().unwrap(), resolution, zone.parse().unwrap())
}

fn lengths(grid: &Grid) -> Vec<i64> {
    grid.buckets().map(|(from, to)| (to - from).num_minutes()).collect()
}

#[test]
fn days_are_those_of_the_depot_also_where_the_clock_is_changed() {
    let spring = grid("2026-03-28T12:00:00Z", "2026-03-30T12:00:00Z", Resolution::Day, "Europe/Berlin");
    assert_eq!(spring.from(), "2026-03-27T23:00:00Z".parse::<Timestamp>().unwrap());
    assert_eq!(lengths(&spring), [24 * 60, 23 * 60, 24 * 60]);
    let autumn = grid("2026-10-25T12:00:00Z", "2026-10-25T12:00:01Z", Resolution::Day, "Europe/Berlin");
    assert_eq!(lengths(&autumn), [25 * 60]);
    // Chile changes its clock at midnight: the day begins at one.
    let chile = grid("2026-09-06T12:00:00Z", "2026-09-06T13:00:00Z", Resolution::Day, "America/Santiago");
    assert_eq!(chile.from(), "2026-09-06T04:00:00Z".parse::<Timestamp>().unwrap());
    assert_eq!(lengths(&chile), [23 * 60]);
    // Samoa had no 30 December 2011.
    let samoa = grid("2011-12-29T12:00:00Z", "2012-01-01T00:00:00Z", Resolution::Day, "Pacific/Apia");
    assert!(lengths(&samoa).iter().all(|minutes| *minutes > 0), "{samoa:?}");
}

#[test]
fn hours_begin_when_the_clock_on_the_wall_says_so() {
    let nepal = grid("2026-03-02T08:00:00Z", "2026-03-02T10:00:00Z", Resolution::Hour, "Asia/Kathmandu");
    assert_eq!(nepal.from(), "2026-03-02T07:15:00Z".parse::<Timestamp>().unwrap());
    assert_eq!(lengths(&nepal), [60, 60, 60]);
    // The hour that Berlin has twice is two buckets, the one that it skips is none.
    let autumn = grid("2026-10-24T22:00:00Z", "2026-10-25T23:00:00Z", Resolution::Hour, "Europe/Berlin");
    assert_eq!(autumn.len(), 25);
    let spring = grid("2026-03-28T23:00:00Z", "2026-03-29T22:00:00Z", Resolution::Hour, "Europe/Berlin");
    assert_eq!(spring.len(), 23);
    // Lord Howe moves its clock by half an hour.
    let island =
        grid("2026-04-04T13:00:00Z", "2026-04-04T18:00:00Z", Resolution::Hour, "Australia/Lord_Howe");
    assert_eq!(lengths(&island), [60, 90, 60, 60, 60]);
}

fn zones() -> impl Strategy<Value = TimeZone> {
    let names = [
        "UTC",
        "Europe/Berlin",
        "America/St_Johns",
        "Asia/Kathmandu",
        "Australia/Lord_Howe",
        "Pacific/Apia",
        "America/Santiago",
    ];
    proptest::sample::select(names.to_vec()).prop_map(|name| name.parse().unwrap())
}

fn resolutions() -> impl Strategy<Value = Resolution> {
    use Resolution::{Day, Hour, Minute, Quarter};
    proptest::sample::select(vec![Minute, Quarter, Hour, Day])
}

proptest! {
    #[test]
    fn buckets_cover_what_is_asked_without_a_gap(
        from in 1_000_000_000_i64..2_000_000_000,
        seconds in 1_i64..400_000,
        zone in zones(),
        resolution in resolutions(),
    ) {
        let from = Timestamp::from_timestamp(from, 0).unwrap();
        let to = from + TimeDelta::seconds(seconds);
        let grid = Grid::new(from, to, resolution, zone);
        prop_assert!(grid.from() <= from && to <= grid.to());
        let buckets: Vec<_> = grid.buckets().collect();
        prop_assert!(buckets.windows(2).all(|pair| pair[0].1 == pair[1].0));
        prop_assert!(buckets.iter().all(|(from, to)| from < to));
        prop_assert!(buckets.iter().all(|(from, _)| from.second() == 0 && from.minute() % 15 == 0 || resolution == Resolution::Minute));
        prop_assert_eq!(grid.bucket_of(from), Some(0));
        prop_assert_eq!(grid.bucket_of(grid.to()), None);
    }
}
