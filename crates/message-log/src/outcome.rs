//! What the result of a call amounts to.

use serde_json::Value;

use crate::model::Outcome;

/// Statuses of OCPP's results that mean that it was or will be done.
const ACCEPTANCES: [&str; 6] =
    ["Accepted", "AcceptedCanceled", "RebootRequired", "Scheduled", "Unlocked", "EmptyResultSet"];

impl Outcome {
    /// A result is an acceptance unless its status says otherwise. The status is the result's own
    /// or, where it answers for an id tag, that one's.
    pub fn of_result(payload: &Value) -> Self {
        let places = [Some(payload), payload.get("idTagInfo"), payload.get("idTokenInfo")];
        let status = places.into_iter().flatten().find_map(|place| place.get("status")?.as_str());
        match status {
            Some(status) if !ACCEPTANCES.contains(&status) => Self::Rejected,
            _ => Self::Accepted,
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_status_decides_wherever_it_stands() {
        for (payload, outcome) in [
            (json!({}), Outcome::Accepted),
            (json!({"currentTime": "2026-03-02T08:00:00Z"}), Outcome::Accepted),
            (json!({"status": "Accepted"}), Outcome::Accepted),
            (json!({"status": "RebootRequired"}), Outcome::Accepted),
            (json!({"status": "NotSupported"}), Outcome::Rejected),
            (json!({"transactionId": 1, "idTagInfo": {"status": "Invalid"}}), Outcome::Rejected),
            (json!({"idTokenInfo": {"status": "Accepted"}}), Outcome::Accepted),
            (json!({"status": 7}), Outcome::Accepted),
            (json!([]), Outcome::Accepted),
        ] {
            assert_eq!(Outcome::of_result(&payload), outcome, "{payload}");
        }
    }
}
