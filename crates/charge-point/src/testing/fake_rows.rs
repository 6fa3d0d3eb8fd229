//! The repositories of the store in memory.

use async_trait::async_trait;
use kernel::{ChargePointId, CommandId, OrganisationId, StoreError, Timestamp, Version};

use super::fake::FakeTx;
use crate::{
    model::{
        ChargePoint, ChargerRef, Command, CommandState, ConfigurationKey, Connector, ConnectorPlace,
        HistoryEntry,
    },
    port::{ChargePointRepository, ChargerStateRepository, CommandRepository},
};

impl FakeTx {
    fn check_unique(&self, charge_point: &ChargePoint) -> Result<(), StoreError> {
        let same = |row: &ChargePoint| row.identity == charge_point.identity && row.id != charge_point.id;
        if self.state.charge_points.values().any(same) {
            return Err(StoreError::Duplicate { rule: "identity".into() });
        }
        Ok(())
    }
}

#[async_trait]
impl ChargePointRepository for FakeTx {
    async fn charge_point_insert(&mut self, charge_point: &ChargePoint) -> Result<(), StoreError> {
        self.check_unique(charge_point)?;
        self.state.charge_points.insert(charge_point.id, charge_point.clone());
        Ok(())
    }

    async fn charge_point_find(
        &mut self,
        organisation: OrganisationId,
        id: ChargePointId,
    ) -> Result<Option<ChargePoint>, StoreError> {
        Ok(self.state.charge_points.get(&id).filter(|row| row.organisation == organisation).cloned())
    }

    async fn charge_point_update(
        &mut self,
        charge_point: &ChargePoint,
        read: Version,
    ) -> Result<(), StoreError> {
        self.check_unique(charge_point)?;
        let stored = self.state.charge_points.get_mut(&charge_point.id);
        let Some(row) = stored.filter(|row| row.version == read) else { return Err(StoreError::Stale) };
        let before = std::mem::replace(row, charge_point.clone());
        row.live = before.live.clone();
        for evse in &mut row.evses {
            for connector in &mut evse.connectors {
                let known = before.evses.iter().find(|old| old.id == evse.id);
                let known =
                    known.and_then(|old| old.connectors.iter().find(|c| c.number == connector.number));
                if let Some(known) = known {
                    connector.live = known.live.clone();
                }
            }
        }
        Ok(())
    }

    async fn charge_point_delete(
        &mut self,
        organisation: OrganisationId,
        id: ChargePointId,
        read: Version,
    ) -> Result<(), StoreError> {
        let same = |row: &ChargePoint| row.organisation == organisation && row.version == read;
        if !self.state.charge_points.get(&id).is_some_and(same) {
            return Err(StoreError::Stale);
        }
        self.state.charge_points.remove(&id);
        self.state.configuration.retain(|(owner, _), _| *owner != id);
        self.state.commands.retain(|_, command| command.charge_point != id);
        Ok(())
    }

    async fn charge_point_has_open_transaction(
        &mut self,
        organisation: OrganisationId,
        id: ChargePointId,
    ) -> Result<bool, StoreError> {
        let ours = self.state.charge_points.get(&id).is_some_and(|row| row.organisation == organisation);
        Ok(ours && self.state.busy.contains(&id))
    }
}

#[async_trait]
impl ChargerStateRepository for FakeTx {
    async fn connector_place(
        &mut self,
        organisation: OrganisationId,
        id: ChargePointId,
        flat_number: u16,
    ) -> Result<Option<ConnectorPlace>, StoreError> {
        let found = self.state.charge_points.get(&id).filter(|row| row.organisation == organisation);
        Ok(found.and_then(|row| row.place(flat_number)))
    }

    async fn charge_point_update_live(&mut self, charge_point: &ChargePoint) -> Result<(), StoreError> {
        if let Some(row) = self.state.charge_points.get_mut(&charge_point.id) {
            row.live = charge_point.live.clone();
        }
        Ok(())
    }

    async fn connector_update_live(
        &mut self,
        id: ChargePointId,
        connector: &Connector,
    ) -> Result<(), StoreError> {
        let row = self.state.charge_points.get_mut(&id);
        if let Some(row) = row.and_then(|row| row.connector_mut(connector.flat_number)) {
            row.live = connector.live.clone();
        }
        Ok(())
    }

    async fn charge_points_seen(
        &mut self,
        chargers: &[ChargerRef],
        at: Timestamp,
        stale: Timestamp,
    ) -> Result<(), StoreError> {
        for charger in chargers {
            let row = self.state.charge_points.get_mut(&charger.charge_point);
            if let Some(row) = row.filter(|row| row.live.last_seen_at.is_none_or(|seen| seen < stale)) {
                row.live.last_seen_at = Some(at);
            }
        }
        Ok(())
    }

    async fn charge_points_all_offline(&mut self, at: Timestamp) -> Result<Vec<ChargePoint>, StoreError> {
        let mut gone = Vec::new();
        for row in self.state.charge_points.values_mut().filter(|row| row.live.online) {
            row.live.online = false;
            row.live.connection_changed_at = Some(at);
            gone.push(row.clone());
        }
        Ok(gone)
    }

    async fn history_append(&mut self, entries: &[HistoryEntry]) -> Result<(), StoreError> {
        self.state.history.extend_from_slice(entries);
        Ok(())
    }

    async fn configuration_save(
        &mut self,
        id: ChargePointId,
        keys: &[ConfigurationKey],
    ) -> Result<(), StoreError> {
        for key in keys {
            self.state.configuration.insert((id, key.key.clone()), key.clone());
        }
        Ok(())
    }
}

#[async_trait]
impl CommandRepository for FakeTx {
    async fn command_insert(&mut self, command: &Command) -> Result<(), StoreError> {
        if !self.state.charge_points.contains_key(&command.charge_point) {
            return Err(StoreError::Reference);
        }
        self.state.commands.insert(command.id, command.clone());
        Ok(())
    }

    async fn command_find(
        &mut self,
        organisation: OrganisationId,
        id: CommandId,
    ) -> Result<Option<Command>, StoreError> {
        Ok(self.state.commands.get(&id).filter(|row| row.organisation == organisation).cloned())
    }

    async fn command_next(
        &mut self,
        organisation: OrganisationId,
        charge_point: ChargePointId,
    ) -> Result<Option<Command>, StoreError> {
        let waits = |row: &&Command| {
            row.organisation == organisation
                && row.charge_point == charge_point
                && row.state == CommandState::Requested
        };
        Ok(self.state.commands.values().find(waits).cloned())
    }

    async fn commands_replaceable(
        &mut self,
        organisation: OrganisationId,
        charge_point: ChargePointId,
        key: &str,
    ) -> Result<Vec<Command>, StoreError> {
        let gives_way = |row: &&Command| {
            row.organisation == organisation
                && row.charge_point == charge_point
                && row.state == CommandState::Requested
                && row.replaces.as_deref() == Some(key)
        };
        Ok(self.state.commands.values().filter(gives_way).cloned().collect())
    }

    async fn commands_stuck(
        &mut self,
        state: CommandState,
        before: Timestamp,
        limit: u16,
    ) -> Result<Vec<Command>, StoreError> {
        let since = |row: &Command| row.sent_at.unwrap_or(row.requested_at);
        let stuck = |row: &&Command| row.state == state && since(row) < before;
        let mut rows: Vec<Command> = self.state.commands.values().filter(stuck).cloned().collect();
        rows.sort_by_key(since);
        rows.truncate(usize::from(limit));
        Ok(rows)
    }

    async fn command_update(&mut self, command: &Command, read: Version) -> Result<(), StoreError> {
        match self.state.commands.get_mut(&command.id) {
            Some(row) if row.version == read => {
                *row = command.clone();
                Ok(())
            }
            _ => Err(StoreError::Stale),
        }
    }

    async fn commands_forget(&mut self, before: Timestamp) -> Result<u64, StoreError> {
        let count = self.state.commands.len();
        self.state.commands.retain(|_, row| row.finished_at.is_none_or(|ended| ended >= before));
        Ok(u64::try_from(count - self.state.commands.len()).unwrap_or(u64::MAX))
    }
}
