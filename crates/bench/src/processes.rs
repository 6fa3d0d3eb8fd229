//! What processes have cost, as the system counts it.

use std::{collections::BTreeMap, fs};

/// Clock ticks a second: the same on every Linux that this runs on.
const TICKS: f64 = 100.0;

/// Processor time and memory of a process and its children.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Cost {
    pub(crate) seconds: f64,
    pub(crate) resident_bytes: u64,
}

/// The fields of `/proc/<pid>/stat` that matter here.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Stat {
    parent: u32,
    /// In user and system mode, of this process and of its children that have ended.
    ticks: u64,
}

fn parse(stat: &str) -> Option<Stat> {
    // The name is in brackets and may hold anything.
    let (_, rest) = stat.rsplit_once(") ")?;
    let fields: Vec<&str> = rest.split(' ').collect();
    let ticks = fields.get(11..15)?.iter().filter_map(|ticks| ticks.parse::<u64>().ok()).sum();
    Some(Stat { parent: fields.get(1)?.parse().ok()?, ticks })
}

fn resident(pid: u32) -> u64 {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let kilobytes = line.and_then(|line| line.split_whitespace().next()?.parse::<u64>().ok());
    kilobytes.unwrap_or_default() * 1_024
}

/// What a process and its children have cost until now.
pub(crate) fn cost(pid: u32) -> Cost {
    let all: BTreeMap<u32, Stat> = fs::read_dir("/proc")
        .into_iter()
        .flatten()
        .filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok())
        .filter_map(|pid: u32| Some((pid, parse(&fs::read_to_string(format!("/proc/{pid}/stat")).ok()?)?)))
        .collect();
    let ours = all.iter().filter(|(id, stat)| **id == pid || stat.parent == pid);
    let ticks: u64 = ours.clone().map(|(_, stat)| stat.ticks).sum();
    Cost { seconds: ticks as f64 / TICKS, resident_bytes: ours.map(|(id, _)| resident(*id)).sum() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_of_stat_is_read_whatever_the_name() {
        let line = "42 (a) b (c)) S 7 42 42 0 -1 4194304 100 0 0 0 11 22 33 44 20 0 1 0 100 0 0";
        assert_eq!(parse(line), Some(Stat { parent: 7, ticks: 110 }));
        assert_eq!(parse("nonsense"), None);
    }

    #[test]
    fn this_process_costs_something() {
        assert!(cost(std::process::id()).resident_bytes > 0);
    }
}
