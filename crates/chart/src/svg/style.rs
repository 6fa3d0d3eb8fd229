//! Colours and strokes. The one style sheet of every chart.
//!
//! All rules are of `.chart`, so that they touch nothing else in a page that holds the chart. Plain rules,
//! and the dark ones over them in a media query: readers that know no queries, as most that print,
//! keep the light ones. Series differ by their strokes as well as by colour.

use crate::model::{Chart, Shape};

/// Name, light colour, dark colour.
const COLOURS: [(&str, &str, &str); 12] = [
    ("first", "#1660b8", "#6fb1ff"),
    ("second", "#b35900", "#ffb057"),
    ("limit", "#c3202b", "#ff7d76"),
    ("target", "#7a3fb0", "#c9a0ff"),
    ("plan", "#57606a", "#a9b4c0"),
    ("departed", "#8b949e", "#6e7781"),
    ("ready", "#1a7f37", "#3fb950"),
    ("on-track", "#4aa3df", "#58a6ff"),
    ("at-risk", "#d9a400", "#e3b341"),
    ("will-miss", "#e36209", "#f0883e"),
    ("missed", "#a40e26", "#ff6a69"),
    ("unassigned", "#c9d1d9", "#484f58"),
];

const SHAPES: &str = ".chart text{font-family:system-ui,sans-serif;font-size:12px}\
    .chart .title{font-size:16px;font-weight:600}.chart .day{font-weight:600}.chart .empty{font-size:14px}\
    .chart .grid,.chart .axis{fill:none;stroke-width:1}\
    .chart .line{fill:none;stroke-width:1.8;stroke-linejoin:round;stroke-linecap:round}\
    .chart .limit.line{stroke-dasharray:7 5;stroke-linecap:butt}.chart .target.line{stroke-dasharray:2 4}\
    .chart .plan.line{stroke-width:1.4}.chart .second.line{stroke-width:1.3}";

/// What is neither a series nor its name: paper, writing, quiet writing, grid, axis.
const LIGHT: [&str; 5] = ["#ffffff", "#1f2328", "#59636e", "#e3e7eb", "#7d8590"];
const DARK: [&str; 5] = ["#0d1117", "#e6edf3", "#9aa5b1", "#232a33", "#6e7781"];

pub(super) fn sheet() -> String {
    let light = rules(LIGHT, |(_, light, _)| light);
    let dark = rules(DARK, |(_, _, dark)| dark);
    format!("{SHAPES}{light}@media (prefers-color-scheme:dark){{{dark}}}")
}

type Colour = (&'static str, &'static str, &'static str);

fn rules([paper, writing, quiet, grid, axis]: [&str; 5], colour: impl Fn(Colour) -> &'static str) -> String {
    let mut rules = format!(
        ".chart .paper{{fill:{paper}}}.chart text{{fill:{writing}}}\
         .chart .tick,.chart .note,.chart .empty{{fill:{quiet}}}.chart .day{{fill:{writing}}}\
         .chart .grid{{stroke:{grid}}}.chart .axis{{stroke:{axis}}}"
    );
    for named in COLOURS {
        let (name, colour) = (named.0, colour(named));
        rules
            .push_str(&format!(".chart .{name}.line{{stroke:{colour}}}.chart .{name}.fill{{fill:{colour}}}"));
    }
    rules
}

/// The class of each series of a chart.
pub(super) fn classes(chart: &Chart) -> Vec<&'static str> {
    let mut plain = ["first", "second"].into_iter().cycle();
    let class = |series: &crate::model::Series| match series.shape {
        Shape::Limit => "limit",
        Shape::Target => "target",
        Shape::Plan => "plan",
        Shape::Stacked => COLOURS
            .iter()
            .map(|(name, _, _)| *name)
            .find(|name| name.replace('-', "_") == series.name)
            .unwrap_or("first"),
        Shape::Line | Shape::Bars => plain.next().unwrap_or("first"),
    };
    chart.series.iter().map(class).collect()
}
