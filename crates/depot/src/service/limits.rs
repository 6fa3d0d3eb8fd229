//! What limits a circuit for a time, and what others draw from it.

use chrono::TimeDelta;
use kernel::{AuditVerb, CircuitId, Invalid, LimitWindowId, Permission, Scope, Version};

use super::{CircuitService, circuits::circuit_in, seen};
use crate::{
    command::{ChangeLimitWindow, CreateLimitWindow, PutExternalLimits, check_external, check_window, set},
    error::DepotError,
    event,
    model::{ExternalLimits, LimitWindow, LoadReading},
    port::DepotTx,
};

/// Windows on one circuit.
const MOST_WINDOWS: usize = 200;
/// Load readings in one report.
const MOST_READINGS: usize = 2_000;
/// How far ahead of our clock a reading may be dated.
const CLOCK_SKEW: TimeDelta = TimeDelta::minutes(5);

impl CircuitService {
    /// # Errors
    /// [`DepotError::Invalid`], [`DepotError::TooManyWindows`].
    pub async fn window_create(
        &self,
        scope: &Scope,
        command: CreateLimitWindow,
    ) -> Result<LimitWindow, DepotError> {
        scope
            .require(Permission::ChargingWrite)?
            .sees(command.circuit)
            .await?
            .ok_or(DepotError::NoSuchCircuit)?;
        let now = self.clock.now();
        let mut tx = self.store.begin().await?;
        let circuit = circuit_in(&mut *tx, scope, command.circuit).await?;
        let mut window = LimitWindow {
            id: self.ids.uuid().into(),
            organisation: scope.organisation(),
            depot: circuit.depot,
            circuit: circuit.id,
            version: Version::FIRST,
            name: command.name,
            precedence: command.precedence,
            schedule: command.schedule,
            limit: command.limit,
            created_at: now,
            updated_at: now,
        };
        check_window(&mut window)?;
        if tx.circuits().window_count(circuit.id).await? >= MOST_WINDOWS {
            return Err(DepotError::TooManyWindows);
        }
        tx.circuits().window_insert(&window).await?;
        tx.outbox().append(self.press().circuit(event::CIRCUIT_LIMITS_CHANGED, &circuit)).await?;
        let entry = self.audit(scope, AuditVerb::Create, "limit_window", window.id).after(&window);
        tx.audit().record(entry).await?;
        tx.commit().await?;
        Ok(window)
    }

    /// # Errors
    /// [`DepotError::NoSuchLimitWindow`] also for a window of another circuit.
    pub async fn window_get(
        &self,
        scope: &Scope,
        circuit: CircuitId,
        id: LimitWindowId,
    ) -> Result<LimitWindow, DepotError> {
        scope.require(Permission::DepotRead)?.sees(circuit).await?.ok_or(DepotError::NoSuchCircuit)?;
        let mut tx = self.store.begin().await?;
        window_in(&mut *tx, scope, circuit, id).await
    }

    /// # Errors
    /// As [`Self::window_create`].
    pub async fn window_change(
        &self,
        scope: &Scope,
        (circuit, id): (CircuitId, LimitWindowId),
        expected: Option<Version>,
        command: ChangeLimitWindow,
    ) -> Result<LimitWindow, DepotError> {
        scope.require(Permission::ChargingWrite)?.sees(circuit).await?.ok_or(DepotError::NoSuchCircuit)?;
        let mut tx = self.store.begin().await?;
        let circuit = circuit_in(&mut *tx, scope, circuit).await?;
        let before = window_in(&mut *tx, scope, circuit.id, id).await?;
        seen(expected, before.version)?;
        let mut window = before.clone();
        command.name.apply(&mut window.name);
        set(&mut window.precedence, command.precedence);
        set(&mut window.schedule, command.schedule);
        set(&mut window.limit, command.limit);
        check_window(&mut window)?;
        window.version = before.version.next();
        window.updated_at = self.clock.now();
        tx.circuits().window_update(&window, before.version).await?;
        tx.outbox().append(self.press().circuit(event::CIRCUIT_LIMITS_CHANGED, &circuit)).await?;
        let entry = self.audit(scope, AuditVerb::Update, "limit_window", id).before(&before).after(&window);
        tx.audit().record(entry).await?;
        tx.commit().await?;
        Ok(window)
    }

    /// # Errors
    /// [`DepotError::NoSuchLimitWindow`].
    pub async fn window_delete(
        &self,
        scope: &Scope,
        (circuit, id): (CircuitId, LimitWindowId),
        expected: Option<Version>,
    ) -> Result<(), DepotError> {
        scope.require(Permission::ChargingWrite)?.sees(circuit).await?.ok_or(DepotError::NoSuchCircuit)?;
        let mut tx = self.store.begin().await?;
        let circuit = circuit_in(&mut *tx, scope, circuit).await?;
        let window = window_in(&mut *tx, scope, circuit.id, id).await?;
        seen(expected, window.version)?;
        tx.circuits().window_delete(&window).await?;
        tx.outbox().append(self.press().circuit(event::CIRCUIT_LIMITS_CHANGED, &circuit)).await?;
        let entry = self.audit(scope, AuditVerb::Delete, "limit_window", id).before(&window);
        tx.audit().record(entry).await?;
        tx.commit().await?;
        Ok(())
    }

    /// Takes what an outside party wants of a circuit; its newer list replaces the older.
    ///
    /// # Errors
    /// [`DepotError::Invalid`] with every broken rule.
    pub async fn external_limits_put(
        &self,
        scope: &Scope,
        command: PutExternalLimits,
    ) -> Result<ExternalLimits, DepotError> {
        scope
            .require(Permission::ChargingWrite)?
            .sees(command.circuit)
            .await?
            .ok_or(DepotError::NoSuchCircuit)?;
        check_external(&command)?;
        let mut tx = self.store.begin().await?;
        let circuit = circuit_in(&mut *tx, scope, command.circuit).await?;
        let now = self.clock.now();
        let mut limits = command.limits;
        limits.sort_by_key(|limit| limit.from);
        let last = limits.iter().map(|limit| limit.to).max().unwrap_or(now);
        let limits = ExternalLimits {
            organisation: scope.organisation(),
            depot: circuit.depot,
            circuit: circuit.id,
            source: command.source.trim().to_owned(),
            expires_at: command.expires_at.map_or(last, kernel::clock::to_micros),
            limits,
            received_at: now,
        };
        tx.circuits().external_limits_put(&limits).await?;
        tx.outbox().append(self.press().circuit(event::CIRCUIT_LIMITS_CHANGED, &circuit)).await?;
        let entry = self.audit(scope, AuditVerb::Update, "external_limits", circuit.id).after(&limits);
        tx.audit().record(entry).await?;
        tx.commit().await?;
        Ok(limits)
    }

    /// Takes what a meter says others draw from a circuit. Returns how many readings were taken.
    ///
    /// # Errors
    /// [`DepotError::Invalid`] for readings from the future and absurd powers.
    pub async fn load_append(
        &self,
        scope: &Scope,
        circuit: CircuitId,
        mut readings: Vec<LoadReading>,
    ) -> Result<usize, DepotError> {
        scope.require(Permission::ChargingWrite)?.sees(circuit).await?.ok_or(DepotError::NoSuchCircuit)?;
        let now = self.clock.now();
        let mut invalid = Invalid::default();
        if readings.len() > MOST_READINGS {
            invalid.push("", "too_many", format!("must be at most {MOST_READINGS} readings"));
        }
        for (index, reading) in readings.iter_mut().enumerate() {
            reading.at = kernel::clock::to_micros(reading.at);
            if reading.at > now + CLOCK_SKEW {
                invalid.push(format!("/{index}/at"), "in_the_future", "must not lie in the future");
            }
            invalid.range(&format!("/{index}/power_kw"), reading.power.to_kilo(), 0.0, 1_000_000.0);
        }
        invalid.into_result()?;
        readings.retain(|reading| reading.at > now - crate::LoadState::HISTORY);
        readings.sort_by_key(|reading| reading.at);
        readings.dedup_by_key(|reading| reading.at);
        let mut tx = self.store.begin().await?;
        circuit_in(&mut *tx, scope, circuit).await?;
        tx.circuits().load_append(circuit, &readings).await?;
        tx.commit().await?;
        Ok(readings.len())
    }
}

async fn window_in(
    tx: &mut dyn DepotTx,
    scope: &Scope,
    circuit: CircuitId,
    id: LimitWindowId,
) -> Result<LimitWindow, DepotError> {
    let found = tx.circuits().window_find(scope.organisation(), id).await?;
    found.filter(|window| window.circuit == circuit).ok_or(DepotError::NoSuchLimitWindow)
}
