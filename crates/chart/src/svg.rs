//! A chart as SVG that is read on paper, on a light and on a dark screen.
//!
//! Written by hand: libraries write colours into every element, and here they are classes of one style
//! sheet, so that the same file follows the reader's choice of light or dark. Text is text, in whatever
//! font the reader has. Nothing is loaded from elsewhere.

mod frame;
mod marks;
mod style;
mod ticks;

use std::fmt::Write as _;

use kernel::Timestamp;

use self::{
    frame::{Frame, HEIGHT, WIDTH},
    ticks::{times, values},
};
use crate::{
    kind::Resolution,
    model::{Chart, Series, Shape, Unit},
};

/// The whole document.
pub fn svg(chart: &Chart) -> String {
    let scale = values(chart);
    let frame = Frame::new(chart, &scale);
    let mut svg = String::with_capacity(64 * 1024);
    let title = escaped(&chart.title());
    // Writing into a string never fails.
    let _ = write!(
        svg,
        "<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"chart\" viewBox=\"0 0 {WIDTH} {HEIGHT}\" width=\"{WIDTH}\" \
         height=\"{HEIGHT}\" role=\"img\">\n\
         <title>{title}</title>\n<desc>{}</desc>\n<style>{}</style>\n\
         <rect class=\"paper\" width=\"{WIDTH}\" height=\"{HEIGHT}\"/>\n",
        escaped(&description(chart)),
        style::sheet(),
    );
    let _ = writeln!(svg, "<text class=\"title\" x=\"{}\" y=\"24\">{title}</text>", frame.left());
    let _ = writeln!(
        svg,
        "<text class=\"note\" x=\"{}\" y=\"24\" text-anchor=\"end\">{}</text>",
        frame.right(),
        escaped(&span(chart)),
    );
    axes(&mut svg, chart, &frame, &scale);
    marks::draw(&mut svg, chart, &frame);
    legend(&mut svg, chart, &frame);
    if chart.series.iter().all(is_empty) {
        let (x, y) = frame.middle();
        let _ = writeln!(
            svg,
            "<text class=\"empty\" x=\"{x}\" y=\"{y}\" text-anchor=\"middle\">Nothing was measured in this time</text>"
        );
    }
    svg.push_str("</svg>\n");
    svg
}

/// Whether it shows nothing that happened.
fn is_empty(series: &Series) -> bool {
    let says_nothing = |value: f64| series.shape == Shape::Stacked && value == 0.0;
    series.shape.holds()
        || !series.points.iter().filter_map(|point| point.value).any(|value| !says_nothing(value))
}

fn axes(svg: &mut String, chart: &Chart, frame: &Frame, scale: &ticks::Scale) {
    for value in scale.ticks() {
        let y = frame.y(value);
        let _ = writeln!(
            svg,
            "<path class=\"grid\" d=\"M{} {y:.1}H{}\"/><text class=\"tick\" x=\"{}\" y=\"{:.1}\" text-anchor=\"end\">{}</text>",
            frame.left(),
            frame.right(),
            frame.left() - 8.0,
            y + 4.0,
            scale.label(value),
        );
    }
    let _ = writeln!(
        svg,
        "<text class=\"tick\" x=\"{}\" y=\"{:.1}\">{}</text>",
        frame.left() - 46.0,
        frame.top() - 10.0,
        chart.unit.symbol(),
    );
    // A bar is of its whole day: its date stands below its middle.
    let middle =
        if chart.kind.has_bars() && chart.resolution == Resolution::Day { frame.width / 2.0 } else { 0.0 };
    for tick in times(chart).into_iter().filter(|tick| middle == 0.0 || tick.at < chart.to) {
        let x = frame.x(tick.at) + middle;
        let class = if tick.is_day { "tick day" } else { "tick" };
        let _ = writeln!(
            svg,
            "<path class=\"axis\" d=\"M{x:.1} {}v5\"/><text class=\"{class}\" x=\"{x:.1}\" y=\"{}\" text-anchor=\"middle\">{}</text>",
            frame.bottom(),
            frame.bottom() + 19.0,
            tick.label,
        );
    }
    let _ =
        writeln!(svg, "<path class=\"axis\" d=\"M{} {}H{}\"/>", frame.left(), frame.bottom(), frame.right());
}

fn legend(svg: &mut String, chart: &Chart, frame: &Frame) {
    let (mut x, mut y) = (frame.left(), frame.bottom() + 40.0);
    for (class, series) in style::classes(chart).into_iter().zip(&chart.series) {
        if series.shape == Shape::Stacked && is_empty(series) {
            continue;
        }
        let label = match (series.total, chart.unit) {
            (Some(total), Unit::Runs) => format!("{} ({total})", series.label),
            (Some(total), unit) => format!("{} ({} {})", series.label, ticks::plain(total), unit.symbol()),
            (None, _) => series.label.to_owned(),
        };
        // About as wide as letters are.
        let width = 24.0 + 6.6 * label.chars().count() as f64;
        if x + width > frame.right() {
            (x, y) = (frame.left(), y + 18.0);
        }
        let sign = match series.shape {
            Shape::Bars | Shape::Stacked => {
                format!(
                    "<rect class=\"{class} fill\" x=\"{x:.1}\" y=\"{:.1}\" width=\"18\" height=\"10\"/>",
                    y - 9.0
                )
            }
            _ => format!("<path class=\"{class} line\" d=\"M{x:.1} {:.1}h18\"/>", y - 4.0),
        };
        let _ = writeln!(
            svg,
            "{sign}<text class=\"key\" x=\"{:.1}\" y=\"{y}\">{}</text>",
            x + 24.0,
            escaped(&label)
        );
        x += width + 20.0;
    }
}

/// From when until when, by which clock, and how finely.
fn span(chart: &Chart) -> String {
    let local = |at: Timestamp| at.with_timezone(&chart.zone.tz()).format("%-d %b %Y %H:%M");
    format!(
        "{} – {}, {}, by {}",
        local(chart.from),
        local(chart.to),
        chart.zone.name(),
        chart.resolution.name()
    )
}

/// For whoever does not see it.
fn description(chart: &Chart) -> String {
    let mut text = format!("{}, in {}.", span(chart), chart.unit.symbol());
    for series in &chart.series {
        let known = || series.points.iter().filter_map(|point| point.value);
        let Some(most) = known().reduce(f64::max) else {
            let _ = write!(text, " {}: nothing known.", series.label);
            continue;
        };
        let least = known().fold(most, f64::min);
        let _ = write!(text, " {}: {} to {}.", series.label, ticks::plain(least), ticks::plain(most));
    }
    text
}

/// Text that stays text: names are whatever people typed.
fn escaped(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\'' => safe.push_str("&#39;"),
            // Not allowed in XML at all.
            letter if letter.is_control() || matches!(letter, '\u{fffe}' | '\u{ffff}') => safe.push(' '),
            letter => safe.push(letter),
        }
    }
    safe
}
