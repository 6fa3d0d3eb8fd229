//! Which events somebody wants, of all they may hear.

use std::collections::BTreeSet;

use kernel::{DepotId, Event};

/// By default, all.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Wanted {
    names: BTreeSet<String>,
    prefixes: Vec<String>,
    depot: Option<String>,
}

impl Wanted {
    /// Types that may be named at once.
    pub const MOST_TYPES: usize = 50;

    /// Reads types of events with commas between them; what ends with `*` means all that begin so.
    /// `None` where there is none, too many, or one that says nothing.
    pub fn types(text: &str) -> Option<Self> {
        let types: Vec<&str> = text.split(',').map(str::trim).collect();
        if types.len() > Self::MOST_TYPES || types.iter().any(|name| name.trim_end_matches('*').is_empty()) {
            return None;
        }
        let mut wanted = Self::default();
        for name in types {
            match name.strip_suffix('*') {
                Some(prefix) => wanted.prefixes.push(prefix.to_owned()),
                None => _ = wanted.names.insert(name.to_owned()),
            }
        }
        Some(wanted)
    }

    /// Only events that name this depot.
    #[must_use]
    pub fn of_depot(mut self, depot: Option<DepotId>) -> Self {
        self.depot = depot.map(|depot| depot.to_string());
        self
    }

    pub fn takes(&self, event: &Event) -> bool {
        let any = self.names.is_empty() && self.prefixes.is_empty();
        let named = any
            || self.names.contains(&*event.name)
            || self.prefixes.iter().any(|prefix| event.name.starts_with(prefix.as_str()));
        let depot = || event.data.get("depot_id").and_then(|id| id.as_str());
        named && self.depot.as_deref().is_none_or(|wanted| depot() == Some(wanted))
    }
}
