//! The scale of importance that vehicles, rules, runs and the control of charging share.

use serde::{Deserialize, Serialize};

/// How important it is that a vehicle charges: 1 is the most important, 9 the least.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "u8", into = "u8")]
pub struct PriorityLevel(u8);

#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("must be between 1 and 9")]
pub struct NoSuchLevel;

impl PriorityLevel {
    pub const MOST: Self = Self(1);
    pub const LEAST: Self = Self(9);

    /// `None` outside 1 to 9.
    pub const fn new(level: u8) -> Option<Self> {
        if level >= 1 && level <= 9 { Some(Self(level)) } else { None }
    }

    pub const fn get(self) -> u8 {
        self.0
    }
}

/// 5, the middle.
impl Default for PriorityLevel {
    fn default() -> Self {
        Self(5)
    }
}

impl TryFrom<u8> for PriorityLevel {
    type Error = NoSuchLevel;

    fn try_from(level: u8) -> Result<Self, NoSuchLevel> {
        Self::new(level).ok_or(NoSuchLevel)
    }
}

impl From<PriorityLevel> for u8 {
    fn from(level: PriorityLevel) -> Self {
        level.0
    }
}
