//! What processes have cost, as the system counts it.

use std::{collections::BTreeMap, fs};

/// Clock ticks a second: the same on every Linux that this runs on.
const TICKS: f64 = 100.0;

/// Processor time and memory of a process and its children.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Cost {
    /// In the program's own code.
    pub(crate) user_seconds: f64,
    /// In the kernel on its behalf: sockets, files, memory.
    pub(crate) system_seconds: f64,
    pub(crate) resident_bytes: u64,
}

impl Cost {
    pub(crate) fn seconds(&self) -> f64 {
        self.user_seconds + self.system_seconds
    }

    /// What was spent since an earlier look; memory is what it is now.
    pub(crate) fn since(&self, earlier: &Self) -> Self {
        Self {
            user_seconds: self.user_seconds - earlier.user_seconds,
            system_seconds: self.system_seconds - earlier.system_seconds,
            resident_bytes: self.resident_bytes,
        }
    }
}

/// The fields of `/proc/<pid>/stat` that matter here.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Stat {
    parent: u32,
    /// In user mode, of this process and of its children that have ended.
    user: u64,
    /// In system mode, of the same.
    system: u64,
}

fn parse(stat: &str) -> Option<Stat> {
    // The name is in brackets and may hold anything.
    let (_, rest) = stat.rsplit_once(") ")?;
    let fields: Vec<&str> = rest.split(' ').collect();
    let ticks = |index: usize| fields.get(index)?.parse::<u64>().ok();
    Some(Stat {
        parent: fields.get(1)?.parse().ok()?,
        user: ticks(11)? + ticks(13)?,
        system: ticks(12)? + ticks(14)?,
    })
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
    let (user, system) =
        ours.clone().fold((0, 0), |(user, system), (_, stat)| (user + stat.user, system + stat.system));
    Cost {
        user_seconds: user as f64 / TICKS,
        system_seconds: system as f64 / TICKS,
        resident_bytes: ours.map(|(id, _)| resident(*id)).sum(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_of_stat_is_read_whatever_the_name() {
        let line = "42 (a) b (c)) S 7 42 42 0 -1 4194304 100 0 0 0 11 22 33 44 20 0 1 0 100 0 0";
        assert_eq!(parse(line), Some(Stat { parent: 7, user: 44, system: 66 }));
        assert_eq!(parse("nonsense"), None);
    }

    #[test]
    fn what_was_spent_is_the_difference_and_memory_is_not() {
        let earlier = Cost { user_seconds: 1.0, system_seconds: 2.0, resident_bytes: 10 };
        let later = Cost { user_seconds: 1.5, system_seconds: 2.25, resident_bytes: 30 };
        let spent = later.since(&earlier);
        assert_eq!((spent.user_seconds, spent.system_seconds, spent.seconds()), (0.5, 0.25, 0.75));
        assert_eq!(spent.resident_bytes, 30);
    }

    #[test]
    fn this_process_costs_something() {
        assert!(cost(std::process::id()).resident_bytes > 0);
    }
}
