//! Where things are on the paper.

use kernel::Timestamp;

use super::ticks::Scale;
use crate::model::Chart;

pub(super) const WIDTH: f64 = 960.0;
pub(super) const HEIGHT: f64 = 400.0;

const LEFT: f64 = 64.0;
const RIGHT: f64 = 936.0;
const TOP: f64 = 60.0;
const BOTTOM: f64 = 336.0;

/// The area of the curves, and what it stands for.
pub(super) struct Frame {
    from: Timestamp,
    seconds: f64,
    least: f64,
    most: f64,
    /// Of one bucket.
    pub(super) width: f64,
}

impl Frame {
    pub(super) fn new(chart: &Chart, scale: &Scale) -> Self {
        let seconds = (chart.to - chart.from).num_seconds().max(1) as f64;
        let width = (RIGHT - LEFT) * chart.resolution.length().num_seconds() as f64 / seconds;
        Self { from: chart.from, seconds, least: scale.least, most: scale.most, width }
    }

    pub(super) fn x(&self, at: Timestamp) -> f64 {
        let part = (at - self.from).num_seconds() as f64 / self.seconds;
        LEFT + part.clamp(0.0, 1.0) * (RIGHT - LEFT)
    }

    pub(super) fn y(&self, value: f64) -> f64 {
        let part = (value - self.least) / (self.most - self.least);
        BOTTOM - part.clamp(0.0, 1.0) * (BOTTOM - TOP)
    }

    pub(super) fn left(&self) -> f64 {
        LEFT
    }

    pub(super) fn right(&self) -> f64 {
        RIGHT
    }

    pub(super) fn top(&self) -> f64 {
        TOP
    }

    pub(super) fn bottom(&self) -> f64 {
        BOTTOM
    }

    pub(super) fn middle(&self) -> (f64, f64) {
        ((LEFT + RIGHT) / 2.0, (TOP + BOTTOM) / 2.0)
    }
}
