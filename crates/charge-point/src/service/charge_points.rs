//! Charge points as operators keep them.

use std::{collections::BTreeSet, sync::Arc};

use kernel::{
    AuditEntry, AuditVerb, Begin, Change, ChargePointId, Clock, IdSource, Invalid, MilliAmps, Page,
    PageRequest, Permission, Scope, SecretHasher, StoreError, Version, W,
};

use crate::{
    command::{ChangeChargePoint, CreateChargePoint, check, check_password, current_of},
    error::ChargePointError,
    event::{self, Stamp},
    model::{
        ChargePoint, ChargePointLive, ConfigurationKey, Electrics, Evse, Identity, PasswordHash, layout,
    },
    port::{ChargePointFilter, ChargePointReader, ChargePointTx},
};

pub struct ChargePointService {
    store: Arc<dyn Begin<dyn ChargePointTx>>,
    reader: Arc<dyn ChargePointReader>,
    hasher: Arc<dyn SecretHasher>,
    clock: Arc<dyn Clock>,
    ids: Arc<dyn IdSource>,
}

impl ChargePointService {
    pub fn new<S>(
        store: Arc<S>,
        hasher: Arc<dyn SecretHasher>,
        clock: Arc<dyn Clock>,
        ids: Arc<dyn IdSource>,
    ) -> Self
    where
        S: Begin<dyn ChargePointTx> + ChargePointReader + 'static,
    {
        Self { store: store.clone(), reader: store, hasher, clock, ids }
    }

    /// # Errors
    /// [`ChargePointError::Invalid`] with every broken rule; [`ChargePointError::IdentityTaken`].
    pub async fn charge_point_create(
        &self,
        scope: &Scope,
        command: CreateChargePoint,
    ) -> Result<ChargePoint, ChargePointError> {
        let reach = scope.require(Permission::ChargePointWrite)?;
        let password = command.password.clone();
        let charge_point = self.build(scope, command)?;
        let charge_point =
            ChargePoint { password_hash: self.hash(password.as_deref()).await?, ..charge_point };

        let visible = reach.sees(charge_point.depot).await?.is_some();
        let mut tx = self.store.begin().await?;
        check_places(&mut *tx, visible, &charge_point).await?;
        tx.charge_points().charge_point_insert(&charge_point).await?;
        tx.outbox().append(self.stamp().charge_point(event::CHARGE_POINT_CREATED, &charge_point)).await?;
        tx.audit().record(self.audit(scope, AuditVerb::Create, charge_point.id).after(&charge_point)).await?;
        tx.commit().await?;
        Ok(charge_point)
    }

    /// # Errors
    /// [`ChargePointError::NoSuchChargePoint`] also for charge points of others.
    pub async fn charge_point_get(
        &self,
        scope: &Scope,
        id: ChargePointId,
    ) -> Result<ChargePoint, ChargePointError> {
        scope
            .require(Permission::ChargePointRead)?
            .sees(id)
            .await?
            .ok_or(ChargePointError::NoSuchChargePoint)?;
        let found = self.reader.charge_point_get(scope.organisation(), id).await?;
        found.ok_or(ChargePointError::NoSuchChargePoint)
    }

    /// # Errors
    /// [`ChargePointError::Denied`] and store errors only.
    pub async fn charge_point_list(
        &self,
        scope: &Scope,
        filter: &ChargePointFilter,
        page: PageRequest,
    ) -> Result<Page<ChargePoint>, ChargePointError> {
        let reach = scope.require(Permission::ChargePointRead)?;
        Ok(self.reader.charge_point_list(&reach, filter, page).await?)
    }

    /// What the charger reported of its settings, by name.
    ///
    /// # Errors
    /// [`ChargePointError::NoSuchChargePoint`] also for charge points of others.
    pub async fn configuration_list(
        &self,
        scope: &Scope,
        id: ChargePointId,
    ) -> Result<Vec<ConfigurationKey>, ChargePointError> {
        self.charge_point_get(scope, id).await?;
        Ok(self.reader.configuration_list(scope.organisation(), id).await?)
    }

    /// Applies a merge patch. `expected` is the version the caller has seen, if they said so.
    ///
    /// # Errors
    /// As [`Self::charge_point_create`]; [`StoreError::Stale`] for another version;
    /// [`ChargePointError::OpenTransaction`] where a connector would go while the charger is busy.
    pub async fn charge_point_change(
        &self,
        scope: &Scope,
        id: ChargePointId,
        expected: Option<Version>,
        mut command: ChangeChargePoint,
    ) -> Result<ChargePoint, ChargePointError> {
        let reach = scope.require(Permission::ChargePointWrite)?;
        reach.sees(id).await?.ok_or(ChargePointError::NoSuchChargePoint)?;
        // The hash is slow: it is made before the unit of work begins.
        let mut invalid = Invalid::default();
        let password = std::mem::take(&mut command.password);
        if let Change::Set(password) = &password {
            check_password(password, &mut invalid);
        }
        let password = match &password {
            Change::Set(password) if invalid.errors.is_empty() => match self.hash(Some(password)).await? {
                Some(hash) => Change::Set(hash),
                None => Change::Keep,
            },
            Change::Clear => Change::Clear,
            _ => Change::Keep,
        };

        let visible = match command.depot {
            Some(depot) => reach.sees(depot).await?.is_some(),
            None => true,
        };
        let mut tx = self.store.begin().await?;
        let before = find(&mut *tx, scope, id, expected).await?;
        let mut charge_point = before.clone();
        password.apply(&mut charge_point.password_hash);
        self.apply(command, &mut charge_point, invalid)?;
        check_places(&mut *tx, visible, &charge_point).await?;
        let kept = connectors(&charge_point.evses);
        if !connectors(&before.evses).is_subset(&kept)
            && tx.charge_points().charge_point_has_open_transaction(scope.organisation(), id).await?
        {
            return Err(ChargePointError::OpenTransaction);
        }
        charge_point.version = before.version.next();
        charge_point.updated_at = self.clock.now();
        tx.charge_points().charge_point_update(&charge_point, before.version).await?;
        tx.outbox().append(self.stamp().charge_point(event::CHARGE_POINT_CHANGED, &charge_point)).await?;
        let entry = self.audit(scope, AuditVerb::Update, id).before(&before).after(&charge_point);
        tx.audit().record(entry).await?;
        tx.commit().await?;
        Ok(charge_point)
    }

    /// # Errors
    /// [`ChargePointError::OpenTransaction`] while somebody charges at it.
    pub async fn charge_point_delete(
        &self,
        scope: &Scope,
        id: ChargePointId,
        expected: Option<Version>,
    ) -> Result<(), ChargePointError> {
        scope
            .require(Permission::ChargePointWrite)?
            .sees(id)
            .await?
            .ok_or(ChargePointError::NoSuchChargePoint)?;
        let mut tx = self.store.begin().await?;
        let charge_point = find(&mut *tx, scope, id, expected).await?;
        if tx.charge_points().charge_point_has_open_transaction(scope.organisation(), id).await? {
            return Err(ChargePointError::OpenTransaction);
        }
        tx.charge_points().charge_point_delete(scope.organisation(), id, charge_point.version).await?;
        tx.outbox().append(self.stamp().charge_point(event::CHARGE_POINT_DELETED, &charge_point)).await?;
        tx.audit().record(self.audit(scope, AuditVerb::Delete, id).before(&charge_point)).await?;
        tx.commit().await?;
        Ok(())
    }

    fn build(&self, scope: &Scope, command: CreateChargePoint) -> Result<ChargePoint, Invalid> {
        let mut invalid = Invalid::default();
        if let Some(password) = &command.password {
            check_password(password, &mut invalid);
        }
        let current = command.current.unwrap_or_else(|| current_of(&command.evses, command.max_power));
        let evses = layout(command.evses, &[], command.max_power, current, &*self.ids, &mut invalid);
        let now = self.clock.now();
        let security_profile = command.security_profile.unwrap_or(u8::from(command.password.is_some()));
        if matches!(security_profile, 1 | 2) && command.password.is_none() {
            invalid.push("/password", "required", "this security profile needs a password");
        }
        let identity = noted(Identity::parse("/identity", &command.identity), &mut invalid);
        let Some(identity) = identity else { return Err(invalid) };
        let charge_point = ChargePoint {
            id: self.ids.uuid().into(),
            organisation: scope.organisation(),
            version: Version::FIRST,
            identity,
            depot: command.depot,
            circuit: command.circuit,
            zone: command.zone,
            max_power: command.max_power,
            electrics: Electrics {
                current,
                voltage: command.voltage.unwrap_or(230),
                min_current: command.min_current.unwrap_or(MilliAmps(6_000)),
                min_power: command.min_power.unwrap_or(W::ZERO),
                rate_units: command.rate_units,
                offline_limit: command.offline_limit,
            },
            security_profile,
            password_hash: None,
            registration: command.registration.unwrap_or_default(),
            evses,
            created_at: now,
            updated_at: now,
            live: ChargePointLive::default(),
        };
        check(&charge_point, &mut invalid);
        invalid.into_result().map(|()| charge_point)
    }

    fn apply(
        &self,
        command: ChangeChargePoint,
        charge_point: &mut ChargePoint,
        mut invalid: Invalid,
    ) -> Result<(), Invalid> {
        fn set<T>(field: &mut T, value: Option<T>) {
            if let Some(value) = value {
                *field = value;
            }
        }
        if let Some(identity) = &command.identity {
            set(&mut charge_point.identity, noted(Identity::parse("/identity", identity), &mut invalid));
        }
        set(&mut charge_point.depot, command.depot);
        command.circuit.apply(&mut charge_point.circuit);
        command.zone.apply(&mut charge_point.zone);
        set(&mut charge_point.max_power, command.max_power);
        let electrics = &mut charge_point.electrics;
        set(&mut electrics.current, command.current);
        set(&mut electrics.voltage, command.voltage);
        set(&mut electrics.min_current, command.min_current);
        set(&mut electrics.min_power, command.min_power);
        command.rate_units.apply(&mut electrics.rate_units);
        command.offline_limit.apply(&mut electrics.offline_limit);
        set(&mut charge_point.security_profile, command.security_profile);
        set(&mut charge_point.registration, command.registration);
        if matches!(charge_point.security_profile, 1 | 2) && charge_point.password_hash.is_none() {
            invalid.push("/password", "required", "this security profile needs a password");
        }
        if let Some(inputs) = command.evses {
            let (max_power, current) = (charge_point.max_power, charge_point.electrics.current);
            charge_point.evses =
                layout(inputs, &charge_point.evses, max_power, current, &*self.ids, &mut invalid);
        }
        check(charge_point, &mut invalid);
        invalid.into_result()
    }

    async fn hash(&self, password: Option<&str>) -> Result<Option<PasswordHash>, ChargePointError> {
        let Some(password) = password else { return Ok(None) };
        Ok(Some(PasswordHash::new(self.hasher.hash(password).await?)))
    }

    fn stamp(&self) -> Stamp<'_> {
        Stamp { clock: &*self.clock, ids: &*self.ids }
    }

    fn audit(&self, scope: &Scope, verb: AuditVerb, id: ChargePointId) -> AuditEntry {
        AuditEntry::new(scope, &*self.clock, &*self.ids, verb, "charge_point", id)
    }
}

fn noted<T>(outcome: Result<T, Invalid>, invalid: &mut Invalid) -> Option<T> {
    outcome.map_err(|broken| invalid.errors.extend(broken.errors)).ok()
}

fn connectors(evses: &[Evse]) -> BTreeSet<(u16, u16)> {
    evses.iter().flat_map(|evse| evse.connectors.iter().map(|plug| (evse.number, plug.number))).collect()
}

pub(super) async fn find(
    tx: &mut dyn ChargePointTx,
    scope: &Scope,
    id: ChargePointId,
    expected: Option<Version>,
) -> Result<ChargePoint, ChargePointError> {
    let found = tx.charge_points().charge_point_find(scope.organisation(), id).await?;
    let charge_point = found.ok_or(ChargePointError::NoSuchChargePoint)?;
    if expected.is_some_and(|expected| expected != charge_point.version) {
        return Err(StoreError::Stale.into());
    }
    Ok(charge_point)
}

/// Depot, circuit and zone have to exist, the latter two in the former, and the caller has to see
/// the depot.
async fn check_places(
    tx: &mut dyn ChargePointTx,
    visible: bool,
    charge_point: &ChargePoint,
) -> Result<(), ChargePointError> {
    let organisation = charge_point.organisation;
    let mut invalid = Invalid::default();
    if !visible || !tx.places().depot_known(organisation, charge_point.depot).await? {
        invalid.push("/depot_id", "unknown_depot", "no such depot");
    }
    if let Some(circuit) = charge_point.circuit {
        match tx.places().circuit_depot(organisation, circuit).await? {
            Some(depot) if depot == charge_point.depot => {}
            Some(_) => invalid.push("/circuit_id", "other_depot", "the circuit is in another depot"),
            None => invalid.push("/circuit_id", "unknown_circuit", "no such circuit"),
        }
    }
    if let Some(zone) = charge_point.zone {
        match tx.places().zone_depot(organisation, zone).await? {
            Some(depot) if depot == charge_point.depot => {}
            Some(_) => invalid.push("/zone_id", "other_depot", "the zone is in another depot"),
            None => invalid.push("/zone_id", "unknown_zone", "no such zone"),
        }
    }
    Ok(invalid.into_result()?)
}
