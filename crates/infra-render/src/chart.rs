//! Bars, with a scale beside them and names below.

use report::Chart;

use crate::page::{BAR, BOLD, GREY, LIMIT, LINE, PLAIN, Page, fitting, width};

/// Steps of the scale.
const STEPS: u8 = 4;

/// Draws a chart into a rectangle.
pub(crate) fn draw(page: &mut Page, chart: &Chart, (x, y): (f32, f32), (wide, high): (f32, f32)) {
    page.text(x, y + 10.0, BOLD, 10.0, GREY, &format!("{} ({})", chart.title, chart.unit));
    let highest = chart.bars.iter().flat_map(|bar| [bar.value, bar.limit.unwrap_or(0.0)]).fold(0.0, f64::max);
    let top = round_up(highest);
    let (left, upper, lower) = (x + 46.0, y + 22.0, y + high - 34.0);
    for step in 0..=STEPS {
        let share = f32::from(step) / f32::from(STEPS);
        let at = lower - (lower - upper) * share;
        page.line((left, at), (x + wide, at), LINE);
        page.text_to(left - 5.0, at + 2.5, 7.0, GREY, &number(top * f64::from(share)));
    }
    let count = u16::try_from(chart.bars.len()).unwrap_or(u16::MAX);
    let slot = (x + wide - left) / f32::from(count.max(1));
    // Every name that has room, and the same distance between them.
    let longest = chart.bars.iter().map(|bar| width(&bar.label, 6.5)).fold(1.0, f32::max).min(70.0);
    let each = usize::try_from(whole((longest + 4.0) / slot)).unwrap_or(1).max(1);
    for (number, bar) in chart.bars.iter().enumerate() {
        let from = left + slot * f32::from(u16::try_from(number).unwrap_or(u16::MAX));
        let tall = (lower - upper) * share(bar.value, top);
        page.rectangle(from + slot * 0.12, lower - tall, slot * 0.76, tall, BAR);
        if let Some(limit) = bar.limit {
            let at = lower - (lower - upper) * share(limit, top);
            page.line((from, at), (from + slot, at), LIMIT);
        }
        if number % each == 0 {
            let name = fitting(&bar.label, 70.0, 6.5);
            page.text(from + slot * 0.12, lower + 10.0, PLAIN, 6.5, GREY, &name);
        }
    }
    if chart.bars.iter().any(|bar| bar.limit.is_some()) {
        page.line((left, lower + 24.0), (left + 18.0, lower + 24.0), LIMIT);
        page.text(left + 23.0, lower + 26.5, PLAIN, 7.0, GREY, "lowest limit");
    }
}

#[expect(clippy::cast_possible_truncation, reason = "a share of one is drawn, not reckoned with")]
fn share(value: f64, top: f64) -> f32 {
    (value / top).clamp(0.0, 1.0) as f32
}

#[expect(clippy::cast_possible_truncation, reason = "`as` saturates, which is what is wanted")]
fn whole(value: f32) -> i32 {
    value.ceil() as i32
}

/// The next of 1, 2, 2.5, 4, 5 or 8 times a power of ten.
fn round_up(value: f64) -> f64 {
    if value <= 0.0 {
        return 1.0;
    }
    let power = 10_f64.powf(value.log10().floor());
    [1.0, 2.0, 2.5, 4.0, 5.0, 8.0, 10.0]
        .into_iter()
        .map(|n| n * power)
        .find(|top| *top >= value)
        .unwrap_or(value)
}

fn number(value: f64) -> String {
    if value >= 100.0 || value.fract() == 0.0 { format!("{value:.0}") } else { format!("{value:.2}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scale_reaches_just_above_the_highest() {
        for (value, top) in [(0.0, 1.0), (0.3, 0.4), (1.0, 1.0), (99.0, 100.0), (2_100.0, 2_500.0)] {
            assert!((round_up(value) - top).abs() < 1e-9, "{value}");
        }
    }
}
