//! Published problems (20 chargers, an afternoon and a night, an hourly tariff with a demand
//! charge) against optima that a linear program found, checked again from their own JSON.

use charging::plan::{PlanJsonError, Settings, plan_json, plan_json_with};
use proptest::prelude::*;
use serde_json::{Value, json};

const FEASIBLE: &str = include_str!("samples/n20-s1-feasible.json");
const TIGHT: &str = include_str!("samples/n20-s1-tight.json");
const INFEASIBLE: &str = include_str!("samples/n20-s1-infeasible.json");

/// Instance, and what the linear program found: unmet kWh and cost.
const OPTIMA: [(&str, f64, f64); 3] =
    [(FEASIBLE, 0.0, 288.543_412), (TIGHT, 0.0, 297.184_702), (INFEASIBLE, 692.358, 275.927_940)];

#[test]
fn published_problems_are_planned_as_well_as_a_linear_program_does() {
    for (instance, unmet, cost) in OPTIMA {
        let exact = plan_json_with(instance, Settings { merge_slivers: false }).unwrap();
        let merged = plan_json(instance).unwrap();
        for (plan, dearer) in [(exact, 1e-5), (merged, 0.02)] {
            let plan: Value = serde_json::from_str(&plan).unwrap();
            let instance: Value = serde_json::from_str(instance).unwrap();
            check_power(&instance, &plan);
            let figure = |name: &str| plan["figures"][name].as_f64().unwrap();
            assert!((figure("unmet_kwh") - unmet).abs() < 0.01, "{}", plan["figures"]);
            let total = figure("energy_cost") + figure("demand_cost");
            assert!((1.0 - 1e-5..=1.0 + dearer).contains(&(total / cost)), "{total} instead of {cost}");
        }
    }
}

#[test]
fn whoever_gets_too_little_is_told_why() {
    let plan: Value = serde_json::from_str(&plan_json(INFEASIBLE).unwrap()).unwrap();
    let unmet = plan["unmet"].as_array().unwrap();
    let lacking = |field: &str| unmet.iter().map(|unmet| unmet[field].as_f64().unwrap()).sum::<f64>();
    assert!((lacking("unmet_kwh") - 692.358).abs() < 0.01);
    // The first vehicle asks for more than it can take, whatever the grid.
    assert!(lacking("beyond_power_kwh") > 1.0);
    for unmet in unmet {
        let full = unmet["circuits"].as_array().unwrap();
        assert_eq!(unmet["reason"], "circuit_limit");
        assert!(!full.is_empty(), "{unmet}");
        assert!(full.iter().all(|full| full["slots"].as_array().is_some_and(|slots| !slots.is_empty())));
    }
}

#[test]
fn a_vehicle_is_warmed_up_beside_being_charged() {
    let mut instance: Value = serde_json::from_str(FEASIBLE).unwrap();
    let vehicle = &mut instance["vehicles"][0];
    let (id, departure) = (vehicle["id"].clone(), vehicle["departure_slot"].as_u64().unwrap());
    vehicle["precondition"] = json!({"kw": 3, "slots": 2});
    let wanted = vehicle["energy_kwh"].as_f64().unwrap() + 3.0 * 0.5;
    let plan: Value = serde_json::from_str(&plan_json(&instance.to_string()).unwrap()).unwrap();
    let power: Vec<f64> = numbers(&plan["power_kw"][id.as_str().unwrap()]);
    assert!((power.iter().sum::<f64>() * 0.25 - wanted).abs() < 0.001);
    let last = usize::try_from(departure).unwrap();
    assert!(power[last - 2..last].iter().all(|power| *power >= 3.0), "{power:?}");
    check_power(&instance, &plan);
}

#[test]
fn a_target_gives_way_where_it_may_and_says_what_that_costs() {
    let mut instance: Value = serde_json::from_str(TIGHT).unwrap();
    instance["tariff"]["demand_target_kw"] = json!(120);
    let planned = |instance: &Value| -> Value {
        serde_json::from_str(&plan_json(&instance.to_string()).unwrap()).unwrap()
    };
    let kept = planned(&instance);
    assert!(kept["figures"]["peak_kw"].as_f64().unwrap() <= 120.0);
    assert_eq!(kept["demand_target"], json!({"target_kw": 120.0, "excess_kw": 0.0, "excess_cost": 0.0}));
    let unmet = kept["unmet"].as_array().unwrap();
    assert!(!unmet.is_empty() && unmet.iter().any(|unmet| unmet["reason"] == "demand_target"), "{unmet:?}");

    instance["tariff"]["may_break_demand_target"] = json!(true);
    let broken = planned(&instance);
    assert_eq!(broken["unmet"], json!([]));
    let excess = broken["demand_target"]["excess_kw"].as_f64().unwrap();
    let cost = broken["demand_target"]["excess_cost"].as_f64().unwrap();
    let charge = instance["tariff"]["demand_eur_per_kw"].as_f64().unwrap();
    assert!(excess > 0.0 && (cost - excess * charge).abs() < 0.001, "{}", broken["demand_target"]);
    check_power(&instance, &broken);
}

#[test]
fn a_battery_is_not_filled_beyond_full() {
    let mut instance: Value = serde_json::from_str(FEASIBLE).unwrap();
    let vehicle = &mut instance["vehicles"][3];
    let (id, wanted) = (vehicle["id"].clone(), vehicle["energy_kwh"].as_f64().unwrap());
    vehicle["energy_max_kwh"] = json!(wanted - 1.0);
    let plan: Value = serde_json::from_str(&plan_json(&instance.to_string()).unwrap()).unwrap();
    let unmet = plan["unmet"].as_array().unwrap();
    let [only] = &**unmet else { panic!("{unmet:?}") };
    assert_eq!((&only["vehicle"], &only["reason"]), (&id, &json!("battery_full")));
    assert!((only["unmet_kwh"].as_f64().unwrap() - 1.0).abs() < 1e-6);
}

#[test]
fn everything_that_cannot_be_is_told_with_its_place() {
    let instance = json!({
        "format": "something", "name": "x", "slots": 2, "slot_minutes": 0,
        "tariff": {"energy_eur_per_kwh": [0.1], "demand_eur_per_kw": -1},
        "circuits": [
            {"id": "site", "parent": null, "limit_kw": -1},
            {"id": "site", "parent": "nowhere", "limit_kw": 1, "limit_profile_kw": [1, 2, 3]},
            {"id": "loop", "parent": "loop", "limit_kw": 1},
        ],
        "chargers": [{"id": "c", "circuit": "nowhere", "max_kw": 1e9, "min_kw": 0}],
        "vehicles": [
            {"id": "a", "charger": "c", "arrival_slot": 0, "departure_slot": 2, "energy_kwh": 1,
             "max_kw": 11, "tier": 1, "curve": [{"soc": 2, "max_kw": 1}]},
            {"id": "b", "charger": "c", "arrival_slot": 1, "departure_slot": 1, "energy_kwh": -1,
             "max_kw": 11, "tier": 0},
        ],
        "base_load": [{"circuit": "nowhere", "kw": [1]}],
    });
    let error = plan_json(&instance.to_string()).unwrap_err();
    let PlanJsonError::Invalid(invalid) = error else { panic!("{error}") };
    let mut told: Vec<_> = invalid.errors.iter().map(|error| (&*error.pointer, error.code)).collect();
    told.sort_unstable();
    let expected = [
        ("/base_load/0/circuit", "unknown_circuit"),
        ("/base_load/0/kw", "wrong_length"),
        ("/chargers/0/circuit", "unknown_circuit"),
        ("/chargers/0/max_kw", "out_of_range"),
        ("/circuits/0/limit_kw", "out_of_range"),
        ("/circuits/1/id", "duplicate"),
        ("/circuits/1/limit_profile_kw", "wrong_length"),
        ("/circuits/1/parent", "unknown_circuit"),
        ("/format", "unknown_format"),
        ("/slot_minutes", "out_of_range"),
        ("/tariff/demand_eur_per_kw", "out_of_range"),
        ("/tariff/energy_eur_per_kwh", "wrong_length"),
        ("/vehicles/0/battery_kwh", "required"),
        ("/vehicles/0/curve/0/soc", "out_of_range"),
        ("/vehicles/0/soc_arrival", "required"),
        ("/vehicles/1/arrival_slot", "out_of_range"),
        ("/vehicles/1/charger", "taken"),
        ("/vehicles/1/energy_kwh", "out_of_range"),
        ("/vehicles/1/tier", "out_of_range"),
    ];
    assert_eq!(told, expected);
    assert!(matches!(plan_json("[]"), Err(PlanJsonError::Malformed { .. })));
}

#[test]
fn a_tree_that_runs_in_circles_is_refused() {
    let mut instance: Value = serde_json::from_str(FEASIBLE).unwrap();
    instance["circuits"][1]["parent"] = json!("f0.p0");
    instance["circuits"].as_array().unwrap().iter().for_each(|circuit| assert!(circuit["id"].is_string()));
    let error = plan_json(&instance.to_string()).unwrap_err();
    assert!(matches!(error, PlanJsonError::Invalid(_)), "{error}");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, ..ProptestConfig::default() })]

    /// Whatever a value is replaced with: a plan or a refusal, never a panic.
    #[test]
    fn no_value_breaks_the_planner(
        places in proptest::collection::vec(any::<prop::sample::Index>(), 1..4),
        values in proptest::collection::vec(odd_value(), 4),
    ) {
        let mut instance: Value = serde_json::from_str(INFEASIBLE).unwrap();
        for (place, value) in places.iter().zip(values) {
            let count = leaves(&mut instance).len();
            *leaves(&mut instance).swap_remove(place.index(count)) = value;
        }
        match plan_json(&instance.to_string()) {
            Ok(plan) => check_power(&instance, &serde_json::from_str(&plan).unwrap()),
            Err(PlanJsonError::Invalid(invalid)) => prop_assert!(!invalid.errors.is_empty()),
            Err(PlanJsonError::Malformed { .. }) => {}
            Err(error) => prop_assert!(false, "{}", error),
        }
    }
}

fn odd_value() -> impl Strategy<Value = Value> {
    prop_oneof![
        Just(json!(null)),
        Just(json!("site")),
        Just(json!(0)),
        Just(json!(-1)),
        Just(json!(1)),
        Just(json!(0.25)),
        Just(json!(95)),
        Just(json!(999_999)),
        Just(json!(1e300)),
        Just(json!([])),
    ]
}

fn leaves(value: &mut Value) -> Vec<&mut Value> {
    match value {
        Value::Array(items) => items.iter_mut().flat_map(leaves).collect(),
        Value::Object(fields) => fields.values_mut().flat_map(leaves).collect(),
        leaf => vec![leaf],
    }
}

/// Power stays within vehicle, charger, stay and circuits, but for a watt of rounding.
fn check_power(instance: &Value, plan: &Value) {
    let slots = usize::try_from(instance["slots"].as_u64().unwrap()).unwrap();
    let find = |list: &str, id: &Value| {
        instance[list].as_array().unwrap().iter().find(|item| item["id"] == *id).unwrap().clone()
    };
    let mut loads = std::collections::BTreeMap::<String, Vec<f64>>::new();
    let mut add = |circuit: &Value, power: &[f64], base: bool| {
        let mut at = circuit.clone();
        while !at.is_null() {
            let name = format!("{}{}", if base { "base " } else { "" }, at.as_str().unwrap());
            let load = loads.entry(name).or_insert_with(|| vec![0.0; slots]);
            load.iter_mut().zip(power).for_each(|(load, power)| *load += power);
            at = find("circuits", &at)["parent"].clone();
        }
    };
    for load in instance["base_load"].as_array().unwrap() {
        add(&load["circuit"], &numbers(&load["kw"]), true);
    }
    for vehicle in instance["vehicles"].as_array().unwrap() {
        let power = numbers(&plan["power_kw"][vehicle["id"].as_str().unwrap()]);
        assert_eq!(power.len(), slots);
        let charger = find("chargers", &vehicle["charger"]);
        let warm = vehicle["precondition"]["kw"].as_f64().unwrap_or(0.0);
        let most = vehicle["max_kw"].as_f64().unwrap() + warm;
        let most = most.min(charger["max_kw"].as_f64().unwrap()) + 1e-3;
        let stay = vehicle["arrival_slot"].as_u64().unwrap()..vehicle["departure_slot"].as_u64().unwrap();
        for (slot, power) in (0..).zip(&power) {
            let most = if stay.contains(&slot) { most } else { 0.0 };
            assert!((0.0..=most).contains(power), "{power} kW in slot {slot} of {vehicle}");
        }
        add(&charger["circuit"], &power, false);
    }
    for circuit in instance["circuits"].as_array().unwrap() {
        let name = circuit["id"].as_str().unwrap();
        let none = vec![0.0; slots];
        let load = loads.get(name).unwrap_or(&none);
        let base = loads.get(&format!("base {name}")).unwrap_or(&none);
        for slot in 0..slots {
            let limit = circuit["limit_kw"].as_f64().unwrap();
            let limit =
                circuit["limit_profile_kw"][slot].as_f64().map_or(limit, |profile| profile.min(limit));
            let room = (limit - base[slot]).max(0.0);
            assert!(load[slot] <= room + 1e-3, "{name} carries {} of {room} kW in slot {slot}", load[slot]);
        }
    }
}

fn numbers(list: &Value) -> Vec<f64> {
    list.as_array().unwrap().iter().map(|number| number.as_f64().unwrap()).collect()
}
