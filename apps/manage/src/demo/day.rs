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
        report(services, scope, vehicle, spec, now).await?;
        for shift in &spec.shifts {
            recur(services, scope, depot, vehicle, index, spec, *shift, now).await?;
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
    vehicle.shifts.iter().any(|shift| {
        let away = minutes(shift.leaves, shift.returns);
        minutes(shift.leaves, fleet.begins_at) < away
    })
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

/// What the vehicle's telematics say at the beginning: AC chargers never learn it.
async fn report(
    services: &Services,
    scope: &Scope,
    vehicle: VehicleId,
    spec: &VehicleSpec,
    now: Timestamp,
) -> anyhow::Result<()> {
    let soc = Soc::from_percent((spec.vehicle.soc * 100.0).clamp(0.0, 100.0)).unwrap_or_default();
    let told = ReportSoc { soc, source: SocSource::Telematics, at: Some(now) };
    services.vehicles.soc_report(scope, vehicle, told).await?;
    Ok(())
}

/// Its daily duty.
#[expect(clippy::too_many_arguments, reason = "whose duty, where, and since when")]
async fn recur(
    services: &Services,
    scope: &Scope,
    depot: DepotId,
    vehicle: VehicleId,
    index: usize,
    spec: &VehicleSpec,
    shift: Shift,
    now: Timestamp,
) -> anyhow::Result<()> {
    let takes = spec.vehicle.battery_wh * shift.uses * CAUTION;
    let command = CreateSeries {
        depot,
        block: format!("B-{:03}", index + 1),
        recurrence: Recurrence {
            weekdays: Weekdays::ALL,
            departure: TimeOfDay::at(shift.leaves / 60, shift.leaves % 60),
            length: Length::Minutes(minutes(shift.leaves, shift.returns)),
            from: now.with_timezone(&ZONE).date_naive(),
            until: None,
            except: std::collections::BTreeSet::new(),
        },
        duty: Duty {
            energy_required: Some(Wh(watts(takes).get())),
            minimum_soc: Soc::from_percent(LEAST_SOC).unwrap_or_default(),
            vehicle: Some(vehicle),
            ..Duty::default()
        },
    };
    taken(services.dispatch.series_create(scope, command).await)
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
    taken(services.dispatch.run_create(scope, command).await)
}

/// What is there already stays as it is.
fn taken<T>(made: Result<T, DispatchError>) -> anyhow::Result<()> {
    use kernel::{Fault, FaultClass};

    match made {
        Ok(_) => Ok(()),
        Err(error) if matches!(error.class(), FaultClass::Conflict { .. }) => Ok(()),
        Err(error) => Err(error.into()),
    }
}
