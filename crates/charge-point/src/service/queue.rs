//! The dispatcher's side of orders: what waits, what is being sent, how it ended.

use std::sync::Arc;

use kernel::{Begin, Clock, CommandId, IdSource, OrganisationId, StoreError, Timestamp, retrying};

use crate::{
    error::ChargePointError,
    event::{self, Stamp},
    model::{ChargerRef, Command, CommandKind, CommandOutcome, CommandState},
    port::{CommandReader, CommandTx},
    service::recording::{Recorder, ReportedKey},
};

/// How many stuck orders one unit of work ends.
const BATCH: u16 = 200;

pub struct CommandQueue {
    store: Arc<dyn Begin<dyn CommandTx>>,
    reader: Arc<dyn CommandReader>,
    recorder: Recorder,
    clock: Arc<dyn Clock>,
    ids: Arc<dyn IdSource>,
}

impl CommandQueue {
    pub fn new<S>(store: Arc<S>, clock: Arc<dyn Clock>, ids: Arc<dyn IdSource>) -> Self
    where
        S: Begin<dyn CommandTx> + CommandReader + 'static,
    {
        let recorder = Recorder::new(clock.clone(), ids.clone());
        Self { store: store.clone(), reader: store, recorder, clock, ids }
    }

    /// Chargers that have orders not yet sent, each once.
    ///
    /// # Errors
    /// Store errors only.
    pub async fn waiting(&self) -> Result<Vec<ChargerRef>, StoreError> {
        self.reader.commands_waiting().await
    }

    /// Takes the oldest order not yet sent to a charger and marks it as sent. The mark is durable
    /// before the charger is called: after a crash in between, the order ends as timed out and is
    /// never sent twice.
    ///
    /// # Errors
    /// Store errors; [`StoreError::Stale`] where another dispatcher took it.
    pub async fn take(&self, charger: ChargerRef) -> Result<Option<Command>, ChargePointError> {
        let mut tx = self.store.begin().await?;
        let next = tx.commands().command_next(charger.organisation, charger.charge_point).await?;
        let Some(mut command) = next else { return Ok(None) };
        let read = command.version;
        command.send(self.clock.now())?;
        command.version = read.next();
        tx.commands().command_update(&command, read).await?;
        tx.commit().await?;
        Ok(Some(command))
    }

    /// Notes how an order ended. `reported` are the settings that its answer told, if any; a
    /// setting that was accepted is kept without asking the charger again.
    ///
    /// # Errors
    /// [`ChargePointError::NoSuchCommand`] where it went with its charge point;
    /// [`ChargePointError::IllegalTransition`] where it has ended already.
    pub async fn finish(
        &self,
        organisation: OrganisationId,
        id: CommandId,
        outcome: CommandOutcome,
        reported: Vec<ReportedKey>,
    ) -> Result<Command, ChargePointError> {
        // The charger has answered once and will not again: a busy store is asked again.
        retrying(|| self.finish_once(organisation, id, outcome.clone(), reported.clone())).await
    }

    async fn finish_once(
        &self,
        organisation: OrganisationId,
        id: CommandId,
        outcome: CommandOutcome,
        mut reported: Vec<ReportedKey>,
    ) -> Result<Command, ChargePointError> {
        let mut tx = self.store.begin().await?;
        let found = tx.commands().command_find(organisation, id).await?;
        let mut command = found.ok_or(ChargePointError::NoSuchCommand)?;
        if let (CommandOutcome::Accepted(_), CommandKind::SetConfiguration { key, value }) =
            (&outcome, &command.kind)
        {
            let (key, value) = (key.clone(), Some(value.clone()));
            reported.push(ReportedKey { key, value, readonly: false });
        }
        self.end(&mut *tx, &mut command, |command, now| command.finish(outcome, now)).await?;
        let charger = ChargerRef { organisation, charge_point: command.charge_point };
        self.recorder.configuration(&mut *tx, charger, reported).await?;
        tx.commit().await?;
        Ok(command)
    }

    /// Ends the orders that wait for a charger nobody can reach, and returns how many.
    ///
    /// # Errors
    /// Store errors; what was ended before stays so.
    pub async fn unreachable(&self, charger: ChargerRef) -> Result<usize, ChargePointError> {
        let mut ended = 0;
        loop {
            let mut tx = self.store.begin().await?;
            let next = tx.commands().command_next(charger.organisation, charger.charge_point).await?;
            let Some(mut command) = next else { return Ok(ended) };
            let end = |command: &mut Command, now| command.finish(CommandOutcome::Unreachable, now);
            self.end(&mut *tx, &mut command, end).await?;
            tx.commit().await?;
            ended += 1;
        }
    }

    /// Ends what nobody will answer: orders sent before `sent_before` time out, orders that were
    /// requested before `requested_before` and never sent were for an unreachable charger.
    /// Returns how many.
    ///
    /// # Errors
    /// Store errors; what was ended before stays so.
    pub async fn expire(
        &self,
        sent_before: Timestamp,
        requested_before: Timestamp,
    ) -> Result<usize, ChargePointError> {
        let lost = self.end_stuck(CommandState::Sent, sent_before, CommandOutcome::TimedOut).await?;
        let stale =
            self.end_stuck(CommandState::Requested, requested_before, CommandOutcome::Unreachable).await?;
        Ok(lost + stale)
    }

    /// Forgets orders that ended before the instant and returns how many there were.
    ///
    /// # Errors
    /// Store errors only.
    pub async fn forget(&self, before: Timestamp) -> Result<u64, StoreError> {
        let mut tx = self.store.begin().await?;
        let forgotten = tx.commands().commands_forget(before).await?;
        tx.commit().await?;
        Ok(forgotten)
    }

    async fn end_stuck(
        &self,
        state: CommandState,
        before: Timestamp,
        outcome: CommandOutcome,
    ) -> Result<usize, ChargePointError> {
        let mut ended = 0;
        loop {
            let mut tx = self.store.begin().await?;
            let stuck = tx.commands().commands_stuck(state, before, BATCH).await?;
            if stuck.is_empty() {
                return Ok(ended);
            }
            ended += stuck.len();
            for mut command in stuck {
                let outcome = outcome.clone();
                self.end(&mut *tx, &mut command, |command, now| command.finish(outcome, now)).await?;
            }
            tx.commit().await?;
        }
    }

    async fn end(
        &self,
        tx: &mut dyn CommandTx,
        command: &mut Command,
        end: impl FnOnce(&mut Command, Timestamp) -> Result<(), crate::model::IllegalTransition>,
    ) -> Result<(), ChargePointError> {
        let read = command.version;
        end(command, self.clock.now())?;
        command.version = read.next();
        tx.commands().command_update(command, read).await?;
        let stamp = Stamp { clock: &*self.clock, ids: &*self.ids };
        tx.outbox().append(stamp.command(event::COMMAND_FINISHED, command)).await?;
        Ok(())
    }
}
