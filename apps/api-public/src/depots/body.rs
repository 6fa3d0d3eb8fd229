//! A depot as partners see it.

use depot::{Depot, GeoPoint};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

#[derive(Serialize, ToSchema)]
#[schema(as = Depot)]
pub(crate) struct DepotBody {
    id: Uuid,
    /// The operator's own short name, unique within the organisation.
    code: String,
    name: String,
    /// A zone of the IANA database: service dates follow its clock.
    timezone: String,
    #[schema(required)]
    address: Option<String>,
    /// Degrees, WGS 84.
    #[schema(required)]
    latitude: Option<f64>,
    #[schema(required)]
    longitude: Option<f64>,
}

impl From<Depot> for DepotBody {
    fn from(depot: Depot) -> Self {
        Self {
            id: depot.id.into(),
            code: depot.code,
            name: depot.name,
            timezone: depot.time_zone.to_string(),
            address: depot.address,
            latitude: depot.location.map(GeoPoint::latitude),
            longitude: depot.location.map(GeoPoint::longitude),
        }
    }
}
