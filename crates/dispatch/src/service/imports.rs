//! Runs from a file: all of them, or none.

use std::collections::{BTreeMap, BTreeSet};

use kernel::{AuditVerb, Change, Invalid, Permission, Reach, RunId, Scope, StoreError, VehicleId, Version};
use vehicle::Vehicle;

use super::{DispatchService, RUN};
use crate::{
    check::{check_run, check_vehicle},
    error::DispatchError,
    event,
    import::{Draft, Format, ImportReport, MOST_ERRORS, RowError, VehicleName, draft, read},
    model::{Duty, Run, RunKey, RunState},
    port::DispatchTx,
    readiness::Readiness,
};

/// What one row makes of a run.
struct Planned {
    row: usize,
    run: Run,
    before: Option<Run>,
}

impl Planned {
    fn is_unchanged(&self) -> bool {
        self.before.as_ref().is_some_and(|before| {
            let marks = Run {
                version: before.version,
                updated_at: before.updated_at,
                by_hand: before.by_hand,
                ..self.run.clone()
            };
            *before == marks
        })
    }
}

impl DispatchService {
    /// Adds the runs of a file and changes those it names by depot, service date and block. What a
    /// file does not tell of a run that exists stays. Where anything is wrong, the report says so row by
    /// row and nothing is stored; nor is it with `dry_run`.
    ///
    /// # Errors
    /// [`DispatchError::Denied`] and store errors; what is wrong with the file is in the report.
    pub async fn runs_import(
        &self,
        scope: &Scope,
        format: Format,
        body: &[u8],
        dry_run: bool,
    ) -> Result<ImportReport, DispatchError> {
        let reach = scope.require(Permission::DispatchWrite)?;
        let rows = read(format, body);
        let (count, mut errors) = (rows.count, rows.errors);
        let depots = self.fleet.depots(&reach, None).await?;
        let drafts: Vec<Draft> =
            rows.rows.iter().filter_map(|row| draft(row, &depots, &mut errors)).collect();
        drop(rows.rows);
        let drafts = self.with_vehicles(&reach, drafts, &mut errors).await?;
        let drafts = once_each(drafts, &mut errors);

        let mut tx = self.store.begin().await?;
        let mut planned = self.plan(&mut *tx, scope, drafts, &mut errors).await?;
        check_vehicles(&mut *tx, scope, &planned, &mut errors).await?;
        let unchanged = planned.len();
        planned.retain(|planned| !planned.is_unchanged());
        let unchanged = unchanged - planned.len();
        let created = planned.iter().filter(|planned| planned.before.is_none()).count();
        let mut report = ImportReport {
            rows: count,
            created,
            updated: planned.len() - created,
            unchanged,
            ..ImportReport::default()
        };
        if !errors.is_empty() {
            errors.sort();
            report.omitted_errors = errors.len().saturating_sub(MOST_ERRORS);
            errors.truncate(MOST_ERRORS);
            return Ok(ImportReport { created: 0, updated: 0, unchanged: 0, errors, ..report });
        }
        if !dry_run {
            self.keep_all(&mut *tx, scope, &planned).await?;
            tx.commit().await?;
        }
        Ok(report)
    }

    /// Finds the vehicles that rows name.
    async fn with_vehicles(
        &self,
        reach: &Reach,
        drafts: Vec<Draft>,
        errors: &mut Vec<RowError>,
    ) -> Result<Vec<Draft>, StoreError> {
        let (mut ids, mut numbers) = (BTreeSet::new(), BTreeSet::new());
        for draft in &drafts {
            match &draft.vehicle {
                Change::Set(VehicleName::Id(id)) => drop(ids.insert(*id)),
                Change::Set(VehicleName::FleetNumber(number)) => drop(numbers.insert(number.clone())),
                Change::Keep | Change::Clear => {}
            }
        }
        let (ids, numbers): (Vec<_>, Vec<_>) = (ids.into_iter().collect(), numbers.into_iter().collect());
        let known = self.fleet.vehicles_named(reach, &ids, &numbers).await?;
        let by_id: BTreeSet<VehicleId> = known.iter().map(|vehicle| vehicle.id).collect();
        let by_number: BTreeMap<&str, VehicleId> =
            known.iter().map(|vehicle| (vehicle.fleet_number.as_str(), vehicle.id)).collect();
        let mut found = Vec::with_capacity(drafts.len());
        for mut draft in drafts {
            let vehicle = draft.vehicle.clone().try_map(|name| match name {
                VehicleName::Id(id) => by_id.contains(&id).then_some(id).ok_or(()),
                VehicleName::FleetNumber(number) => by_number.get(number.as_str()).copied().ok_or(()),
            });
            match vehicle {
                Ok(vehicle) => {
                    draft.duty.vehicle = vehicle;
                    found.push(draft);
                }
                Err(()) => {
                    let detail = "no vehicle has this fleet number or id";
                    errors.push(RowError::new(draft.row, Some("vehicle"), "unknown_vehicle", detail));
                }
            }
        }
        Ok(found)
    }

    /// Reads the runs that rows name for change, and makes of each row what is to be stored.
    async fn plan(
        &self,
        tx: &mut dyn DispatchTx,
        scope: &Scope,
        drafts: Vec<Draft>,
        errors: &mut Vec<RowError>,
    ) -> Result<Vec<Planned>, StoreError> {
        let keys: Vec<RunKey> =
            drafts.iter().map(|draft| (draft.depot, draft.service_date, draft.block.clone())).collect();
        let present = tx.roster().runs_by_key(scope.organisation(), &keys).await?;
        let mut present: BTreeMap<RunKey, Run> = present.into_iter().map(|run| (run.key(), run)).collect();
        let mut planned = Vec::with_capacity(drafts.len());
        for draft in drafts {
            let row = draft.row;
            let before = present.remove(&(draft.depot, draft.service_date, draft.block.clone()));
            let settled = match before.as_ref().map(|run| run.state) {
                None | Some(RunState::Planned) => None,
                Some(RunState::Departed) => Some(("run_departed", "the run has departed")),
                Some(RunState::Cancelled) => Some(("run_cancelled", "the run is cancelled")),
            };
            if let Some((code, detail)) = settled {
                errors.push(RowError::new(row, Some("block"), code, detail));
                continue;
            }
            let mut run = self.drafted(scope, draft, before.as_ref());
            let mut invalid = Invalid::default();
            check_run(&mut run, &mut invalid);
            if invalid.errors.is_empty() {
                planned.push(Planned { row, run, before });
            }
            errors.extend(invalid.errors.iter().map(|error| RowError::of_field(row, error)));
        }
        Ok(planned)
    }

    fn drafted(&self, scope: &Scope, draft: Draft, before: Option<&Run>) -> Run {
        let now = self.clock.now();
        let mut duty = before.map_or_else(Duty::default, Run::duty);
        draft.duty.apply(&mut duty);
        let mut run = Run {
            id: before.map_or_else(|| self.ids.uuid().into(), |run| run.id),
            organisation: scope.organisation(),
            version: before.map_or(Version::FIRST, |run| run.version.next()),
            depot: draft.depot,
            service_date: draft.service_date,
            block: draft.block,
            departure_at: draft.departure_at,
            arrival_at: draft.arrival_at,
            distance_m: None,
            energy_required: None,
            required_soc: None,
            minimum_soc: duty.minimum_soc,
            readiness: Readiness::unjudged(duty.vehicle.is_some()),
            vehicle: None,
            vehicle_class: None,
            priority_level: None,
            series: before.and_then(|run| run.series),
            series_date: before.and_then(|run| run.series_date),
            by_hand: true,
            state: RunState::Planned,
            departed_at: None,
            created_at: before.map_or(now, |run| run.created_at),
            updated_at: now,
        };
        run.set_duty(duty);
        if let Some(before) = before.filter(|before| !run.foretells_otherwise(before)) {
            run.readiness = before.readiness.clone();
        }
        run
    }

    async fn keep_all(
        &self,
        tx: &mut dyn DispatchTx,
        scope: &Scope,
        planned: &[Planned],
    ) -> Result<(), DispatchError> {
        let runs: Vec<Run> = planned.iter().map(|planned| planned.run.clone()).collect();
        tx.roster().runs_put(&runs).await?;
        let (mut events, mut entries) = (Vec::new(), Vec::new());
        for Planned { run, before, .. } in planned {
            let (name, verb) = match before {
                None => (event::RUN_CREATED, AuditVerb::Create),
                Some(_) => (event::RUN_CHANGED, AuditVerb::Update),
            };
            events.push(self.stamp().run(name, run));
            let entry = self.audit(scope, verb, RUN, run.id).after(run);
            entries.push(before.iter().fold(entry, kernel::AuditEntry::before));
        }
        tx.outbox().append_all(events).await?;
        tx.audit().record_all(entries).await?;
        Ok(())
    }
}

/// Leaves out rows that name a run again.
fn once_each(drafts: Vec<Draft>, errors: &mut Vec<RowError>) -> Vec<Draft> {
    let mut seen: BTreeMap<RunKey, usize> = BTreeMap::new();
    let mut once = Vec::with_capacity(drafts.len());
    for draft in drafts {
        let key = (draft.depot, draft.service_date, draft.block.clone());
        match seen.get(&key) {
            Some(first) => {
                let detail = format!("row {first} names the same depot, service date and block");
                errors.push(RowError::new(draft.row, Some("block"), "duplicate_row", detail));
            }
            None => {
                seen.insert(key, draft.row);
                once.push(draft);
            }
        }
    }
    once
}

/// Holds the vehicles of all rows and notes which of them cannot run what they are given, or are on
/// another run then, of the file or of the store.
async fn check_vehicles(
    tx: &mut dyn DispatchTx,
    scope: &Scope,
    planned: &[Planned],
    errors: &mut Vec<RowError>,
) -> Result<(), StoreError> {
    let ids: BTreeSet<VehicleId> = planned.iter().filter_map(|planned| planned.run.vehicle).collect();
    let ids: Vec<VehicleId> = ids.into_iter().collect();
    let held = tx.roster().vehicles_hold(scope.organisation(), &ids).await?;
    let held: BTreeMap<VehicleId, Vehicle> = held.into_iter().map(|vehicle| (vehicle.id, vehicle)).collect();
    for planned in planned {
        let mut invalid = Invalid::default();
        match planned.run.vehicle.map(|id| held.get(&id)) {
            Some(Some(vehicle)) => check_vehicle(&planned.run, vehicle, &mut invalid),
            Some(None) => invalid.push("/vehicle_id", "unknown_vehicle", "no such vehicle"),
            None => {}
        }
        errors.extend(invalid.errors.iter().map(|error| RowError::of_field(planned.row, error)));
    }
    let (Some(from), Some(to)) = (
        planned.iter().map(|planned| planned.run.departure_at).min(),
        planned.iter().map(|planned| planned.run.arrival_at).max(),
    ) else {
        return Ok(());
    };
    let replaced: BTreeSet<RunId> = planned.iter().map(|planned| planned.run.id).collect();
    let mut stored = tx.roster().runs_of_vehicles(scope.organisation(), &ids, from, to).await?;
    stored.retain(|run| !replaced.contains(&run.id));
    let of_file = planned.iter().map(|planned| (&planned.run, Some(planned.row)));
    let mut all: Vec<_> = of_file.chain(stored.iter().map(|run| (run, None))).collect();
    all.sort_by_key(|(run, row)| (run.vehicle, run.departure_at, *row));
    let mut latest: Option<(&Run, Option<usize>)> = None;
    for (run, row) in all.into_iter().filter(|(run, _)| run.vehicle.is_some()) {
        let same = latest.filter(|(other, _)| other.vehicle == run.vehicle);
        if let Some((other, other_row)) = same.filter(|(other, _)| other.overlaps(run)) {
            // The later row is to blame; a run of the store never is.
            let blamed = match (other_row, row) {
                (Some(one), Some(two)) if one > two => Some((one, run, row)),
                (_, Some(two)) => Some((two, other, other_row)),
                (Some(one), None) => Some((one, run, row)),
                (None, None) => None,
            };
            if let Some((blamed, with, with_row)) = blamed {
                let what = with_row.map_or_else(|| format!("run {}", with.id), |row| format!("row {row}"));
                let detail = format!("the vehicle is on another run then: {what} (block {})", with.block);
                errors.push(RowError::new(blamed, Some("vehicle"), "run_overlap", detail));
            }
        }
        if same.is_none_or(|(other, _)| other.arrival_at < run.arrival_at) {
            latest = Some((run, row));
        }
    }
    Ok(())
}
