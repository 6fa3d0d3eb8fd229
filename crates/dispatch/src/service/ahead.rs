//! Runs made ahead: those of every series, for the days to come. Making them again changes nothing.

use std::{collections::BTreeMap, sync::Arc};

use chrono::{Days, NaiveDate, TimeDelta};
use depot::TimeZone;
use kernel::{
    AuditEntry, AuditVerb, Begin, Clock, IdSource, Invalid, OrganisationId, RunId, RunSeriesId, Scope,
    StoreError, Version,
};
use vehicle::Vehicle;

use super::{DispatchService, RUN};
use crate::{
    check::check_vehicle,
    error::DispatchError,
    event::{self, Stamp},
    model::{Run, RunKey, RunState},
    port::{DispatchTx, Fleet, RosterReader},
    readiness::Readiness,
    series::RunSeries,
};

/// Fourteen days, and one more since a day begins earlier in some zones than in others.
const AHEAD: Days = Days::new(15);
/// Series that one call looks after at most.
const AT_ONCE: u16 = 500;

/// What became of a series, or of several.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Made {
    pub created: usize,
    pub changed: usize,
    pub deleted: usize,
    /// Runs without the vehicle of their series: it is on another run then, or can no longer do it.
    pub unassigned: Vec<RunId>,
    /// Days on which another run of the depot has the block.
    pub blocked: Vec<NaiveDate>,
}

/// Makes the runs of all series ahead.
pub struct RunsAhead {
    store: Arc<dyn Begin<dyn DispatchTx>>,
    roster: Arc<dyn RosterReader>,
    fleet: Arc<dyn Fleet>,
    clock: Arc<dyn Clock>,
    ids: Arc<dyn IdSource>,
}

/// What [`RunsAhead::make`] did.
#[derive(Debug, Default)]
pub struct Ahead {
    pub series: usize,
    pub made: Made,
    /// Series whose runs could not be made; they are tried again.
    pub failed: Vec<(RunSeriesId, DispatchError)>,
}

impl RunsAhead {
    pub fn new<S>(store: Arc<S>, clock: Arc<dyn Clock>, ids: Arc<dyn IdSource>) -> Self
    where
        S: Begin<dyn DispatchTx> + RosterReader + Fleet + 'static,
    {
        Self { store: store.clone(), roster: store.clone(), fleet: store, clock, ids }
    }

    /// Makes the missing runs of up to 500 series that are behind, each in a unit of work of its own.
    ///
    /// # Errors
    /// Where it cannot be told which are behind.
    pub async fn make(&self) -> Result<Ahead, StoreError> {
        // By the last zone in which a day begins: then it has begun for every series.
        let today = (self.clock.now() - TimeDelta::hours(12)).date_naive();
        let behind = self.roster.series_behind(today - Days::new(1), today + AHEAD, AT_ONCE).await?;
        let mut ahead = Ahead::default();
        for (organisation, id) in behind {
            match self.make_one(organisation, id).await {
                Ok(made) => {
                    ahead.series += 1;
                    ahead.made.add(made);
                }
                Err(error) => ahead.failed.push((id, error)),
            }
        }
        Ok(ahead)
    }

    async fn make_one(&self, organisation: OrganisationId, id: RunSeriesId) -> Result<Made, DispatchError> {
        let Some(series) = self.roster.series_get(organisation, id).await? else {
            return Ok(Made::default());
        };
        let depot = self.fleet.depots(&organisation.into(), Some(series.depot)).await?.into_iter().next();
        let zone = depot.ok_or(DispatchError::NoSuchDepot)?.time_zone;
        let mut tx = self.store.begin().await?;
        let Some(series) = tx.series().series_find(organisation, id).await? else {
            return Ok(Made::default());
        };
        let maker = Maker { clock: &*self.clock, ids: &*self.ids };
        let made = maker.make(&mut *tx, &Scope::system(organisation), &series, zone, false).await?;
        tx.commit().await?;
        Ok(made)
    }
}

impl Made {
    fn add(&mut self, other: Self) {
        self.created += other.created;
        self.changed += other.changed;
        self.deleted += other.deleted;
        self.unassigned.extend(other.unassigned);
        self.blocked.extend(other.blocked);
    }
}

impl DispatchService {
    pub(super) fn maker(&self) -> Maker<'_> {
        Maker { clock: &*self.clock, ids: &*self.ids }
    }
}

/// Makes the runs of one series within a unit of work that has read it for change.
pub(super) struct Maker<'a> {
    clock: &'a dyn Clock,
    ids: &'a dyn IdSource,
}

/// A run that is to be stored, and what it was.
struct Draft {
    run: Run,
    before: Option<Run>,
}

impl Maker<'_> {
    pub(super) fn today(&self, zone: TimeZone) -> NaiveDate {
        self.clock.now().with_timezone(&zone.tz()).date_naive()
    }

    /// Whether a run is its series' to change: to come, and untouched.
    pub(super) fn may_change(&self, run: &Run) -> bool {
        run.state == RunState::Planned && !run.by_hand && run.departure_at > self.clock.now()
    }

    /// The run of a series on a day.
    pub(super) fn run_on(&self, series: &RunSeries, date: NaiveDate, zone: TimeZone) -> Run {
        let (departure_at, arrival_at) = series.recurrence.times(date, zone);
        let (duty, now) = (series.duty.clone(), self.clock.now());
        Run {
            id: self.ids.uuid().into(),
            organisation: series.organisation,
            version: Version::FIRST,
            depot: series.depot,
            service_date: date,
            block: series.block.clone(),
            departure_at,
            arrival_at,
            distance_m: duty.distance_m,
            energy_required: duty.energy_required,
            required_soc: duty.required_soc,
            minimum_soc: duty.minimum_soc,
            readiness: Readiness::unjudged(duty.vehicle.is_some()),
            vehicle: duty.vehicle,
            vehicle_class: duty.vehicle_class,
            priority_level: duty.priority_level,
            series: Some(series.id),
            series_date: Some(date),
            by_hand: false,
            state: RunState::Planned,
            departed_at: None,
            created_at: now,
            updated_at: now,
        }
    }

    /// Makes the runs that are missing. With `replace`, also changes those to come to what the series
    /// says now, and deletes those on days that no longer count.
    pub(super) async fn make(
        &self,
        tx: &mut dyn DispatchTx,
        scope: &Scope,
        series: &RunSeries,
        zone: TimeZone,
        replace: bool,
    ) -> Result<Made, DispatchError> {
        let (organisation, today) = (series.organisation, self.today(zone));
        let last = today + AHEAD;
        let present = tx.roster().runs_of_series(organisation, series.id, today - Days::new(1)).await?;
        let (mut drafts, mut gone) = (Vec::new(), Vec::new());
        for before in present.iter().filter(|run| replace && self.may_change(run)) {
            match before.series_date.filter(|date| series.recurrence.falls_on(*date)) {
                Some(date) => drafts.push(self.changed(series, date, zone, before)),
                None => gone.push(before.clone()),
            }
        }
        for date in series.recurrence.dates(today.max(series.recurrence.from), last) {
            let run = self.run_on(series, date, zone);
            if run.departure_at > self.clock.now() && !present.iter().any(|run| run.series_date == Some(date))
            {
                drafts.push(Draft { run, before: None });
            }
        }
        let mut made = Made { deleted: gone.len(), ..Made::default() };
        self.leave_blocked(tx, organisation, &mut drafts, &mut made).await?;
        let ids = drafts.iter().filter_map(|draft| draft.before.as_ref());
        let ours: Vec<RunId> = ids.chain(&gone).map(|run| run.id).collect();
        let unassigned = self.assign(tx, series, &mut drafts, &ours).await?;
        drafts.retain(|draft| draft.before.as_ref().is_none_or(|before| !same(before, &draft.run)));

        let runs: Vec<Run> = drafts.iter().map(|draft| draft.run.clone()).collect();
        tx.roster().runs_delete(organisation, &gone.iter().map(|run| run.id).collect::<Vec<_>>()).await?;
        tx.roster().runs_put(&runs).await?;
        tx.series().series_made(organisation, series.id, last).await?;
        self.tell(tx, scope, &drafts, &gone).await?;
        let stamp = Stamp { clock: self.clock, ids: self.ids };
        for draft in &drafts {
            made.created += usize::from(draft.before.is_none());
            made.changed += usize::from(draft.before.is_some());
            if let Some((wanted, other)) = unassigned.get(&draft.run.id) {
                made.unassigned.push(draft.run.id);
                tx.outbox().append(stamp.left_unassigned(&draft.run, *wanted, *other)).await?;
            }
        }
        Ok(made)
    }

    /// A run as the series says now.
    fn changed(&self, series: &RunSeries, date: NaiveDate, zone: TimeZone, before: &Run) -> Draft {
        let mut run = Run {
            id: before.id,
            version: before.version.next(),
            created_at: before.created_at,
            readiness: before.readiness.clone(),
            ..self.run_on(series, date, zone)
        };
        if run.foretells_otherwise(before) {
            run.readiness = Readiness::unjudged(run.vehicle.is_some());
        }
        Draft { run, before: Some(before.clone()) }
    }

    /// Leaves out what another run of the depot stands in the way of.
    async fn leave_blocked(
        &self,
        tx: &mut dyn DispatchTx,
        organisation: OrganisationId,
        drafts: &mut Vec<Draft>,
        made: &mut Made,
    ) -> Result<(), DispatchError> {
        let is_new =
            |draft: &&Draft| draft.before.as_ref().is_none_or(|before| before.key() != draft.run.key());
        let keys: Vec<RunKey> = drafts.iter().filter(is_new).map(|draft| draft.run.key()).collect();
        let taken = tx.roster().runs_by_key(organisation, &keys).await?;
        drafts.retain(|draft| {
            let blocked = taken.iter().any(|run| run.id != draft.run.id && run.key() == draft.run.key());
            if blocked {
                made.blocked.push(draft.run.service_date);
            }
            !blocked
        });
        Ok(())
    }

    /// Takes the vehicle off those that it cannot run; tells which, and what it is on. `ours` are the
    /// runs that are being replaced.
    async fn assign(
        &self,
        tx: &mut dyn DispatchTx,
        series: &RunSeries,
        drafts: &mut [Draft],
        ours: &[RunId],
    ) -> Result<BTreeMap<RunId, (kernel::VehicleId, Option<RunId>)>, DispatchError> {
        let mut unassigned = BTreeMap::new();
        let Some(id) = series.duty.vehicle else { return Ok(unassigned) };
        let (Some(from), Some(to)) = (
            drafts.iter().map(|draft| draft.run.departure_at).min(),
            drafts.iter().map(|draft| draft.run.arrival_at).max(),
        ) else {
            return Ok(unassigned);
        };
        let vehicle = tx.roster().vehicles_hold(series.organisation, &[id]).await?.into_iter().next();
        let mut busy = tx.roster().runs_of_vehicles(series.organisation, &[id], from, to).await?;
        busy.retain(|run| !ours.contains(&run.id));
        drafts.sort_by_key(|draft| draft.run.departure_at);
        for draft in drafts {
            let run = &mut draft.run;
            let other = busy.iter().find(|other| other.overlaps(run)).map(|other| other.id);
            if other.is_none() && vehicle.as_ref().is_some_and(|vehicle| can_run(run, vehicle)) {
                busy.push(run.clone());
                continue;
            }
            run.vehicle = None;
            run.readiness = Readiness::unjudged(false);
            unassigned.insert(run.id, (id, other));
        }
        Ok(unassigned)
    }

    /// Publishes and records what was done.
    async fn tell(
        &self,
        tx: &mut dyn DispatchTx,
        scope: &Scope,
        drafts: &[Draft],
        gone: &[Run],
    ) -> Result<(), StoreError> {
        let (mut events, mut entries) = (Vec::new(), Vec::new());
        let stamp = Stamp { clock: self.clock, ids: self.ids };
        let entry = |verb, run: &Run| AuditEntry::new(scope, self.clock, self.ids, verb, RUN, run.id);
        for run in gone {
            events.push(stamp.run(event::RUN_DELETED, run));
            entries.push(entry(AuditVerb::Delete, run).before(run));
        }
        for Draft { run, before } in drafts {
            match before {
                None => {
                    events.push(stamp.run(event::RUN_CREATED, run));
                    entries.push(entry(AuditVerb::Create, run).after(run));
                }
                Some(before) => {
                    events.push(stamp.run(event::RUN_CHANGED, run));
                    entries.push(entry(AuditVerb::Update, run).before(before).after(run));
                }
            }
        }
        tx.outbox().append_all(events).await?;
        tx.audit().record_all(entries).await
    }
}

fn can_run(run: &Run, vehicle: &Vehicle) -> bool {
    let mut invalid = Invalid::default();
    check_vehicle(run, vehicle, &mut invalid);
    invalid.errors.is_empty()
}

/// Whether nothing but the marks of a change differs.
fn same(before: &Run, run: &Run) -> bool {
    let marks = Run { version: before.version, updated_at: before.updated_at, ..run.clone() };
    *before == marks
}
