//! EVSEs and connectors as an operator describes them.

use charge_point::{ConnectorInput, EvseInput};
use kernel::W;
use serde::Deserialize;
use utoipa::ToSchema;

use super::words::RotationWord;

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct EvseLayout {
    /// Its place in the list, unless told.
    #[schema(minimum = 1, maximum = 999)]
    number: Option<u16>,
    phase_rotation: Option<RotationWord>,
    /// None means one.
    #[serde(default)]
    connectors: Vec<ConnectorLayout>,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ConnectorLayout {
    /// Its EVSE's number where every EVSE has one connector, else its place in the list.
    #[schema(minimum = 1, maximum = 999)]
    number: Option<u16>,
    /// `iec_62196_t2` for AC and `iec_62196_t2_combo` for DC, unless told.
    #[schema(max_length = 40)]
    standard: Option<String>,
    /// The charge point's, unless told.
    #[schema(minimum = 0.1, maximum = 10000)]
    max_power_kw: Option<f64>,
    /// 1 or 3; 3 except for AC up to 7.4 kW, unless told.
    phases: Option<u8>,
}

impl From<EvseLayout> for EvseInput {
    fn from(evse: EvseLayout) -> Self {
        Self {
            number: evse.number,
            rotation: evse.phase_rotation.map(Into::into),
            connectors: evse.connectors.into_iter().map(Into::into).collect(),
        }
    }
}

impl From<ConnectorLayout> for ConnectorInput {
    fn from(connector: ConnectorLayout) -> Self {
        Self {
            number: connector.number,
            standard: connector.standard,
            max_power: connector.max_power_kw.map(W::from_kilo),
            phases: connector.phases,
        }
    }
}
