//! The electrical tree's shape: one root, no cycles, bounded depth. Pure; it knows no store.

use std::collections::HashMap;

use kernel::{CircuitId, Invalid};

use crate::{
    error::DepotError,
    model::{Circuit, CircuitKind, Phases},
};

/// Levels a tree may have, the root included.
pub const MAX_DEPTH: usize = 12;
/// Nodes a depot may have.
pub const MAX_CIRCUITS: usize = 2_000;

/// Checks that a tree stays a tree when `candidate` is added to it or takes the place of its older
/// self. `tree` is all of the candidate's depot.
///
/// # Errors
/// [`DepotError::GridConnectionExists`] for a second root, [`DepotError::TooManyCircuits`], and
/// [`DepotError::Invalid`] for an unknown parent, a cycle, too many levels, a kind that does not
/// fit its place, or three phases behind one.
pub fn check(tree: &[Circuit], candidate: &Circuit) -> Result<(), DepotError> {
    let others: HashMap<CircuitId, &Circuit> =
        tree.iter().filter(|other| other.id != candidate.id).map(|other| (other.id, other)).collect();
    if others.len() >= MAX_CIRCUITS {
        return Err(DepotError::TooManyCircuits);
    }
    let above = match candidate.parent {
        None => {
            if others.values().any(|other| other.is_root()) {
                return Err(DepotError::GridConnectionExists);
            }
            0
        }
        Some(parent) => depth_of(&others, candidate.id, parent)?,
    };
    let mut invalid = Invalid::default();
    if above + height(tree, candidate.id) > MAX_DEPTH {
        invalid.push("/parent_id", "too_deep", format!("a tree has at most {MAX_DEPTH} levels"));
    }
    match (candidate.is_root(), candidate.kind) {
        (true, CircuitKind::GridConnection) => {}
        (true, _) => invalid.push("/kind", "not_a_root", "without a parent it must be a grid_connection"),
        (false, CircuitKind::GridConnection) => {
            invalid.push("/kind", "not_the_root", "a grid_connection has no parent");
        }
        (false, _) => {}
    }
    let parent = candidate.parent.and_then(|parent| others.get(&parent));
    let behind_one = parent.is_some_and(|parent| parent.phases < candidate.phases);
    let mut children = tree.iter().filter(|other| other.parent == Some(candidate.id));
    let before_three = candidate.phases == Phases::One && children.any(|child| child.phases == Phases::Three);
    if behind_one || before_three {
        invalid.push("/phases", "phases_missing", "three phases cannot come from a single one");
    }
    Ok(invalid.into_result()?)
}

/// Orders a tree so that parents come before their children, siblings by age. Nodes whose parent is
/// missing are left out.
pub fn parents_first(circuits: Vec<Circuit>) -> Vec<Circuit> {
    let mut waiting: HashMap<Option<CircuitId>, Vec<Circuit>> = HashMap::new();
    for circuit in circuits {
        waiting.entry(circuit.parent).or_default().push(circuit);
    }
    let mut ordered = waiting.remove(&None).unwrap_or_default();
    let mut next = 0;
    while let Some(parent) = ordered.get(next).map(|circuit| circuit.id) {
        ordered.extend(waiting.remove(&Some(parent)).unwrap_or_default());
        next += 1;
    }
    ordered
}

/// The level below which a child of `parent` would hang.
fn depth_of(
    others: &HashMap<CircuitId, &Circuit>,
    candidate: CircuitId,
    parent: CircuitId,
) -> Result<usize, Invalid> {
    let mut depth = 0;
    let mut next = Some(parent);
    while let Some(id) = next {
        if id == candidate || depth > others.len() {
            return Err(Invalid::one("/parent_id", "cycle", "a circuit cannot hang below itself"));
        }
        let Some(above) = others.get(&id) else {
            return Err(Invalid::one("/parent_id", "unknown_circuit", "no such circuit in this depot"));
        };
        depth += 1;
        next = above.parent;
    }
    Ok(depth)
}

/// Levels of the part of the tree that hangs on a node, the node included.
fn height(tree: &[Circuit], node: CircuitId) -> usize {
    let mut level = vec![node];
    let mut height = 0;
    while !level.is_empty() && height <= tree.len() {
        height += 1;
        level = tree
            .iter()
            .filter(|circuit| circuit.parent.is_some_and(|parent| level.contains(&parent)))
            .map(|circuit| circuit.id)
            .collect();
    }
    height
}

#[cfg(test)]
mod tests {
    use kernel::{OrganisationId, testing::CountingIds};
    use proptest::prelude::*;

    use super::*;
    use crate::testing::{circuit, depot};

    /// Adds or moves: the node by index, its new parent by index (or none), its kind and phases.
    type Step = (usize, Option<usize>, bool, bool);

    fn apply(ids: &CountingIds, steps: Vec<Step>) -> Vec<Circuit> {
        let home = depot(ids, OrganisationId::from(uuid::Uuid::nil()), "A");
        let mut tree: Vec<Circuit> = Vec::new();
        for (index, parent, grid, three) in steps {
            let existing = tree.get(index).cloned();
            let adds = existing.is_none();
            let mut candidate = existing.unwrap_or_else(|| circuit(ids, &home, None));
            candidate.parent = parent.map(|parent| match tree.get(parent) {
                Some(parent) => parent.id,
                None => candidate.id,
            });
            candidate.kind = if grid { CircuitKind::GridConnection } else { CircuitKind::Panel };
            candidate.phases = if three { Phases::Three } else { Phases::One };
            if check(&tree, &candidate).is_err() {
                continue;
            }
            match adds {
                true => tree.push(candidate),
                false => tree[index] = candidate,
            }
        }
        tree
    }

    fn step() -> impl Strategy<Value = Step> {
        (0..40_usize, prop::option::weighted(0.9, 0..20_usize), prop::bool::weighted(0.2), any::<bool>())
    }

    proptest! {
        #[test]
        fn whatever_is_accepted_leaves_a_tree(steps in prop::collection::vec(step(), 0..120)) {
            let tree = apply(&CountingIds::default(), steps);
            let roots: Vec<_> = tree.iter().filter(|circuit| circuit.is_root()).collect();
            prop_assert_eq!(roots.len(), usize::from(!tree.is_empty()));
            for circuit in &tree {
                prop_assert_eq!(circuit.kind == CircuitKind::GridConnection, circuit.is_root());
                let mut above = circuit;
                let mut levels = 1;
                while let Some(parent) = above.parent {
                    let up = tree.iter().find(|other| other.id == parent).expect("parents are in the tree");
                    prop_assert!(up.phases >= above.phases);
                    above = up;
                    levels += 1;
                    prop_assert!(levels <= MAX_DEPTH);
                }
                prop_assert!(above.is_root());
            }
            prop_assert_eq!(parents_first(tree.clone()).len(), tree.len());
        }
    }

    fn chain(length: usize) -> Vec<Circuit> {
        let ids = CountingIds::default();
        let home = depot(&ids, OrganisationId::from(uuid::Uuid::nil()), "A");
        let mut tree = vec![circuit(&ids, &home, None)];
        while tree.len() < length {
            let next = circuit(&ids, &home, tree.last());
            tree.push(next);
        }
        tree
    }

    fn code(outcome: Result<(), DepotError>) -> &'static str {
        match outcome {
            Err(DepotError::Invalid(invalid)) => invalid.errors[0].code,
            other => panic!("expected a refusal, got {other:?}"),
        }
    }

    #[test]
    fn a_moved_branch_takes_its_depth_along() {
        let mut tree = chain(MAX_DEPTH);
        let branch = Circuit { parent: Some(tree[0].id), ..tree[6].clone() };
        check(&tree, &branch).unwrap();
        tree[6] = branch;
        let back = Circuit { parent: Some(tree[5].id), ..tree[6].clone() };
        check(&tree, &back).unwrap();
        let deeper = Circuit { id: CircuitId::from(uuid::Uuid::nil()), ..chain(MAX_DEPTH)[1].clone() };
        let deeper = Circuit { parent: Some(tree[MAX_DEPTH - 1].id), ..deeper };
        tree[6] = back;
        assert_eq!(code(check(&tree, &deeper)), "too_deep");
    }

    #[test]
    fn a_node_never_hangs_below_itself_or_beside_the_root() {
        let tree = chain(4);
        for below in [1, 2, 3] {
            let moved = Circuit { parent: Some(tree[below].id), ..tree[1].clone() };
            assert_eq!(code(check(&tree, &moved)), "cycle");
        }
        let second = Circuit { parent: None, ..tree[2].clone() };
        assert!(matches!(check(&tree, &second), Err(DepotError::GridConnectionExists)));
    }
}
