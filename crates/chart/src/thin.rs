//! Fewer points of the same shape: largest triangle three buckets, gap by gap.
//!
//! S. Steinarsson, "Downsampling Time Series for Visual Representation" (2013). Here a stretch between
//! gaps is thinned for itself, and a gap stays one.

use kernel::Timestamp;

use crate::model::Point;

/// At most `most` points of `points`, which are in the order of time: the first and the last, one for
/// each gap, and of every stretch those that make its shape. Where there are more stretches than points,
/// the shortest gaps are closed by what is left out.
pub fn thin(points: Vec<Point>, most: usize) -> Vec<Point> {
    let most = most.max(3);
    if points.len() <= most {
        return points;
    }
    let stretches: Vec<&[Point]> = points.split(|point| point.value.is_none()).collect();
    let known: usize = stretches.iter().map(|stretch| stretch.len()).sum();
    let gaps = stretches.iter().filter(|stretch| !stretch.is_empty()).count() + 1;
    // Each stretch has its ends and is followed by its gap.
    if known == 0 || gaps * 3 > most {
        return evenly(&points, most);
    }
    let room = most - gaps - 2;
    let mut kept = Vec::with_capacity(most);
    let mut spent = 0;
    let mut seen = 0;
    let mut at = 0;
    for stretch in stretches {
        let gap = points.get(at + stretch.len());
        if !stretch.is_empty() {
            // Shares of the room as lengths have of the whole, so that rounding never adds up.
            seen += stretch.len();
            let until = room.saturating_sub(2 * (gaps - 1)) * seen / known;
            largest_triangles(stretch, 2 + until - spent, &mut kept);
            spent = until;
        }
        let is_new = kept.last().is_none_or(|last: &Point| last.value.is_some());
        if let Some(gap) = gap.filter(|_| is_new) {
            kept.push(*gap);
        }
        at += stretch.len() + 1;
    }
    if let Some(last) = points.last().filter(|last| kept.last() != Some(last)) {
        kept.push(*last);
    }
    kept
}

/// Every so many-th point, with the last.
fn evenly(points: &[Point], most: usize) -> Vec<Point> {
    let last = points.len() - 1;
    (0..most).map(|n| points[n * last / (most - 1)]).collect()
}

/// Appends the first and the last point of a stretch and, of each of the buckets between them, the one
/// that makes the largest triangle with the point kept before and the mean of the bucket after.
fn largest_triangles(stretch: &[Point], most: usize, kept: &mut Vec<Point>) {
    if stretch.len() <= most {
        kept.extend_from_slice(stretch);
        return;
    }
    let (Some(first), Some(last)) = (stretch.first(), stretch.last()) else { return };
    let inner = &stretch[1..stretch.len() - 1];
    let buckets = most.saturating_sub(2);
    kept.push(*first);
    let edge = |bucket: usize| bucket * inner.len() / buckets.max(1);
    let mut before = coordinates(first, first.at);
    for bucket in 0..buckets {
        let here = &inner[edge(bucket)..edge(bucket + 1)];
        let after = if bucket + 1 < buckets {
            &inner[edge(bucket + 1)..edge(bucket + 2)]
        } else {
            std::slice::from_ref(last)
        };
        let ahead = mean(after, first.at);
        let area = |point: &Point| {
            let (x, y) = coordinates(point, first.at);
            ((before.0 - ahead.0) * (y - before.1) - (before.0 - x) * (ahead.1 - before.1)).abs()
        };
        // Of equal ones the first.
        let mut largest: Option<(f64, &Point)> = None;
        for point in here {
            let area = area(point);
            if largest.is_none_or(|(most, _)| area > most) {
                largest = Some((area, point));
            }
        }
        if let Some((_, point)) = largest {
            kept.push(*point);
            before = coordinates(point, first.at);
        }
    }
    if most > 1 {
        kept.push(*last);
    }
}

fn coordinates(point: &Point, origin: Timestamp) -> (f64, f64) {
    ((point.at - origin).num_seconds() as f64, point.value.unwrap_or_default())
}

fn mean(points: &[Point], origin: Timestamp) -> (f64, f64) {
    let count = points.len().max(1) as f64;
    let sum = points.iter().map(|point| coordinates(point, origin));
    let (x, y) = sum.fold((0.0, 0.0), |(x, y), (dx, dy)| (x + dx, y + dy));
    (x / count, y / count)
}

/// Leaves out what says the same as the point before: for values that hold until the next.
pub(crate) fn changes(points: Vec<Point>) -> Vec<Point> {
    let last = points.len().saturating_sub(1);
    let mut before: Option<Option<f64>> = None;
    let mut kept = Vec::new();
    for (n, point) in points.into_iter().enumerate() {
        if before != Some(point.value) || n == last {
            kept.push(point);
        }
        before = Some(point.value);
    }
    kept
}
