//! What callers may ask for.

use std::collections::BTreeSet;

use kernel::{Change, Invalid, ResourceGroupId};

use crate::model::{Member, ResourceGroup};

#[derive(Clone, Debug)]
pub struct CreateGroup {
    pub parent: Option<ResourceGroupId>,
    /// 1 to 100 characters.
    pub name: String,
    pub members: BTreeSet<Member>,
}

/// A merge patch of a group. Another parent moves it with all below it; none moves it to the top.
#[derive(Clone, Debug, Default)]
pub struct ChangeGroup {
    pub parent: Change<ResourceGroupId>,
    pub name: Option<String>,
}

pub(crate) const NAME_CHARS: usize = 100;

/// Notes too many members.
pub(crate) fn check_members(invalid: &mut Invalid, members: &BTreeSet<Member>) {
    let most = ResourceGroup::MOST_MEMBERS;
    if members.len() > most {
        invalid.push("/members", "too_many", format!("must be at most {most} members"));
    }
}
