//! How connectors were over a time: the same reckoning as of a single charge point.

use ::charge_point::{ChargePointReader, Condition, DownReason, Period, Span, uptime_of};
use ::report::{ConnectorFacts, Gap, GapReason, Wanted};
use kernel::{ChargePointId, StoreError, Timestamp};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, prelude::Uuid};

use super::source::ids;
use crate::{charge_point::charge_point_entity, connect::Sea, error::store_error};

impl Sea {
    pub(super) async fn connector_facts(
        &self,
        wanted: &Wanted,
        now: Timestamp,
        after: Option<ChargePointId>,
        limit: u32,
    ) -> Result<Vec<(ChargePointId, Vec<ConnectorFacts>)>, StoreError> {
        use charge_point_entity::{Column, Entity};
        let chargers: Vec<Uuid> = Entity::find()
            .select_only()
            .column(Column::Id)
            .filter(Column::OrganisationId.eq(Uuid::from(wanted.organisation)))
            .filter(Column::CreatedAt.lt(wanted.to))
            .filter(
                sea_orm::Condition::all()
                    .add_option(wanted.depots.as_ref().map(|depots| Column::DepotId.is_in(ids(depots))))
                    .add_option(after.map(|after| Column::Id.gt(Uuid::from(after)))),
            )
            .order_by_asc(Column::Id)
            .limit(u64::from(limit))
            .into_tuple()
            .all(self.reader())
            .await
            .map_err(store_error)?;
        let span = Span { from: wanted.from, to: wanted.to };
        let mut found = Vec::with_capacity(chargers.len());
        for id in chargers {
            let id = ChargePointId::from(id);
            // One that has just been deleted is passed over, but the next page begins after it.
            let connectors = match self.charge_point_get(wanted.organisation, id).await? {
                None => Vec::new(),
                Some(charge_point) => {
                    let uptime = uptime_of(self, &charge_point, span, now).await?;
                    let facts = |connector: ::charge_point::ConnectorUptime| ConnectorFacts {
                        depot: charge_point.depot,
                        charge_point: charge_point.identity.to_string(),
                        connector: connector.connector,
                        up_seconds: connector.up_seconds,
                        gaps: connector.periods.iter().filter_map(gap).collect(),
                    };
                    uptime.connectors.into_iter().map(facts).collect()
                }
            };
            found.push((id, connectors));
        }
        Ok(found)
    }
}

/// A period in which it was not up.
fn gap(period: &Period) -> Option<Gap> {
    let reason = match period.condition {
        Condition::Up => return None,
        Condition::Down(DownReason::Offline) => GapReason::Offline,
        Condition::Down(DownReason::Faulted) => GapReason::Faulted,
        Condition::Down(DownReason::Unavailable) => GapReason::Unavailable,
        Condition::Excluded => GapReason::Excluded,
    };
    Some(Gap { from: period.span.from, to: period.span.to, reason })
}
