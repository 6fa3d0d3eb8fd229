//! Charts over HTTP.

use chrono::{DateTime, TimeDelta, Utc};
use kernel::{DepotId, OrganisationId, Permission, Wh};
use serde_json::{Value, json};
use transaction::{Quarter, QuarterStore, QuarterSums};
use uuid::Uuid;

use crate::{
    access::EMAIL,
    app::{As, OURS, TestApp},
};

/// A depot with a grid connection of 60 kW and a charger.
struct Yard {
    depot: String,
    charge_point: String,
    vehicle: String,
}

async fn yard(admin: &As<'_>) -> Yard {
    let made = async |path: &str, body: Value| {
        let made = admin.post(path, body).await;
        assert!(made.status.is_success(), "{path}: {}", made.body);
        made.id().to_owned()
    };
    let depot = json!({"code": "MUC", "name": "Munich", "timezone": "Europe/Berlin"});
    let depot = made("/depots", depot).await;
    let grid = json!({"name": "Grid", "kind": "grid_connection", "limit_kw": 60});
    made(&format!("/depots/{depot}/circuits"), grid).await;
    let charger = json!({"identity": "CP-1", "depot_id": depot, "max_power_kw": 50});
    let charge_point = made("/charge-points", charger).await;
    let bus = json!({"fleet_number": "1", "battery_kwh": 100, "max_ac_kw": 22, "depot_id": depot});
    Yard { charge_point, vehicle: made("/vehicles", bus).await, depot }
}

/// What the charger drew in the hours before now, but for one quarter of an hour.
async fn charged(app: &TestApp, yard: &Yard, organisation: OrganisationId) {
    let id = |text: &str| text.parse::<Uuid>().unwrap();
    let depot: DepotId = id(&yard.depot).into();
    let quarter = |n: i64| Quarter {
        organisation,
        depot,
        charge_point: id(&yard.charge_point).into(),
        connector: 1,
        at: app.backends.clock.now() - TimeDelta::minutes(15 * n),
        sums: QuarterSums { energy: Wh(1_000 * n), readings: 1, ..QuarterSums::default() },
    };
    let quarters: Vec<Quarter> = (1..9).filter(|n| *n != 4).map(quarter).collect();
    app.backends.sea.quarters_save(&quarters).await.unwrap();
}

#[tokio::test]
async fn a_chart_is_series_or_a_drawing() {
    let app = TestApp::frozen().await;
    let admin = app.administrator("Stadtwerke", EMAIL).await;
    let yard = yard(&admin).await;
    let organisation = admin.get("/me").await.body["organisation"]["id"].as_str().unwrap().parse().unwrap();
    charged(&app, &yard, organisation).await;

    let path =
        format!("/charts/depot_power?depot_id={}&from=2026-03-02T05:30:00Z&resolution=15m", yard.depot);
    let series = admin.get(&path).await;
    assert_eq!(series.status, 200, "{}", series.body);
    assert_eq!(series.headers["cache-control"], "private, max-age=30");
    insta::assert_json_snapshot!(series.body, { ".depot_id" => "(id)" });

    let drawing = admin.get(&format!("{path}&format=svg")).await;
    assert_eq!(
        (drawing.status.as_u16(), &drawing.headers["content-type"]),
        (200, &"image/svg+xml".parse().unwrap())
    );
    assert!(
        drawing.headers["content-security-policy"].to_str().unwrap().contains("style-src 'unsafe-inline'")
    );
    assert!(drawing.body.as_str().unwrap().starts_with("<svg "));

    let energy = format!("/charts/energy?charge_point_id={}&resolution=1h", yard.charge_point);
    let energy = admin.get(&energy).await;
    assert_eq!(energy.body["series"][0]["total"], json!(32.0), "{}", energy.body);
}

#[tokio::test]
async fn every_kind_is_offered_to_whoever_may_see_charts() {
    let app = TestApp::start().await;
    let yard = yard(&app.ours()).await;
    let viewer = app.caller(OURS, &[Permission::ChartRead]);
    let others: Vec<Permission> =
        Permission::ALL.iter().copied().filter(|permission| *permission != Permission::ChartRead).collect();
    let others = app.caller(OURS, &others);
    for kind in chart::Kind::ALL {
        let of = match kind {
            chart::Kind::Soc => format!("vehicle_id={}", yard.vehicle),
            _ => format!("depot_id={}", yard.depot),
        };
        for format in ["json", "svg"] {
            let path = format!("/charts/{}?{of}&format={format}", kind.name());
            let seen = viewer.get(&path).await;
            assert_eq!(seen.status, 200, "{path}: {}", seen.body);
            assert_eq!(others.get(&path).await.status, 403, "{path}");
            assert_eq!(app.theirs().get(&path).await.status, 404, "{path}");
        }
    }
}

#[tokio::test]
async fn what_cannot_be_drawn_is_refused() {
    let app = TestApp::start().await;
    let ours = app.ours();
    let yard = yard(&ours).await;
    let depot = format!("depot_id={}", yard.depot);
    let now: DateTime<Utc> = app.backends.clock.now();
    let year = (now - TimeDelta::days(365)).format("%Y-%m-%dT%H:%M:%SZ");
    for (path, status, field) in [
        (format!("/charts/weather?{depot}"), 422, ("/kind", "unknown_value")),
        ("/charts/energy".to_owned(), 422, ("/depot_id", "required")),
        (format!("/charts/soc?{depot}"), 422, ("/vehicle_id", "required")),
        (format!("/charts/energy?{depot}&from={year}&resolution=15m"), 422, ("/resolution", "too_many")),
        (format!("/charts/readiness?{depot}&resolution=1h"), 422, ("/resolution", "unknown_value")),
        (
            format!("/charts/energy?{depot}&from=2026-01-02T00:00:00Z&to=2026-01-01T00:00:00Z"),
            422,
            ("/from", "not_before_to"),
        ),
        (format!("/charts/energy?{depot}&from=2001-01-02T00:00:00Z"), 422, ("/from", "range_too_long")),
        (format!("/charts/energy?{depot}&format=png"), 400, ("/format", "unknown_value")),
        (format!("/charts/energy?{depot}&resolution=2h"), 400, ("/resolution", "unknown_value")),
    ] {
        let refused = ours.get(&path).await;
        assert_eq!(
            (refused.status.as_u16(), refused.fields()),
            (status, vec![field]),
            "{path}: {}",
            refused.body
        );
    }
    let nobody = Uuid::from_u128(7);
    for path in [
        format!("/charts/energy?depot_id={nobody}"),
        format!("/charts/energy?charge_point_id={nobody}"),
        format!("/charts/soc?vehicle_id={nobody}"),
        format!("/charts/circuit_power?{depot}&circuit_id={nobody}"),
    ] {
        assert_eq!(ours.get(&path).await.status, 404, "{path}");
    }
    assert_eq!(ours.get(&format!("/charts/energy?{depot}&color=red")).await.status, 400);
}
