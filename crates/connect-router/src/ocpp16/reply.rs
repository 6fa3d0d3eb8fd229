//! What chargers are told, as they read it.

use charge_point::Registration;
use kernel::Timestamp;
use serde_json::{Value, json};
use vehicle::Authorisation;

use crate::message::Reply;

/// The payload of the answer.
pub fn reply(reply: &Reply) -> Value {
    match reply {
        Reply::Boot { registration, now, interval_seconds } => json!({
            "status": match registration {
                Registration::Accepted => "Accepted",
                Registration::Pending => "Pending",
                Registration::Rejected => "Rejected",
            },
            "currentTime": time(*now),
            "interval": interval_seconds,
        }),
        Reply::Heartbeat { now } => json!({"currentTime": time(*now)}),
        Reply::Authorised { status, expires_at } => {
            let mut info = tag_info(*status);
            if let Some(expires_at) = expires_at {
                info["expiryDate"] = json!(time(*expires_at));
            }
            json!({"idTagInfo": info})
        }
        Reply::Started { number, status } => {
            json!({"transactionId": number.0, "idTagInfo": tag_info(*status)})
        }
        Reply::Stopped { status: Some(status) } => json!({"idTagInfo": tag_info(*status)}),
        Reply::UnknownVendor => json!({"status": "UnknownVendorId"}),
        Reply::Stopped { status: None } | Reply::Done => json!({}),
    }
}

fn tag_info(status: Authorisation) -> Value {
    json!({"status": match status {
        Authorisation::Accepted => "Accepted",
        Authorisation::Blocked => "Blocked",
        Authorisation::Expired => "Expired",
        Authorisation::Unknown => "Invalid",
    }})
}

/// Milliseconds and a zone: what every charger reads.
pub(super) fn time(at: Timestamp) -> String {
    at.to_rfc3339_opts(chrono::SecondsFormat::Millis, true)
}
