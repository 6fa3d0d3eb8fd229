//! What a charger's messages say about vehicles, recorded inside the caller's unit of work.

use kernel::{Clock, EvseId, IdSource, OrganisationId, StoreError, VehicleId};

use crate::{
    event,
    model::{Authorisation, IdTag, IdTagValue, SocObservation},
    port::VehicleWork,
};

/// Looks a tag up and says whether it may charge. The text may be whatever a charger sent.
///
/// # Errors
/// Store errors only: an unknown tag is an answer.
pub async fn authorise(
    work: &mut dyn VehicleWork,
    clock: &dyn Clock,
    organisation: OrganisationId,
    text: &str,
) -> Result<(Authorisation, Option<IdTag>), StoreError> {
    let value = IdTagValue::normalise(text);
    let Some(tag) = work.id_tags().id_tag_find_by_value(organisation, &value).await? else {
        return Ok((Authorisation::Unknown, None));
    };
    Ok((tag.authorisation(clock.now()), Some(tag)))
}

/// Takes up an observed state of charge where it is worth more than the present one.
///
/// # Errors
/// Store errors only: a vehicle that is gone changes nothing.
pub async fn observe_soc(
    work: &mut dyn VehicleWork,
    clock: &dyn Clock,
    ids: &dyn IdSource,
    organisation: OrganisationId,
    id: VehicleId,
    observation: SocObservation,
) -> Result<(), StoreError> {
    let Some(mut vehicle) = work.vehicles().vehicle_find(organisation, id).await? else {
        return Ok(());
    };
    let known = vehicle.soc.map(|soc| soc.soc);
    if !vehicle.observe(observation) {
        return Ok(());
    }
    work.vehicles().vehicle_update_live(&vehicle).await?;
    if known != Some(observation.soc) {
        work.outbox().append(event::vehicle(clock, ids, event::VEHICLE_SOC_OBSERVED, &vehicle)).await?;
    }
    Ok(())
}

/// Notes where a vehicle is plugged in, or that it is no longer. An unplug that names another
/// EVSE than the present one is late news and changes nothing.
///
/// # Errors
/// Store errors only: a vehicle that is gone changes nothing.
pub async fn plug(
    work: &mut dyn VehicleWork,
    clock: &dyn Clock,
    ids: &dyn IdSource,
    organisation: OrganisationId,
    id: VehicleId,
    evse: EvseId,
    plugged_in: bool,
) -> Result<(), StoreError> {
    let Some(mut vehicle) = work.vehicles().vehicle_find(organisation, id).await? else {
        return Ok(());
    };
    let there = vehicle.plugged_in == Some(evse);
    if there == plugged_in {
        return Ok(());
    }
    vehicle.plugged_in = plugged_in.then_some(evse);
    work.vehicles().vehicle_update_live(&vehicle).await?;
    let name = if plugged_in { event::VEHICLE_PLUGGED_IN } else { event::VEHICLE_UNPLUGGED };
    work.outbox().append(event::vehicle(clock, ids, name, &vehicle)).await
}
