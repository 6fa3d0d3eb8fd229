//! Published snapshots (20 EVSEs under 7 circuits, with and without enough room for all minimums),
//! checked again from their own JSON: nothing here shares code with the allocation.

use charging::allocation::{AllocateJsonError, allocate_json};
use serde_json::{Value, json};

const NORMAL: &str = include_str!("samples/rt20-s1-normal.json");
const SCARCE: &str = include_str!("samples/rt20-s1-scarce.json");

#[test]
fn published_snapshots_are_within_every_phase_and_leave_nothing_unused() {
    for snapshot in [NORMAL, SCARCE] {
        let answer: Value = serde_json::from_str(&allocate_json(snapshot).unwrap()).unwrap();
        let snapshot: Value = serde_json::from_str(snapshot).unwrap();
        assert_eq!(answer["format"], "smartbench-rt-alloc-1");
        assert_eq!(answer["instance"], snapshot["name"]);
        let mut rooms = rooms(&snapshot);
        for session in list(&snapshot, "sessions") {
            let amps = answer["current_a"][text(session, "id")].as_f64().unwrap();
            assert!(amps == 0.0 || (6.0..=most(&snapshot, session)).contains(&amps), "{session}: {amps} A");
            assert!(amps.fract() == 0.0, "{session}: {amps} A is no whole step");
            links(&snapshot, session).for_each(|link| *room(&mut rooms, &link) -= amps);
        }
        for ((circuit, phase), room) in &rooms {
            assert!(*room >= -1e-6, "{circuit} L{phase} is over by {} A", -room);
        }
        for session in list(&snapshot, "sessions") {
            let id = text(session, "id");
            let amps = answer["current_a"][id].as_f64().unwrap();
            let more = if amps == 0.0 { 6.0 } else { 1.0 };
            let fits = links(&snapshot, session).all(|link| *room(&mut rooms, &link) >= more - 1e-6);
            assert!(!fits || amps + more > most(&snapshot, session), "{id} could have {more} A more");
            let why = &answer["reasons"][id];
            let met = why["reason"] == "demand_met";
            assert_eq!(met, amps + 1.0 > most(&snapshot, session), "{id}: {why}");
            assert_eq!(met, why["circuit"].is_null(), "{id}: {why}");
        }
    }
}

#[test]
fn the_most_important_are_served_where_room_is_scarce() {
    let answer: Value = serde_json::from_str(&allocate_json(SCARCE).unwrap()).unwrap();
    let snapshot: Value = serde_json::from_str(SCARCE).unwrap();
    let served = |tier: i64| {
        let sessions = list(&snapshot, "sessions").filter(move |session| session["tier"] == tier);
        let served =
            sessions.clone().filter(|session| answer["current_a"][text(session, "id")] != 0.0).count();
        (served, sessions.count())
    };
    let ((first, of_first), (last, of_last)) = (served(1), served(3));
    assert!(first * of_last > last * of_first, "{first} of {of_first} against {last} of {of_last}");
}

#[test]
fn what_cannot_be_is_refused_with_pointers() {
    let broken = |change: fn(&mut Value)| {
        let mut snapshot: Value = serde_json::from_str(NORMAL).unwrap();
        change(&mut snapshot);
        match allocate_json(&snapshot.to_string()) {
            Err(AllocateJsonError::Invalid(invalid)) => {
                invalid.errors.into_iter().map(|error| error.pointer).collect::<Vec<_>>()
            }
            other => panic!("{other:?}"),
        }
    };
    assert_eq!(broken(|snapshot| snapshot["format"] = json!("x")), ["/format"]);
    assert_eq!(broken(|snapshot| snapshot["circuits"][1]["parent"] = json!("?")), ["/circuits/1/parent"]);
    assert_eq!(broken(|snapshot| snapshot["sessions"][2]["tier"] = json!(0)), ["/sessions/2/tier"]);
    assert_eq!(broken(|snapshot| snapshot["sessions"][1]["evse"] = json!("e0000")), ["/sessions/1/evse"]);
    assert_eq!(
        broken(|snapshot| {
            snapshot["evses"][0]["phases"] = json!([1, 1]);
            snapshot["circuits"][0]["limit_a"][2] = json!(-1);
        }),
        ["/circuits/0/limit_a/2", "/evses/0/phases"],
    );
    // The tree as a whole has no single pointer.
    assert_eq!(broken(|snapshot| snapshot["circuits"][0]["parent"] = json!("f0")), [""]);
}

#[test]
fn what_is_no_snapshot_is_malformed() {
    for text in ["", "[]", "{\"format\":\"smartbench-rt-1\"}", &NORMAL.replace("230.0", "1e999")] {
        assert!(matches!(allocate_json(text), Err(AllocateJsonError::Malformed { .. })), "{text}");
    }
}

type Rooms = std::collections::BTreeMap<(String, u64), f64>;

fn rooms(snapshot: &Value) -> Rooms {
    let of_circuit = |circuit: &Value| {
        let id = text(circuit, "id").to_owned();
        let amps = |field: &str, phase: usize| circuit[field][phase].as_f64().unwrap();
        let room: Vec<f64> = (0..3).map(|phase| amps("limit_a", phase) - amps("base_a", phase)).collect();
        (1..).zip(room).map(move |(phase, room)| ((id.clone(), phase), room)).collect::<Vec<_>>()
    };
    list(snapshot, "circuits").flat_map(of_circuit).collect()
}

fn room<'a>(rooms: &'a mut Rooms, link: &(String, u64)) -> &'a mut f64 {
    rooms.get_mut(link).unwrap()
}

/// The phases of all circuits from a session's EVSE to the grid.
fn links<'a>(snapshot: &'a Value, session: &'a Value) -> impl Iterator<Item = (String, u64)> + 'a {
    let evse = named(snapshot, "evses", text(session, "evse"));
    let own = named(snapshot, "circuits", text(evse, "circuit"));
    let path = std::iter::successors(Some(own), move |circuit| {
        circuit["parent"].as_str().map(|parent| named(snapshot, "circuits", parent))
    });
    path.flat_map(move |circuit| {
        let phases = evse["phases"].as_array().unwrap().iter();
        phases.map(move |phase| (text(circuit, "id").to_owned(), phase.as_u64().unwrap()))
    })
}

/// No more than the EVSE, the vehicle, and what still fits into it in the period.
fn most(snapshot: &Value, session: &Value) -> f64 {
    let number = |value: &Value| value.as_f64().unwrap();
    let evse = named(snapshot, "evses", text(session, "evse"));
    let phases = u32::try_from(evse["phases"].as_array().unwrap().len()).unwrap();
    let kilowatts_per_amp = number(&snapshot["voltage"]) * f64::from(phases) / 1000.0;
    let fits = number(&session["remaining_kwh"]) / kilowatts_per_amp * 60.0 / number(&snapshot["period_min"]);
    number(&evse["max_a"]).min(number(&session["max_a"])).min(fits.floor().max(6.0))
}

fn list<'a>(value: &'a Value, field: &str) -> impl Iterator<Item = &'a Value> + Clone {
    value[field].as_array().unwrap().iter()
}

fn named<'a>(snapshot: &'a Value, field: &str, id: &str) -> &'a Value {
    list(snapshot, field).find(|value| value["id"] == id).unwrap()
}

fn text<'a>(value: &'a Value, field: &str) -> &'a str {
    value[field].as_str().unwrap()
}
