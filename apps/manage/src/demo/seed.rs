//! The demo depot's data: whatever is missing of it is made.

use std::collections::{BTreeMap, BTreeSet};

use charge_point::{ChargePointFilter, ConnectorInput, CreateChargePoint, CurrentType, EvseInput};
use depot::{
    ChargingStrategy, CircuitKind, CircuitLimit, CreateCircuit, CreateDepot, DepotFilter, GeoPoint, Margin,
    Phases, TimeZone, Volts,
};
use depot_sim::{ChargerSpec, FleetSpec, VehicleSpec};
use kernel::{CircuitId, DepotId, Limit, PageRequest, Scope, Soc, W, Wh};
use runtime::Services;
use vehicle::{
    CreateIdTag, CreateVehicle, IdTagFilter, IdTagKind, IdTagStatus, PriorityLevel, VehicleFilter,
};

const CODE: &str = "DEMO";
/// Where the demo's clock hangs.
pub(super) const ZONE: chrono_tz::Tz = chrono_tz::Europe::Berlin;
/// The connection: a fifth of what the chargers could draw.
const CONNECTION: W = W(400_000);
/// Chargers on one panel.
const ON_A_PANEL: usize = 10;

/// Makes what is missing and returns the depot.
pub(super) async fn plant(services: &Services, scope: &Scope, fleet: &FleetSpec) -> anyhow::Result<DepotId> {
    let depot = found(services, scope).await?;
    let panels = wire(services, scope, depot, fleet.chargers.len().div_ceil(ON_A_PANEL)).await?;
    install(services, scope, depot, &panels, &fleet.chargers).await?;
    for (index, vehicle) in fleet.vehicles.iter().enumerate() {
        enlist(services, scope, depot, index, vehicle).await?;
    }
    Ok(depot)
}

pub(super) fn everything() -> PageRequest {
    PageRequest { limit: Limit::new(Limit::MAX).unwrap_or_default(), after: None }
}

async fn found(services: &Services, scope: &Scope) -> anyhow::Result<DepotId> {
    let filter = DepotFilter { search: Some(CODE.to_owned()) };
    let known = services.depots.depot_list(scope, &filter, everything()).await?.items;
    if let Some(depot) = known.iter().find(|depot| depot.code == CODE) {
        return Ok(depot.id);
    }
    let command = CreateDepot {
        code: CODE.to_owned(),
        name: "Demo depot".to_owned(),
        time_zone: ZONE.name().parse().unwrap_or(TimeZone::UTC),
        address: Some("Am Betriebshof 1, 10115 Berlin".to_owned()),
        location: GeoPoint::new(52.53, 13.38),
        charging_strategy: ChargingStrategy::Scheduled,
        use_spare_room: false,
    };
    Ok(services.depots.depot_create(scope, command).await?.id)
}

/// Grid connection, two transformers, and panels below them.
async fn wire(
    services: &Services,
    scope: &Scope,
    depot: DepotId,
    panels: usize,
) -> anyhow::Result<Vec<CircuitId>> {
    let topology = services.circuits.topology(scope, depot).await?;
    let mut known: BTreeMap<String, CircuitId> =
        topology.circuits.iter().map(|node| (node.circuit.name.clone(), node.circuit.id)).collect();
    let mut circuit =
        async |name: String, parent: Option<CircuitId>, kind, limit: W, margin: f64, load: W| {
            if let Some(id) = known.get(&name) {
                return anyhow::Ok(*id);
            }
            let command = CreateCircuit {
                depot,
                parent,
                name: name.clone(),
                kind,
                limit: CircuitLimit::power(limit),
                phases: Phases::Three,
                voltage: Volts::default(),
                safety_margin: Margin::from_percent(margin).unwrap_or_default(),
                fallback_reserve: None,
                unmanaged_load: load,
            };
            let id = services.circuits.circuit_create(scope, command).await?.id;
            known.insert(name, id);
            Ok(id)
        };
    let grid =
        circuit("Grid connection".into(), None, CircuitKind::GridConnection, CONNECTION, 5.0, W(20_000))
            .await?;
    let mut transformers = Vec::new();
    for number in 1..=2 {
        let name = format!("Transformer {number}");
        transformers
            .push(circuit(name, Some(grid), CircuitKind::Transformer, W(250_000), 2.0, W::ZERO).await?);
    }
    let mut ids = Vec::new();
    for number in 0..panels {
        let parent = transformers[number % transformers.len()];
        let name = format!("Panel {}", number + 1);
        ids.push(circuit(name, Some(parent), CircuitKind::Panel, W(160_000), 0.0, W::ZERO).await?);
    }
    Ok(ids)
}

async fn install(
    services: &Services,
    scope: &Scope,
    depot: DepotId,
    panels: &[CircuitId],
    chargers: &[ChargerSpec],
) -> anyhow::Result<()> {
    let filter = ChargePointFilter { depot: Some(depot), ..ChargePointFilter::default() };
    let known = services.charge_points.charge_point_list(scope, &filter, everything()).await?.items;
    let known: BTreeSet<&str> = known.iter().map(|charger| charger.identity.as_str()).collect();
    for (index, charger) in chargers.iter().enumerate() {
        if known.contains(charger.identity.as_str()) {
            continue;
        }
        let connectors = charger.connectors.iter();
        let dc = connectors.clone().any(|connector| connector.dc);
        let power = connectors.clone().map(|connector| watts(connector.max_w)).max().unwrap_or(W::ZERO);
        let evses = connectors.map(|connector| EvseInput {
            connectors: vec![ConnectorInput {
                max_power: Some(watts(connector.max_w)),
                phases: Some(connector.phases),
                ..ConnectorInput::default()
            }],
            ..EvseInput::default()
        });
        let command = CreateChargePoint {
            circuit: panels.get(index / ON_A_PANEL).copied(),
            evses: evses.collect(),
            min_power: dc.then_some(W(5_000)),
            current: Some(if dc { CurrentType::Dc } else { CurrentType::Ac }),
            password: charger.password.clone(),
            ..CreateChargePoint::new(charger.identity.clone(), depot, power)
        };
        services.charge_points.charge_point_create(scope, command).await?;
    }
    Ok(())
}

async fn enlist(
    services: &Services,
    scope: &Scope,
    depot: DepotId,
    index: usize,
    spec: &VehicleSpec,
) -> anyhow::Result<()> {
    let fleet_number = fleet_number(index);
    let filter = VehicleFilter { search: Some(fleet_number.clone()), ..VehicleFilter::default() };
    let known = services.vehicles.vehicle_list(scope, &filter, everything()).await?.items;
    let vehicle = match known.first() {
        Some(vehicle) => vehicle.id,
        None => {
            let command = CreateVehicle {
                fleet_number,
                registration: None,
                vin: None,
                class: None,
                depot: Some(depot),
                battery: Wh(watts(spec.vehicle.battery_wh).get()),
                max_ac: watts(spec.vehicle.max_ac_w),
                max_dc: watts(spec.vehicle.max_dc_w),
                efficiency_wh_per_km: Some(1_200),
                target_soc: Soc::from_percent(90.0).unwrap_or(Soc::FULL),
                priority_level: PriorityLevel::new(u8::try_from(3 + index % 4).unwrap_or(5))
                    .unwrap_or_default(),
                precondition: None,
            };
            services.vehicles.vehicle_create(scope, command).await?.id
        }
    };
    let filter = IdTagFilter { vehicle: Some(vehicle), ..IdTagFilter::default() };
    if services.id_tags.id_tag_list(scope, &filter, everything()).await?.items.is_empty() {
        let command = CreateIdTag {
            value: spec.vehicle.id_tag.clone(),
            kind: IdTagKind::Rfid,
            vehicle: Some(vehicle),
            status: IdTagStatus::Active,
            expires_at: None,
        };
        services.id_tags.id_tag_create(scope, command).await?;
    }
    Ok(())
}

/// The number of the demo's vehicles, by their place in the list.
pub(super) fn fleet_number(index: usize) -> String {
    format!("BUS-{:03}", index + 1)
}

pub(super) fn watts(watts: f64) -> W {
    W::from_kilo(watts / 1_000.0)
}
