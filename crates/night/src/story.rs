//! The night itself, minute by minute.

use chrono::TimeDelta;
use kernel::{Clock, Timestamp};
use serde_json::{Value, json};

use crate::{
    first_come,
    scene::{CELLS_KW, Scene},
    score::{Score, Tally},
    stage::{Stage, tag},
    yard::Charging,
};

/// Who shares out the power.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rule {
    /// The plan, and the control that follows it.
    Planned,
    /// The control, everybody alike.
    EqualShare,
    /// Whoever came first gets what it can take, within the circuits; not the product's control.
    FirstCome,
}

impl Rule {
    pub fn name(self) -> &'static str {
        match self {
            Self::Planned => "scheduled",
            Self::EqualShare => "equal_share",
            Self::FirstCome => "first come",
        }
    }
}

/// Between two looks of the control while orders are on their way.
const SOON: TimeDelta = TimeDelta::seconds(5);
const MINUTE: TimeDelta = TimeDelta::minutes(1);
/// Looks of the control in a minute, and in one that begins with a new plan.
const LOOKS: usize = 2;
const LOOKS_AFTER_NEWS: usize = 10;

/// What a vehicle does now.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Stay {
    Out,
    In { transaction: i64 },
    Gone,
}

/// Plays a night from the afternoon to the morning.
///
/// # Errors
/// Where the product refuses anything: nothing of it should be.
pub async fn play(scene: &Scene, rule: Rule) -> anyhow::Result<Score> {
    let strategy = if rule == Rule::Planned { "scheduled" } else { "equal_share" };
    let mut stage = Stage::set(scene, strategy).await?;
    leave_for_the_day(&stage, scene).await?;
    stage.clock.set(scene.begins_at);
    stage.connect().await?;
    let fence = stage.fence().await?;
    let mut stays = vec![Stay::Out; scene.duties.len()];
    let mut order = Vec::new();
    let mut tally = Tally::new(scene);
    while stage.clock.now() < scene.ends_at {
        let now = stage.clock.now();
        let leaves = |(place, stay): (usize, &Stay)| {
            matches!(stay, Stay::In { .. }) && scene.duties[place].departs_at <= now
        };
        if rule == Rule::Planned && stays.iter().enumerate().any(leaves) {
            // Runs are judged once more before they leave.
            stage.plan(&fence).await?;
        }
        let mut moved = false;
        for (place, stay) in stays.iter_mut().enumerate() {
            let duty = &scene.duties[place];
            match *stay {
                Stay::Out if duty.arrives_at <= now => {
                    *stay = Stay::In { transaction: plug_in(&mut stage, scene, place).await? };
                    order.push(place);
                }
                Stay::In { transaction } if duty.departs_at <= now => {
                    let thought = stage.depart(place).await?;
                    tally.departed(place, unplug(&mut stage, place, transaction).await?, &thought);
                    order.retain(|other| *other != place);
                    *stay = Stay::Gone;
                }
                _ => continue,
            }
            moved = true;
        }
        let slot_begins = now.timestamp().rem_euclid(900) == 0;
        if rule == Rule::Planned && (moved || slot_begins) {
            stage.plan(&fence).await?;
        }
        let mut left = MINUTE;
        let looks = if moved || slot_begins { LOOKS_AFTER_NEWS } else { LOOKS };
        for _ in 0..looks {
            match rule {
                Rule::FirstCome => first_come::share(scene, &stage.yard, &order),
                Rule::Planned | Rule::EqualShare => _ = stage.control(&fence).await?,
            }
            stage.deliver().await?;
            pass(&stage, SOON, &mut tally);
            left -= SOON;
        }
        pass(&stage, left, &mut tally);
        report(&mut stage, &stays).await?;
    }
    Ok(tally.score(rule.name()))
}

fn pass(stage: &Stage, time: TimeDelta, tally: &mut Tally) {
    let from = stage.clock.now();
    let drawn = stage.yard.pass(time);
    tally.drawn(from, time, &drawn);
    stage.clock.advance(time);
}

/// The runs of the day depart, so that the depot expects their vehicles back.
async fn leave_for_the_day(stage: &Stage, scene: &Scene) -> anyhow::Result<()> {
    let runs = stage.api().get(&format!("/dispatch/runs?depot_id={}&limit=500", stage.depot)).await?;
    let left_at = scene.duties.iter().map(|duty| duty.left_at).max().unwrap_or(scene.begins_at);
    stage.clock.set(left_at);
    for run in runs["items"].as_array().into_iter().flatten() {
        let departs: Timestamp = serde_json::from_value(run["departure_at"].clone())?;
        if departs <= left_at {
            let id = run["id"].as_str().unwrap_or_default();
            stage.api().post(&format!("/dispatch/runs/{id}/depart"), json!({})).await?;
        }
    }
    Ok(())
}

async fn plug_in(stage: &mut Stage, scene: &Scene, place: usize) -> anyhow::Result<i64> {
    let duty = &scene.duties[place];
    let register = {
        let mut places = stage.yard.places();
        let soc = duty.arrives_with.to_percent() / 100.0;
        places[place].battery =
            Some(Charging { kwh: duty.battery_kwh, max_kw: duty.max_kw, cells_kw: CELLS_KW, soc });
        places[place].register_wh.round()
    };
    let soc = json!({"percent": duty.arrives_with.to_percent(), "source": "telematics"});
    stage.api().post(&format!("/vehicles/{}/soc", stage.vehicles[place]), soc).await?;
    let start = json!({"connectorId": 1, "idTag": tag(place), "meterStart": register, "timestamp": stage.clock.now()});
    let answers = stage.call(vec![(place, "StartTransaction", start), status(place, "Charging")]).await?;
    Ok(answers[0]["transactionId"].as_i64().unwrap_or_default())
}

/// Takes the vehicle away and tells its state of charge, from 0 to 1.
async fn unplug(stage: &mut Stage, place: usize, transaction: i64) -> anyhow::Result<f64> {
    let (register, battery) = {
        let mut places = stage.yard.places();
        (places[place].register_wh.round(), places[place].battery.take())
    };
    let stop = json!({"transactionId": transaction, "meterStop": register, "timestamp": stage.clock.now()});
    let soc = battery.map_or(0.0, |battery| battery.soc);
    stage.call(vec![(place, "StopTransaction", stop), status(place, "Available")]).await?;
    let told = json!({"percent": percent(soc), "source": "telematics"});
    stage.api().post(&format!("/vehicles/{}/soc", stage.vehicles[place]), told).await?;
    Ok(soc)
}

/// Meters tell what is drawn, and DC chargers the state of charge; on AC nobody tells it.
async fn report(stage: &mut Stage, stays: &[Stay]) -> anyhow::Result<()> {
    let now = stage.clock.now();
    let places = stage.yard.places().clone();
    let mut calls = Vec::new();
    for (place, stay) in stays.iter().enumerate() {
        let (Stay::In { transaction }, Some(battery)) = (stay, places[place].battery) else { continue };
        let sample = |measurand: &str, value: f64, unit: &str| json!({"measurand": measurand, "value": value.to_string(), "unit": unit});
        let mut values = vec![
            sample("Energy.Active.Import.Register", places[place].register_wh.round(), "Wh"),
            sample("Power.Active.Import", (places[place].draws_kw() * 1_000.0).round(), "W"),
        ];
        if places[place].dc {
            values.push(sample("SoC", percent(battery.soc), "Percent"));
        }
        let meter = json!({"connectorId": 1, "transactionId": transaction,
                           "meterValue": [{"timestamp": now, "sampledValue": values}]});
        calls.push((place, "MeterValues", meter));
    }
    stage.call(calls).await?;
    stage.sum_up().await
}

fn status(place: usize, status: &str) -> (usize, &'static str, Value) {
    (place, "StatusNotification", json!({"connectorId": 1, "status": status, "errorCode": "NoError"}))
}

/// As vehicles tell it: hundredths of a percent, never more than there is.
fn percent(soc: f64) -> f64 {
    (soc * 10_000.0).floor() / 100.0
}
