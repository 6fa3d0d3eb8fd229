//! The electrical tree as operators keep it.

use std::sync::Arc;

use kernel::{AuditEntry, AuditVerb, Begin, CircuitId, Clock, DepotId, IdSource, Permission, Scope, Version};
use uuid::Uuid;

use super::seen;
use crate::{
    command::{ChangeCircuit, CreateCircuit, check_circuit, set},
    error::DepotError,
    event::{self, Press},
    model::Circuit,
    port::{DepotTx, TopologyReader},
    topology::{CircuitNode, Topology},
    tree,
};

/// Circuits and what limits them.
pub struct CircuitService {
    pub(super) store: Arc<dyn Begin<dyn DepotTx>>,
    topologies: Arc<dyn TopologyReader>,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) ids: Arc<dyn IdSource>,
}

impl CircuitService {
    pub fn new<S>(store: Arc<S>, clock: Arc<dyn Clock>, ids: Arc<dyn IdSource>) -> Self
    where
        S: Begin<dyn DepotTx> + TopologyReader + 'static,
    {
        Self { store: store.clone(), topologies: store, clock, ids }
    }

    /// The depot's tree with all that limits it, parents first.
    ///
    /// # Errors
    /// [`DepotError::NoSuchDepot`].
    pub async fn topology(&self, scope: &Scope, depot: DepotId) -> Result<Topology, DepotError> {
        scope.require(Permission::DepotRead)?.sees(depot).await?.ok_or(DepotError::NoSuchDepot)?;
        self.topologies.topology(scope.organisation(), depot).await?.ok_or(DepotError::NoSuchDepot)
    }

    /// # Errors
    /// [`DepotError::Invalid`] for a parent that is unknown or whatever else makes no tree;
    /// [`DepotError::GridConnectionExists`].
    pub async fn circuit_create(&self, scope: &Scope, command: CreateCircuit) -> Result<Circuit, DepotError> {
        scope.require(Permission::DepotWrite)?.sees(command.depot).await?.ok_or(DepotError::NoSuchDepot)?;
        let now = self.clock.now();
        let mut circuit = Circuit {
            id: self.ids.uuid().into(),
            organisation: scope.organisation(),
            depot: command.depot,
            version: Version::FIRST,
            parent: command.parent,
            name: command.name,
            kind: command.kind,
            limit: command.limit,
            phases: command.phases,
            voltage: command.voltage,
            safety_margin: command.safety_margin,
            fallback_reserve: command.fallback_reserve,
            unmanaged_load: command.unmanaged_load,
            created_at: now,
            updated_at: now,
        };
        check_circuit(&mut circuit)?;
        let mut tx = self.store.begin().await?;
        let depot = tx.depots().depot_find(scope.organisation(), circuit.depot).await?;
        depot.ok_or(DepotError::NoSuchDepot)?;
        self.check_tree(&mut *tx, &circuit).await?;
        tx.circuits().circuit_insert(&circuit).await?;
        tx.outbox().append(self.press().circuit(event::CIRCUIT_CREATED, &circuit)).await?;
        tx.audit()
            .record(self.audit(scope, AuditVerb::Create, "circuit", circuit.id).after(&circuit))
            .await?;
        tx.commit().await?;
        Ok(circuit)
    }

    /// # Errors
    /// [`DepotError::NoSuchCircuit`].
    pub async fn circuit_get(&self, scope: &Scope, id: CircuitId) -> Result<Circuit, DepotError> {
        scope.require(Permission::DepotRead)?.sees(id).await?.ok_or(DepotError::NoSuchCircuit)?;
        let mut tx = self.store.begin().await?;
        circuit_in(&mut *tx, scope, id).await
    }

    /// A circuit with everything that limits it.
    ///
    /// # Errors
    /// [`DepotError::NoSuchCircuit`].
    pub async fn circuit_node(&self, scope: &Scope, id: CircuitId) -> Result<CircuitNode, DepotError> {
        let circuit = self.circuit_get(scope, id).await?;
        let topology = self.topology(scope, circuit.depot).await?;
        topology.node(id).cloned().ok_or(DepotError::NoSuchCircuit)
    }

    /// # Errors
    /// As [`Self::circuit_create`], and [`kernel::StoreError::Stale`].
    pub async fn circuit_change(
        &self,
        scope: &Scope,
        id: CircuitId,
        expected: Option<Version>,
        command: ChangeCircuit,
    ) -> Result<Circuit, DepotError> {
        scope.require(Permission::DepotWrite)?.sees(id).await?.ok_or(DepotError::NoSuchCircuit)?;
        let mut tx = self.store.begin().await?;
        let before = circuit_in(&mut *tx, scope, id).await?;
        seen(expected, before.version)?;
        let mut circuit = before.clone();
        if command.parent.is_some() {
            circuit.parent = command.parent;
        }
        set(&mut circuit.name, command.name);
        set(&mut circuit.kind, command.kind);
        command.limit_power.apply(&mut circuit.limit.power);
        command.limit_current.apply(&mut circuit.limit.current);
        set(&mut circuit.phases, command.phases);
        set(&mut circuit.voltage, command.voltage);
        set(&mut circuit.safety_margin, command.safety_margin);
        command.fallback_reserve.apply(&mut circuit.fallback_reserve);
        set(&mut circuit.unmanaged_load, command.unmanaged_load);
        check_circuit(&mut circuit)?;
        self.check_tree(&mut *tx, &circuit).await?;
        circuit.version = before.version.next();
        circuit.updated_at = self.clock.now();
        tx.circuits().circuit_update(&circuit, before.version).await?;
        tx.outbox().append(self.press().circuit(event::CIRCUIT_CHANGED, &circuit)).await?;
        let entry = self.audit(scope, AuditVerb::Update, "circuit", id).before(&before).after(&circuit);
        tx.audit().record(entry).await?;
        tx.commit().await?;
        Ok(circuit)
    }

    /// # Errors
    /// [`DepotError::CircuitInUse`] while circuits or charge points hang on it.
    pub async fn circuit_delete(
        &self,
        scope: &Scope,
        id: CircuitId,
        expected: Option<Version>,
    ) -> Result<(), DepotError> {
        scope.require(Permission::DepotWrite)?.sees(id).await?.ok_or(DepotError::NoSuchCircuit)?;
        let mut tx = self.store.begin().await?;
        let circuit = circuit_in(&mut *tx, scope, id).await?;
        seen(expected, circuit.version)?;
        let tree = tx.circuits().circuits_of(circuit.organisation, circuit.depot).await?;
        if tree.iter().any(|other| other.parent == Some(id)) {
            return Err(DepotError::CircuitInUse("circuits"));
        }
        if tx.circuits().circuit_has_charge_points(id).await? {
            return Err(DepotError::CircuitInUse("charge points"));
        }
        tx.circuits().circuit_delete(&circuit).await?;
        tx.outbox().append(self.press().circuit(event::CIRCUIT_DELETED, &circuit)).await?;
        tx.audit().record(self.audit(scope, AuditVerb::Delete, "circuit", id).before(&circuit)).await?;
        tx.commit().await?;
        Ok(())
    }

    async fn check_tree(&self, tx: &mut dyn DepotTx, circuit: &Circuit) -> Result<(), DepotError> {
        // Holding the depot keeps two changes from making a cycle together.
        tx.depots().depot_find(circuit.organisation, circuit.depot).await?;
        let tree = tx.circuits().circuits_of(circuit.organisation, circuit.depot).await?;
        tree::check(&tree, circuit)
    }

    pub(super) fn press(&self) -> Press<'_> {
        Press { clock: &*self.clock, ids: &*self.ids }
    }

    pub(super) fn audit(
        &self,
        scope: &Scope,
        verb: AuditVerb,
        resource: &'static str,
        id: impl Into<Uuid>,
    ) -> AuditEntry {
        AuditEntry::new(scope, &*self.clock, &*self.ids, verb, resource, id)
    }
}

pub(super) async fn circuit_in(
    tx: &mut dyn DepotTx,
    scope: &Scope,
    id: CircuitId,
) -> Result<Circuit, DepotError> {
    tx.circuits().circuit_find(scope.organisation(), id).await?.ok_or(DepotError::NoSuchCircuit)
}
