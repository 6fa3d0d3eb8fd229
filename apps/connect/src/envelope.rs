//! The envelope of OCPP-J, read by a library and written strictly.

use connect_router::{Answer, CallErrorCode, Protocol};
use ocpp_kit::{
    Version,
    rpc::{CallError, ErrorCode, Frame, FrameError, FrameReply},
};
use serde_json::{Value, json, value::RawValue};

/// What came in.
#[derive(Debug)]
pub(crate) enum Incoming {
    Call { id: String, action: String, payload: Box<RawValue> },
    Result { id: String, payload: Value },
    Error { id: String, code: String, description: String },
}

/// A frame that cannot be used, and the answer it gets, if any.
#[derive(Debug)]
pub(crate) struct Unusable {
    pub(crate) reason: String,
    /// Its message id, where that can be read, and the answer.
    pub(crate) reply: Option<(String, String)>,
}

const fn version(protocol: Protocol) -> Version {
    match protocol {
        Protocol::Ocpp16 => Version::V1_6,
    }
}

pub(crate) fn read(text: &str, protocol: Protocol) -> Result<Incoming, Unusable> {
    let version = version(protocol);
    match Frame::parse(text, version) {
        Ok(Frame::Call { id, action, payload }) => Ok(Incoming::Call {
            id: id.into_string(),
            action: action.into_owned(),
            payload: payload.into_owned(),
        }),
        Ok(Frame::CallResult { id, payload }) => {
            let payload =
                serde_json::from_str(payload.get()).map_err(|error| unanswered(error.to_string()))?;
            Ok(Incoming::Result { id: id.into_string(), payload })
        }
        Ok(Frame::CallError { id, error }) => {
            let error = error.to_call_error();
            Ok(Incoming::Error {
                id: id.into_string(),
                code: error.code.as_wire(version).to_owned(),
                description: error.description,
            })
        }
        Ok(other) => Err(unanswered(format!("{} has no meaning here", other.message_type()))),
        Err(error) => Err(unusable(&error, version)),
    }
}

fn unanswered(reason: String) -> Unusable {
    Unusable { reason, reply: None }
}

/// A broken frame is answered where its message id can be read: else nobody would know what the
/// answer is about.
fn unusable(error: &FrameError, version: Version) -> Unusable {
    let readable =
        matches!(error, FrameError::UnreadableAction { .. } | FrameError::UnreadableErrorCode { .. });
    let reply = (readable && error.reply(version) == FrameReply::CallError).then(|| {
        let id = error.reply_id();
        let reply = json!([4, id.as_str(), error.error_code().as_wire(version), error.to_string(), {}]);
        (id.as_str().to_owned(), reply.to_string())
    });
    Unusable { reason: error.to_string(), reply }
}

/// A call of ours.
pub(crate) fn call(id: &str, action: &str, payload: &Value) -> String {
    json!([2, id, action, payload]).to_string()
}

/// The answer to a call of a charger.
pub(crate) fn answer(id: &str, answer: &Answer, protocol: Protocol) -> String {
    match answer {
        Answer::Result(payload) => json!([3, id, payload]).to_string(),
        Answer::Error { code, description } => {
            let error = CallError::new(wire(*code), description.as_str());
            json!([4, id, error.code.as_wire(version(protocol)), error.description, {}]).to_string()
        }
    }
}

const fn wire(code: CallErrorCode) -> ErrorCode {
    match code {
        CallErrorCode::NotImplemented => ErrorCode::NotImplemented,
        CallErrorCode::NotSupported => ErrorCode::NotSupported,
        CallErrorCode::InternalError => ErrorCode::InternalError,
        CallErrorCode::ProtocolError => ErrorCode::ProtocolError,
        CallErrorCode::SecurityError => ErrorCode::SecurityError,
        CallErrorCode::FormationViolation => ErrorCode::FormatViolation,
        CallErrorCode::PropertyConstraintViolation => ErrorCode::PropertyConstraintViolation,
        CallErrorCode::OccurrenceConstraintViolation => ErrorCode::OccurrenceConstraintViolation,
        CallErrorCode::TypeConstraintViolation => ErrorCode::TypeConstraintViolation,
        CallErrorCode::GenericError => ErrorCode::GenericError,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_can_be_answered_is_and_the_rest_is_not() {
        let reply = |text: &str| read(text, Protocol::Ocpp16).map_err(|unusable| unusable.reply);
        assert!(matches!(reply(r#"[2,"1","Heartbeat",{}]"#), Ok(Incoming::Call { .. })));
        assert!(matches!(reply(r#"[3,"1",{}]"#), Ok(Incoming::Result { .. })));
        assert!(matches!(reply(r#"[4,"1","GenericError","no",{}]"#), Ok(Incoming::Error { .. })));
        for text in ["", "{", "[]", "null", "[2]", "[9,\"1\",{}]", "[\"2\",\"1\",\"Heartbeat\",{}]", "[2,7"] {
            assert!(matches!(reply(text), Err(None)), "{text}");
        }
        let Err(Some((id, answer))) = reply(r#"[2,"1",5,{}]"#) else { panic!("its id can be read") };
        assert_eq!(id, "1");
        assert!(answer.starts_with(r#"[4,"1","#), "{answer}");
    }

    #[test]
    fn errors_are_spelled_as_the_version_does() {
        let error =
            Answer::Error { code: CallErrorCode::OccurrenceConstraintViolation, description: "x".into() };
        assert_eq!(answer("1", &error, Protocol::Ocpp16), r#"[4,"1","OccurenceConstraintViolation","x",{}]"#);
    }
}
