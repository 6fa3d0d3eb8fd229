//! Curves and bars.

use std::{collections::BTreeMap, fmt::Write as _};

use kernel::Timestamp;

use super::{frame::Frame, style};
use crate::model::{Chart, Point, Series, Shape};

pub(super) fn draw(svg: &mut String, chart: &Chart, frame: &Frame) {
    let classes = style::classes(chart);
    let bars = chart.series.iter().filter(|series| series.shape == Shape::Bars).count();
    let mut beside = 0;
    let mut below: BTreeMap<Timestamp, f64> = BTreeMap::new();
    for (class, series) in classes.into_iter().zip(&chart.series) {
        let path = match series.shape {
            Shape::Bars => {
                beside += 1;
                side_by_side(series, frame, beside - 1, bars)
            }
            Shape::Stacked => stacked(series, frame, &mut below),
            Shape::Line => line(&series.points, frame),
            Shape::Limit | Shape::Target | Shape::Plan => steps(series, frame, chart.to),
        };
        let kind = if matches!(series.shape, Shape::Bars | Shape::Stacked) { "fill" } else { "line" };
        if !path.is_empty() {
            let _ = writeln!(svg, "<path class=\"{class} {kind}\" d=\"{path}\"/>");
        }
    }
}

/// From the middle of a bucket to the middle of the next; a gap lifts the pen, and what stands alone
/// between two gaps is a dot.
fn line(points: &[Point], frame: &Frame) -> String {
    let mut path = String::new();
    for stretch in points.split(|point| point.value.is_none()) {
        for (n, point) in stretch.iter().enumerate() {
            let (x, y) = (frame.x(point.at) + frame.width / 2.0, frame.y(point.value.unwrap_or_default()));
            let _ = write!(path, "{}{x:.1} {y:.1}", if n == 0 { 'M' } else { 'L' });
        }
        if stretch.len() == 1 {
            path.push_str("h0");
        }
    }
    path
}

/// Each value until the next.
fn steps(series: &Series, frame: &Frame, to: Timestamp) -> String {
    let mut path = String::new();
    let mut draws = false;
    for (n, point) in series.points.iter().enumerate() {
        let until = series.points.get(n + 1).map_or(to, |next| next.at);
        if let Some(value) = point.value {
            let (x, y) = (frame.x(point.at), frame.y(value));
            let _ = match draws {
                true => write!(path, "V{y:.1}H{:.1}", frame.x(until)),
                false => write!(path, "M{x:.1} {y:.1}H{:.1}", frame.x(until)),
            };
        }
        draws = point.value.is_some();
    }
    path
}

fn side_by_side(series: &Series, frame: &Frame, n: usize, of: usize) -> String {
    let width = frame.width * 0.8 / of.max(1) as f64;
    let mut path = String::new();
    for point in &series.points {
        if let Some(value) = point.value {
            let x = frame.x(point.at) + frame.width * 0.1 + width * n as f64;
            bar(&mut path, x, width, frame.y(value), frame.y(0.0));
        }
    }
    path
}

/// On top of what is there already.
fn stacked(series: &Series, frame: &Frame, below: &mut BTreeMap<Timestamp, f64>) -> String {
    let mut path = String::new();
    for point in &series.points {
        let foot = below.entry(point.at).or_default();
        let value = point.value.unwrap_or_default();
        let x = frame.x(point.at) + frame.width * 0.1;
        bar(&mut path, x, frame.width * 0.8, frame.y(*foot + value), frame.y(*foot));
        *foot += value;
    }
    path
}

fn bar(path: &mut String, x: f64, width: f64, top: f64, foot: f64) {
    // Nothing is no bar.
    if (foot - top).abs() >= 0.05 {
        let _ = write!(path, "M{x:.1} {foot:.1}V{top:.1}h{width:.2}V{foot:.1}z");
    }
}
