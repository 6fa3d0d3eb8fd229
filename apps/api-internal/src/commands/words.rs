//! The words of orders in the API, and what they mean in the domain.

use charge_point::{
    CommandState, LimitUnit, ProfilePurpose, Recurrency, ResetKind, TransactionRef, TriggeredMessage,
};
use kernel::Invalid;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::charge_points::words::words;

words! {
    /// `requested` waits for the charger, `sent` for its answer; all others are final.
    /// `superseded`: a newer order took its place before it was sent.
    StateWord as CommandState for CommandState {
        Requested,
        Sent,
        Accepted,
        Rejected,
        TimedOut,
        Unreachable,
        Superseded,
    }
}

words! {
    /// `soft` ends transactions in good order first.
    ResetWord as ResetKind for ResetKind { Soft, Hard }
}

words! {
    MessageWord as TriggeredMessage for TriggeredMessage {
        BootNotification,
        DiagnosticsStatusNotification,
        FirmwareStatusNotification,
        Heartbeat,
        MeterValues,
        StatusNotification,
    }
}

words! {
    /// `amps` are per phase, `watts` over all phases.
    UnitWord as LimitUnit for LimitUnit { Amps, Watts }
}

words! {
    /// `charge_point_max` caps the whole charge point, `tx_default` holds for transactions without
    /// a profile of their own, `tx` for one transaction.
    PurposeWord as ProfilePurpose for ProfilePurpose { ChargePointMax, TxDefault, Tx }
}

words! {
    RecurrencyWord as Recurrency for Recurrency { Daily, Weekly }
}

/// A transaction as orders name it: by our id or by the charger's number, never both.
pub(super) fn transaction(
    pointer: &str,
    id: Option<Uuid>,
    number: Option<i64>,
    invalid: &mut Invalid,
) -> Option<TransactionRef> {
    match (id, number) {
        (Some(id), None) => Some(TransactionRef::Id(id.into())),
        (None, Some(number)) => Some(TransactionRef::Ocpp(number)),
        (None, None) => None,
        (Some(_), Some(_)) => {
            let pointer = format!("{pointer}/ocpp_transaction_id");
            invalid.push(pointer, "unexpected", "name the transaction by one of its ids");
            None
        }
    }
}

/// The two fields that name a transaction.
pub(super) fn transaction_fields(of: Option<TransactionRef>) -> (Option<Uuid>, Option<i64>) {
    match of {
        Some(TransactionRef::Id(id)) => (Some(id.into()), None),
        Some(TransactionRef::Ocpp(number)) => (None, Some(number)),
        None => (None, None),
    }
}
