//! What makes groups a tree.

use std::collections::BTreeMap;

use kernel::{Invalid, ResourceGroupId};

use crate::error::GroupError;

/// The most groups of an organisation: all are looked at whenever one is moved.
pub const MOST_GROUPS: usize = 1_000;
/// How many groups may lie one below the other.
pub const MOST_LEVELS: usize = 16;

/// A group's place in the tree.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Node {
    pub id: ResourceGroupId,
    pub parent: Option<ResourceGroupId>,
    pub name: String,
}

/// Whether a group may stand where it says, beside the others of the tree. Where the tree has the
/// group already, it moves.
///
/// # Errors
/// [`GroupError::Invalid`] for a parent that is unknown, lies below the group or too deep;
/// [`GroupError::NameTaken`], [`GroupError::TooManyGroups`].
pub fn check(tree: &[Node], group: &Node) -> Result<(), GroupError> {
    let others = || tree.iter().filter(|node| node.id != group.id);
    if others().count() >= MOST_GROUPS {
        return Err(GroupError::TooManyGroups);
    }
    let parents: BTreeMap<_, _> = others().map(|node| (node.id, node.parent)).collect();
    let refuse = |code, detail: &str| Err(Invalid::one("/parent_id", code, detail).into());
    if group.parent == Some(group.id) {
        return refuse("cycle", "must not lie below itself");
    }
    if group.parent.is_some_and(|parent| !parents.contains_key(&parent)) {
        return refuse("unknown_resource_group", "no such resource group");
    }
    let mut above = 0;
    let mut at = group.parent;
    while let Some(ancestor) = at {
        above += 1;
        at = parents.get(&ancestor).copied().flatten();
        if at == Some(group.id) {
            return refuse("cycle", "must not lie below itself");
        }
        if above + height(tree, group.id) > MOST_LEVELS {
            return refuse("too_deep", "lies too deep");
        }
    }
    if others().any(|node| node.parent == group.parent && node.name == group.name) {
        return Err(GroupError::NameTaken);
    }
    Ok(())
}

/// Levels from a group to the lowest below it, itself included.
fn height(tree: &[Node], id: ResourceGroupId) -> usize {
    let mut level = vec![id];
    let mut levels = 0;
    // A tree that was checked at every step has no more levels than nodes.
    while !level.is_empty() && levels <= tree.len() {
        levels += 1;
        level = tree
            .iter()
            .filter(|node| node.parent.is_some_and(|parent| level.contains(&parent)))
            .map(|node| node.id)
            .collect();
    }
    levels
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use uuid::Uuid;

    use super::*;

    fn id(n: usize) -> ResourceGroupId {
        Uuid::from_u128(n as u128 + 1).into()
    }

    fn node(n: usize, parent: Option<usize>) -> Node {
        Node { id: id(n), parent: parent.map(id), name: format!("group {n}") }
    }

    /// The groups above one, or `None` where following parents never ends.
    fn ancestors(tree: &[Node], of: ResourceGroupId) -> Option<usize> {
        let mut at = tree.iter().find(|node| node.id == of)?.parent;
        for steps in 0..=tree.len() {
            let Some(parent) = at else { return Some(steps) };
            at = tree.iter().find(|node| node.id == parent)?.parent;
        }
        None
    }

    proptest! {
        /// Whatever is tried in whatever order, what was let through is a tree of bounded depth.
        #[test]
        fn moves_that_are_let_through_keep_it_a_tree(
            moves in proptest::collection::vec((0_usize..24, proptest::option::of(0_usize..24)), 0..120),
        ) {
            let mut tree: Vec<Node> = (0..24).map(|n| node(n, None)).collect();
            for (n, parent) in moves {
                let moved = node(n, parent);
                if check(&tree, &moved).is_ok() {
                    tree[n] = moved;
                }
            }
            for n in 0..24 {
                let above = ancestors(&tree, id(n));
                prop_assert!(above.is_some_and(|above| above < MOST_LEVELS), "{n}: {above:?}");
            }
        }

        /// What is refused would indeed break it: nothing harmless is turned away.
        #[test]
        fn a_move_is_refused_only_where_it_would_break_the_tree(
            moves in proptest::collection::vec((0_usize..8, proptest::option::of(0_usize..8)), 0..40),
        ) {
            let mut tree: Vec<Node> = (0..8).map(|n| node(n, None)).collect();
            for (n, parent) in moves {
                let moved = node(n, parent);
                let mut tried = tree.clone();
                tried[n] = moved.clone();
                let sound = (0..8).all(|n| ancestors(&tried, id(n)).is_some());
                prop_assert_eq!(check(&tree, &moved).is_ok(), sound);
                if sound {
                    tree = tried;
                }
            }
        }
    }

    #[test]
    fn names_differ_among_siblings_only_and_parents_must_exist() {
        let tree = [node(0, None), node(1, Some(0)), node(2, None)];
        let named = |parent, name: &str| Node { name: name.into(), ..node(9, parent) };
        assert!(matches!(check(&tree, &named(None, "group 2")), Err(GroupError::NameTaken)));
        assert!(check(&tree, &named(Some(1), "group 2")).is_ok());
        assert!(matches!(check(&tree, &named(Some(7), "a")), Err(GroupError::Invalid(_))));
    }

    #[test]
    fn a_branch_that_would_reach_too_deep_stays() {
        let chain = |from: usize, to: usize| (from..to).map(move |n| node(n, (n > from).then(|| n - 1)));
        let tree: Vec<_> = chain(0, MOST_LEVELS - 1).chain(chain(50, 52)).collect();
        let lowest = MOST_LEVELS - 2;
        assert!(matches!(check(&tree, &node(50, Some(lowest))), Err(GroupError::Invalid(_))));
        assert!(check(&tree, &node(50, Some(lowest - 1))).is_ok());
    }
}
