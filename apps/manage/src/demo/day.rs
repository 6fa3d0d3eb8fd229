//! What the demo's vehicles have to do, what electricity costs, and who comes first: whatever is
//! missing of it is made.

use anyhow::Context;
use chrono::{TimeDelta, Timelike};
use depot::{Price, PriceBand, PutTariff};
use depot_sim::{FleetSpec, Shift, VehicleSpec};
use dispatch::{CreateRun, CreateSeries, DispatchError, Duty, Length, Recurrence};
use kernel::{
    DepotId, PriorityLevel, Scope, Soc, TimeOfDay, Timestamp, VehicleId, W, WeekBand, Weekdays, Wh,
};
use priority::{Conditions, CreateRule, RuleTarget};
use runtime::Services;
use vehicle::{ReportSoc, SocSource, VehicleFilter};

use super::seed::{ZONE, everything, fleet_number, watts};

const DAY: u32 = 1_440;
/// The peak that the depot wants to keep, in part of what its connection gives.
const DEMAND_TARGET: W = W(280_000);
/// What a vehicle is to come back with.
const LEAST_SOC: f64 = 10.0;
/// Duties are said to take a little more than they do.
const CAUTION: f64 = 1.1;
/// The run that cannot be met: full within an hour.
const HASTY: &str = "EXTRA";

/// The charger, by its place in the list, whose vehicle stands there now and stays the longest.
pub(super) fn longest_stay(fleet: &FleetSpec) -> usize {
    let staying = fleet.vehicles.iter().filter(|vehicle| !is_out(fleet, vehicle));
    staying.max_by_key(|vehicle| minutes_left(fleet, vehicle)).map_or(0, |vehicle| vehicle.place.0)
}

/// Makes the tariff, the rules and the runs.
pub(super) async fn plant(
    services: &Services,
    scope: &Scope,
    depot: DepotId,
    fleet: &FleetSpec,
    now: Timestamp,
) -> anyhow::Result<()> {
    price(services, scope, depot).await?;
    rank(services, scope).await?;
    let known = services.vehicles.vehicle_list(scope, &VehicleFilter::default(), everything()).await?.items;
    let of_fleet = |index: usize| {
        let number = fleet_number(index);
        known.iter().find(|vehicle| vehicle.fleet_number == number).map(|vehicle| vehicle.id)
    };
    for (index, spec) in fleet.vehicles.iter().enumerate() {
        let vehicle = of_fleet(index).context("a vehicle of the demo")?;
        let under_way = shift_under_way(fleet, spec);
        let left_at = under_way.map(|shift| now - since_it_left(fleet, shift));
        report(services, scope, vehicle, spec, left_at.unwrap_or(now)).await?;
        if let Some((shift, left_at)) = under_way.zip(left_at) {
            send(services, scope, depot, (vehicle, index, spec), shift, left_at).await?;
        }
        for shift in &spec.shifts {
            recur(services, scope, depot, (vehicle, index, spec), *shift, now).await?;
        }
    }
    let hasty = (0..fleet.vehicles.len()).filter(|index| {
        let spec = &fleet.vehicles[*index];
        !is_out(fleet, spec) && minutes_left(fleet, spec) > 6 * 60 && spec.place.0 != longest_stay(fleet)
    });
    if let Some(vehicle) = hasty.min_by_key(|index| fleet.vehicles[*index].place).and_then(of_fleet) {
        hurry(services, scope, depot, vehicle, now).await?;
    }
    Ok(())
}

fn is_out(fleet: &FleetSpec, vehicle: &VehicleSpec) -> bool {
    shift_under_way(fleet, vehicle).is_some()
}

fn shift_under_way(fleet: &FleetSpec, vehicle: &VehicleSpec) -> Option<Shift> {
    let away = |shift: &&Shift| minutes(shift.leaves, shift.returns);
    let mut shifts = vehicle.shifts.iter();
    shifts.find(|shift| minutes(shift.leaves, fleet.begins_at) < away(shift)).copied()
}

fn since_it_left(fleet: &FleetSpec, shift: Shift) -> TimeDelta {
    TimeDelta::minutes(minutes(shift.leaves, fleet.begins_at).into())
}

/// Until it leaves next.
fn minutes_left(fleet: &FleetSpec, vehicle: &VehicleSpec) -> u32 {
    vehicle.shifts.iter().map(|shift| minutes(fleet.begins_at, shift.leaves)).min().unwrap_or(DAY)
}

/// From one minute of the day to the next time of another.
fn minutes(from: u32, to: u32) -> u32 {
    (to + DAY - from % DAY) % DAY
}

async fn price(services: &Services, scope: &Scope, depot: DepotId) -> anyhow::Result<()> {
    if services.depots.tariff_get(scope, depot).await.is_ok() {
        return Ok(());
    }
    let night = WeekBand::new(Weekdays::ALL, TimeOfDay::at(22, 0), TimeOfDay::at(6, 0));
    let night = PriceBand {
        name: Some("Night".to_owned()),
        band: night.context("a night")?,
        price: Price::parse("0.19")?,
    };
    let tariff = PutTariff {
        depot,
        currency: "EUR".to_owned(),
        base_price: Price::parse("0.31")?,
        bands: vec![night],
        demand_charge: Some(Price::parse("9.50")?),
        demand_target: Some(DEMAND_TARGET),
        may_break_demand_target: true,
    };
    services.depots.tariff_put(scope, None, tariff).await?;
    Ok(())
}

async fn rank(services: &Services, scope: &Scope) -> anyhow::Result<()> {
    if !services.priorities.rule_list(scope).await?.is_empty() {
        return Ok(());
    }
    let soon = Conditions { minutes_to_departure_below: Some(120), ..Conditions::default() };
    let empty = Conditions { soc_below: Soc::from_percent(20.0), ..Conditions::default() };
    for (name, conditions, level) in [("Leaves within two hours", soon, 2), ("Below 20 %", empty, 3)] {
        let command = CreateRule {
            position: None,
            name: name.to_owned(),
            enabled: true,
            target: RuleTarget::Everybody,
            conditions,
            level: PriorityLevel::new(level).unwrap_or_default(),
        };
        services.priorities.rule_create(scope, command).await?;
    }
    Ok(())
}

/// What the vehicle's telematics say, now or when it left: AC chargers never learn it.
async fn report(
    services: &Services,
    scope: &Scope,
    vehicle: VehicleId,
    spec: &VehicleSpec,
    at: Timestamp,
) -> anyhow::Result<()> {
    let soc = Soc::from_percent((spec.vehicle.soc * 100.0).clamp(0.0, 100.0)).unwrap_or_default();
    let told = ReportSoc { soc, source: SocSource::Telematics, at: Some(at) };
    services.vehicles.soc_report(scope, vehicle, told).await?;
    Ok(())
}

/// Its daily duty.
async fn recur(
    services: &Services,
    scope: &Scope,
    depot: DepotId,
    (vehicle, index, spec): (VehicleId, usize, &VehicleSpec),
    shift: Shift,
    now: Timestamp,
) -> anyhow::Result<()> {
    let command = CreateSeries {
        depot,
        block: block(index),
        recurrence: Recurrence {
            weekdays: Weekdays::ALL,
            departure: TimeOfDay::at(shift.leaves / 60, shift.leaves % 60),
            length: Length::Minutes(minutes(shift.leaves, shift.returns)),
            from: now.with_timezone(&ZONE).date_naive(),
            until: None,
            except: std::collections::BTreeSet::new(),
        },
        duty: duty(vehicle, spec, shift),
    };
    taken(services.dispatch.series_create(scope, command).await)?;
    Ok(())
}

/// The run that it is out on when the demo begins: the depot expects it back.
async fn send(
    services: &Services,
    scope: &Scope,
    depot: DepotId,
    (vehicle, index, spec): (VehicleId, usize, &VehicleSpec),
    shift: Shift,
    left_at: Timestamp,
) -> anyhow::Result<()> {
    let length = minutes(shift.leaves, shift.returns);
    let command = CreateRun {
        depot,
        service_date: None,
        block: block(index),
        departure_at: left_at,
        arrival_at: left_at + TimeDelta::minutes(length.into()),
        duty: duty(vehicle, spec, shift),
    };
    if let Some(run) = taken(services.dispatch.run_create(scope, command).await)? {
        services.dispatch.run_depart(scope, run.id, Some(left_at)).await?;
    }
    Ok(())
}

fn block(index: usize) -> String {
    format!("B-{:03}", index + 1)
}

fn duty(vehicle: VehicleId, spec: &VehicleSpec, shift: Shift) -> Duty {
    Duty {
        energy_required: Some(Wh(watts(spec.vehicle.battery_wh * shift.uses * CAUTION).get())),
        minimum_soc: Soc::from_percent(LEAST_SOC).unwrap_or_default(),
        vehicle: Some(vehicle),
        ..Duty::default()
    }
}

/// A run that this vehicle cannot be ready for: somebody has to send another one.
async fn hurry(
    services: &Services,
    scope: &Scope,
    depot: DepotId,
    vehicle: VehicleId,
    now: Timestamp,
) -> anyhow::Result<()> {
    let departure = now + TimeDelta::minutes(60);
    let local = departure.with_timezone(&ZONE);
    let command = CreateRun {
        depot,
        service_date: None,
        block: format!("{HASTY}-{:02}{:02}", local.hour(), local.minute()),
        departure_at: departure,
        arrival_at: departure + TimeDelta::hours(2),
        duty: Duty {
            required_soc: Some(Soc::FULL),
            vehicle: Some(vehicle),
            priority_level: Some(PriorityLevel::MOST),
            ..Duty::default()
        },
    };
    taken(services.dispatch.run_create(scope, command).await)?;
    Ok(())
}

/// What is there already stays as it is.
fn taken<T>(made: Result<T, DispatchError>) -> anyhow::Result<Option<T>> {
    use kernel::{Fault, FaultClass};

    match made {
        Ok(made) => Ok(Some(made)),
        Err(error) if matches!(error.class(), FaultClass::Conflict { .. }) => Ok(None),
        Err(error) => Err(error.into()),
    }
}
