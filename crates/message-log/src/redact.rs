//! Taking secrets out of frames before anything is kept.
//!
//! A secret is the value of a setting or a field whose name says so (`AuthorizationKey`, whatever
//! holds `password`, …) and the credentials in a URL. Who looks for them by message would miss
//! those of vendors: they are looked for wherever they may stand, also in a text that is a document
//! itself. Id tags stay, since a log without them tells nothing of authorisation.

use std::borrow::Cow;

use serde_json::{Map, Value};

/// What stands in place of a secret.
pub const REDACTED: &str = "***";
/// What stands in place of a frame that cannot be read and may hold a secret.
pub const WITHHELD: &str = "*** (a frame that cannot be read and may hold a secret)";

/// Words in the names of secrets, in lower case and without separators.
const SECRETS: [&str; 8] = [
    "authorizationkey",
    "credential",
    "passphrase",
    "passwd",
    "password",
    "presharedkey",
    "privatekey",
    "secret",
];
/// Fields that hold the value of a setting that is named beside them.
const VALUES: [&str; 3] = ["value", "attributeValue", "data"];
/// Documents within texts within documents: how far they are followed.
const DEEPEST: u8 = 3;

/// The frame without its secrets. One that holds none is left as it is, byte by byte.
pub fn redacted(frame: &str) -> Cow<'_, str> {
    if !suspicious(frame) {
        return Cow::Borrowed(frame);
    }
    let Ok(mut document) = serde_json::from_str::<Value>(frame) else {
        return Cow::Borrowed(WITHHELD);
    };
    match redact(&mut document, DEEPEST) {
        true => Cow::Owned(document.to_string()),
        false => Cow::Borrowed(frame),
    }
}

/// Whether a text is worth reading: nearly none is. A name or a URL may be spelled with escapes.
fn suspicious(text: &str) -> bool {
    let bytes = text.as_bytes();
    text.contains("://")
        || text.contains(r":\/")
        || text.contains(r"\u00")
        || (0..bytes.len()).any(|at| begins_secret(&bytes[at..]))
}

fn begins_secret(bytes: &[u8]) -> bool {
    // Every frame comes by here, so most letters are passed over at a glance.
    matches!(bytes.first(), Some(b'A' | b'C' | b'P' | b'S' | b'a' | b'c' | b'p' | b's'))
        && SECRETS.iter().any(|word| begins_with(bytes, word.as_bytes()))
}

/// In any case, and with separators wherever they are.
fn begins_with(bytes: &[u8], word: &[u8]) -> bool {
    let mut letters = bytes.iter().filter(|byte| !is_separator(**byte));
    word.iter().all(|wanted| letters.next().is_some_and(|byte| byte.to_ascii_lowercase() == *wanted))
}

const fn is_separator(byte: u8) -> bool {
    matches!(byte, b'_' | b'-' | b'.' | b' ')
}

fn is_secret(name: &str) -> bool {
    let bytes = name.as_bytes();
    (0..bytes.len()).any(|at| begins_secret(&bytes[at..]))
}

/// Takes secrets out; whether there were any.
fn redact(value: &mut Value, depth: u8) -> bool {
    match value {
        // All of them: no secret stays because one was found before it.
        Value::Array(items) => {
            items.iter_mut().filter_map(|item| redact(item, depth).then_some(())).count() > 0
        }
        Value::Object(fields) => redact_fields(fields, depth),
        Value::String(text) => redact_text(text, depth),
        Value::Null | Value::Bool(_) | Value::Number(_) => false,
    }
}

fn redact_fields(fields: &mut Map<String, Value>, depth: u8) -> bool {
    // `{"key": "AuthorizationKey", "value": …}`, `{"variable": {"name": …}, "attributeValue": …}`,
    // `{"messageId": "SetPassword", "data": …}`
    let names_secret = fields.iter().any(|(field, value)| {
        let name = match value {
            Value::String(name) => Some(name.as_str()),
            Value::Object(named) => named.get("name").and_then(Value::as_str),
            _ => None,
        };
        !VALUES.contains(&field.as_str()) && name.is_some_and(is_secret)
    });
    let mut found = false;
    for (field, value) in fields.iter_mut() {
        if is_secret(field) || (names_secret && VALUES.contains(&field.as_str())) {
            found |= hide(value);
        } else if field == "variableAttribute" && names_secret {
            // `NotifyReport` names the variable beside a list of its values.
            found |= hide_values(value);
        } else {
            found |= redact(value, depth);
        }
    }
    found
}

fn hide_values(value: &mut Value) -> bool {
    let attributes = value.as_array_mut().into_iter().flatten().filter_map(Value::as_object_mut);
    let values = attributes.filter_map(|attribute| attribute.get_mut("value"));
    values.filter_map(|value| hide(value).then_some(())).count() > 0
}

/// What says nothing holds no secret.
fn hide(value: &mut Value) -> bool {
    if value.is_null() || value.as_str().is_some_and(str::is_empty) {
        return false;
    }
    *value = Value::String(REDACTED.to_owned());
    true
}

fn redact_text(text: &mut String, depth: u8) -> bool {
    if depth > 0
        && text.trim_start().starts_with(['{', '['])
        && let Ok(mut document) = serde_json::from_str::<Value>(text)
    {
        let found = redact(&mut document, depth - 1);
        if found {
            *text = document.to_string();
        }
        return found;
    }
    match without_credentials(text) {
        Some(clean) => {
            *text = clean;
            true
        }
        None => false,
    }
}

/// A text in which the credentials of URLs are replaced; `None` where there are none.
fn without_credentials(text: &str) -> Option<String> {
    let mut clean = String::with_capacity(text.len());
    let (mut rest, mut found) = (text, false);
    while let Some(at) = rest.find("://") {
        let (before, after) = rest.split_at(at + 3);
        clean.push_str(before);
        let authority = after.find(['/', '?', '#', ' ', '\n']).unwrap_or(after.len());
        // A password may hold an unescaped `@`: the last one ends the credentials.
        rest = match after[..authority].rfind('@') {
            Some(end) => {
                found = true;
                clean.push_str(REDACTED);
                &after[end..]
            }
            None => after,
        };
    }
    clean.push_str(rest);
    found.then_some(clean)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    #[track_caller]
    fn becomes(frame: &Value, expected: &Value) {
        let redacted = redacted(&frame.to_string()).into_owned();
        assert_eq!(serde_json::from_str::<Value>(&redacted).unwrap(), *expected);
    }

    fn call(action: &str, payload: &Value) -> Value {
        json!([2, "1", action, payload])
    }

    #[test]
    fn settings_that_are_secrets_lose_their_value() {
        let set =
            |value: &str| call("ChangeConfiguration", &json!({"key": "AuthorizationKey", "value": value}));
        becomes(&set("0123456789abcdef"), &set("***"));
        let set = |value: &str| {
            call(
                "SetVariables",
                &json!({"setVariableData": [
                    {"attributeValue": value, "component": {"name": "SecurityCtrlr"}, "variable": {"name": "BasicAuthPassword"}},
                    {"attributeValue": "60", "component": {"name": "OCPPCommCtrlr"}, "variable": {"name": "HeartbeatInterval"}},
                ]}),
            )
        };
        becomes(&set("hunter2"), &set("***"));
        let told = |value: &str| json!([3, "1", {"configurationKey": [{"key": "wifi_pass-phrase", "readonly": true, "value": value}]}]);
        becomes(&told("hunter2"), &told("***"));
        let report = |value: &str| {
            call(
                "NotifyReport",
                &json!({"reportData": [{"variable": {"name": "BasicAuthPassword"}, "variableAttribute": [{"value": value}]}]}),
            )
        };
        becomes(&report("hunter2"), &report("***"));
    }

    #[test]
    fn fields_that_are_secrets_do_as_well_however_deep() {
        let profile = |value: &str| {
            call("SetNetworkProfile", &json!({"connectionData": {"vpn": {"user": "u", "password": value}}}))
        };
        becomes(&profile("hunter2"), &profile("***"));
        let vendor = |value: &str| {
            let data = json!({"a": [{"admin_password": value}]}).to_string();
            call("DataTransfer", &json!({"vendorId": "v", "data": data}))
        };
        becomes(&vendor("hunter2"), &vendor("***"));
        let vendor = |data: &str| {
            call("DataTransfer", &json!({"vendorId": "v", "messageId": "SetPassword", "data": data}))
        };
        becomes(&vendor("hunter2"), &vendor("***"));
    }

    #[test]
    fn urls_lose_their_credentials() {
        let update = |at: &str| {
            call("UpdateFirmware", &json!({"location": at, "retrieveDate": "2026-03-02T08:00:00Z"}))
        };
        becomes(&update("ftp://user:p@ss@files.example/f.bin"), &update("ftp://***@files.example/f.bin"));
        becomes(&update("https://files.example/a@b"), &update("https://files.example/a@b"));
        let diagnostics = |at: &str| call("GetDiagnostics", &json!({"location": at}));
        becomes(
            &diagnostics("see sftp://u:p@one then ftp://u@two/x"),
            &diagnostics("see sftp://***@one then ftp://***@two/x"),
        );
    }

    #[test]
    fn a_name_or_a_url_spelled_with_escapes_is_found() {
        let frame = r#"[2,"1","ChangeConfiguration",{"key":"Authorization\u004bey","value":"hunter2"}]"#;
        assert!(!redacted(frame).contains("hunter2"));
        let frame = r#"[2,"1","GetDiagnostics",{"location":"ftp:\/\/u:hunter2@x\/"}]"#;
        assert!(!redacted(frame).contains("hunter2"));
    }

    #[test]
    fn what_cannot_be_read_and_may_hold_a_secret_is_withheld() {
        assert_eq!(
            redacted(r#"[2,"1","ChangeConfiguration",{"key":"AuthorizationKey","value":"hunter"#),
            WITHHELD
        );
        assert_eq!(redacted("[2,"), "[2,");
    }

    #[test]
    fn everything_else_stays_byte_by_byte() {
        for frame in [
            r#"[2, "1", "Authorize", {"idTag":"CAFE01"}]"#,
            r#"[2,"1","ChangeConfiguration",{"key":"HeartbeatInterval","value":"60"}]"#,
            r#"[2,"1","GetConfiguration",{"key":["AuthorizationKey"]}]"#,
            r#"[2,"1","MeterValues",{"meterValue":[{"sampledValue":[{"value":"1.50"}]}]}]"#,
        ] {
            assert!(matches!(redacted(frame), Cow::Borrowed(same) if same == frame), "{frame}");
        }
    }

    proptest! {
        /// Whatever the case and the separators of its name, and however deep it stands.
        #[test]
        fn no_secret_passes(
            word in proptest::sample::select(&SECRETS[..]),
            upper in any::<u32>(),
            separator in proptest::sample::select(vec!["", "_", "-", " "]),
            depth in 0_usize..6,
        ) {
            let cut = word.len() / 2;
            let spell = |(at, c): (usize, char)| {
                if upper >> (at % 32) & 1 == 1 { c.to_ascii_uppercase() } else { c }
            };
            let name: String = word.chars().enumerate().map(spell).collect();
            let name = format!("x{}{separator}{}", &name[..cut], &name[cut..]);
            let mut payload = json!({name: "hunter2"});
            for _ in 0..depth {
                payload = json!({"inner": [payload]});
            }
            prop_assert!(!redacted(&call("X", &payload).to_string()).contains("hunter2"));
        }

        #[test]
        fn any_text_is_taken_without_a_panic(text in ".{0,200}") {
            let _ = redacted(&text);
            let _ = without_credentials(&text);
        }
    }
}
