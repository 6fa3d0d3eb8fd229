//! What callers may ask for.

use chrono::NaiveDate;
use kernel::{Change, DepotId, PriorityLevel, Soc, Timestamp, VehicleId, Wh};

use crate::{
    model::{Duty, Run},
    series::{Recurrence, RunSeries},
};

/// A new run. Ranges: at most 72 hours; up to 5,000 km and 2,000 kWh, both above 0.
#[derive(Clone, Debug)]
pub struct CreateRun {
    pub depot: DepotId,
    /// The day of the departure by the depot's calendar, unless told.
    pub service_date: Option<NaiveDate>,
    pub block: String,
    pub departure_at: Timestamp,
    pub arrival_at: Timestamp,
    pub duty: Duty,
}

/// A merge patch of a run.
#[derive(Clone, Debug, Default)]
pub struct ChangeRun {
    pub depot: Option<DepotId>,
    pub service_date: Option<NaiveDate>,
    pub block: Option<String>,
    pub departure_at: Option<Timestamp>,
    pub arrival_at: Option<Timestamp>,
    pub duty: ChangeDuty,
}

/// A merge patch of a duty.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ChangeDuty {
    pub distance_m: Change<i64>,
    pub energy_required: Change<Wh>,
    pub required_soc: Change<Soc>,
    pub minimum_soc: Option<Soc>,
    pub vehicle: Change<VehicleId>,
    pub vehicle_class: Change<String>,
    pub priority_level: Change<PriorityLevel>,
}

/// A new series. Its runs are as [`CreateRun`] says.
#[derive(Clone, Debug)]
pub struct CreateSeries {
    pub depot: DepotId,
    pub block: String,
    pub recurrence: Recurrence,
    pub duty: Duty,
}

/// A merge patch of a series. Its depot is its identity and does not change.
#[derive(Clone, Debug, Default)]
pub struct ChangeSeries {
    pub block: Option<String>,
    pub recurrence: ChangeRecurrence,
    pub duty: ChangeDuty,
}

#[derive(Clone, Debug, Default)]
pub struct ChangeRecurrence {
    pub weekdays: Option<kernel::Weekdays>,
    pub departure: Option<kernel::TimeOfDay>,
    pub length: Option<crate::series::Length>,
    pub from: Option<NaiveDate>,
    pub until: Change<NaiveDate>,
    /// All of them, instead of those before.
    pub except: Option<std::collections::BTreeSet<NaiveDate>>,
}

impl ChangeRun {
    /// Whether it leaves all as it is but for the arrival.
    pub(crate) fn only_arrival(&self) -> bool {
        let Self { depot, service_date, block, departure_at, arrival_at: _, duty } = self;
        depot.is_none()
            && service_date.is_none()
            && block.is_none()
            && departure_at.is_none()
            && *duty == ChangeDuty::default()
    }

    /// Applies the patch; the result still has to be checked.
    pub(crate) fn apply(self, run: &mut Run) {
        set(&mut run.depot, self.depot);
        set(&mut run.service_date, self.service_date);
        set(&mut run.block, self.block);
        set(&mut run.departure_at, self.departure_at);
        set(&mut run.arrival_at, self.arrival_at);
        let mut duty = run.duty();
        self.duty.apply(&mut duty);
        run.set_duty(duty);
    }
}

impl ChangeDuty {
    pub(crate) fn apply(self, duty: &mut Duty) {
        self.distance_m.apply(&mut duty.distance_m);
        self.energy_required.apply(&mut duty.energy_required);
        self.required_soc.apply(&mut duty.required_soc);
        set(&mut duty.minimum_soc, self.minimum_soc);
        self.vehicle.apply(&mut duty.vehicle);
        self.vehicle_class.apply(&mut duty.vehicle_class);
        self.priority_level.apply(&mut duty.priority_level);
    }
}

impl ChangeSeries {
    /// Applies the patch; the result still has to be checked.
    pub(crate) fn apply(self, series: &mut RunSeries) {
        set(&mut series.block, self.block);
        let (change, recurrence) = (self.recurrence, &mut series.recurrence);
        set(&mut recurrence.weekdays, change.weekdays);
        set(&mut recurrence.departure, change.departure);
        set(&mut recurrence.length, change.length);
        set(&mut recurrence.from, change.from);
        change.until.apply(&mut recurrence.until);
        set(&mut recurrence.except, change.except);
        self.duty.apply(&mut series.duty);
    }
}

fn set<T>(field: &mut T, value: Option<T>) {
    if let Some(value) = value {
        *field = value;
    }
}
