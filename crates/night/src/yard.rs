//! Chargers that do as they are told, and batteries that fill.

use std::{
    collections::BTreeMap,
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use async_trait::async_trait;
use chrono::TimeDelta;
use connect_router::{ChargerLink, LinkError};
use kernel::ChargePointId;
use serde_json::{Value, json};

use crate::scene::{Scene, keeps};

/// Volts between a phase and neutral.
const VOLTS: f64 = 230.0;
/// From this state of charge on, batteries take less: a straight line down to a fifth when full.
const TAPERS_FROM: f64 = 0.8;
const LEFT_WHEN_FULL: f64 = 0.2;

/// All charging places.
pub(crate) struct Yard {
    places: Mutex<Vec<Place>>,
    by_charger: BTreeMap<ChargePointId, usize>,
}

#[derive(Clone, Debug)]
pub(crate) struct Place {
    pub(crate) dc: bool,
    pub(crate) charger_kw: f64,
    pub(crate) min_kw: f64,
    /// What it was told last; a charger that was told nothing gives what it can.
    pub(crate) limit_kw: f64,
    pub(crate) battery: Option<Charging>,
    /// Its meter, in watt-hours.
    pub(crate) register_wh: f64,
}

/// A battery at a charger.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Charging {
    pub(crate) kwh: f64,
    /// What it takes by its cable.
    pub(crate) max_kw: f64,
    /// What its cells take while they are not nearly full.
    pub(crate) cells_kw: f64,
    /// From 0 to 1.
    pub(crate) soc: f64,
}

impl Place {
    /// What it draws now, in kilowatts.
    pub(crate) fn draws_kw(&self) -> f64 {
        let Some(battery) = self.battery else { return 0.0 };
        let takes = battery.max_kw.min(battery.cells_kw * tapered(battery.soc));
        let most = self.charger_kw.min(self.limit_kw).min(takes);
        if most < self.min_kw.min(self.limit_kw.max(0.1)) || battery.soc >= 1.0 { 0.0 } else { most }
    }
}

/// The share of its power that a battery takes at a state of charge.
pub(crate) fn tapered(soc: f64) -> f64 {
    let way = (soc - TAPERS_FROM).max(0.0) / (1.0 - TAPERS_FROM);
    1.0 - way * (1.0 - LEFT_WHEN_FULL)
}

impl Yard {
    pub(crate) fn new(scene: &Scene, chargers: &[ChargePointId]) -> Self {
        let place = |charger: &crate::scene::Charger| Place {
            dc: charger.dc,
            charger_kw: charger.max_kw,
            min_kw: charger.min_kw,
            limit_kw: charger.max_kw,
            battery: None,
            register_wh: 0.0,
        };
        let places = Mutex::new(scene.chargers.iter().map(place).collect());
        Self { places, by_charger: chargers.iter().copied().zip(0..).collect() }
    }

    pub(crate) fn places(&self) -> MutexGuard<'_, Vec<Place>> {
        self.places.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Lets time pass. Returns the energy that was drawn by each place, in kilowatt-hours.
    pub(crate) fn pass(&self, time: TimeDelta) -> Vec<f64> {
        let hours = time.as_seconds_f64() / 3_600.0;
        let mut drawn = Vec::new();
        for place in self.places().iter_mut() {
            let kwh = place.draws_kw() * hours;
            place.register_wh += kwh * 1_000.0;
            let kept = kwh * keeps(place.dc);
            if let Some(battery) = &mut place.battery {
                battery.soc = (battery.soc + kept / battery.kwh).min(1.0);
            }
            drawn.push(kwh);
        }
        drawn
    }
}

#[async_trait]
impl ChargerLink for Yard {
    async fn call(
        &self,
        charge_point: ChargePointId,
        action: &str,
        payload: Value,
        _timeout: Duration,
    ) -> Result<Value, LinkError> {
        let index = self.by_charger.get(&charge_point).copied().ok_or(LinkError::Unreachable)?;
        match action {
            "SetChargingProfile" => {
                let limit = limit_kw(&payload["csChargingProfiles"]["chargingSchedule"]);
                let mut places = self.places();
                let place = places.get_mut(index).ok_or(LinkError::Unreachable)?;
                place.limit_kw = limit.unwrap_or(place.charger_kw);
                Ok(json!({"status": if limit.is_some() { "Accepted" } else { "Rejected" }}))
            }
            "GetConfiguration" => Ok(json!({"configurationKey": [], "unknownKey": []})),
            _ => Ok(json!({"status": "Accepted"})),
        }
    }
}

/// The limit of a schedule of one period, in kilowatts.
fn limit_kw(schedule: &Value) -> Option<f64> {
    let period = &schedule["chargingSchedulePeriod"][0];
    let limit = period["limit"].as_f64()?;
    let phases = period["numberPhases"].as_f64().unwrap_or(3.0);
    match schedule["chargingRateUnit"].as_str()? {
        "A" => Some(limit * VOLTS * phases / 1_000.0),
        "W" => Some(limit / 1_000.0),
        _ => None,
    }
}
