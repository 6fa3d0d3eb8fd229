//! From what serde says about input to a field and a code.

use serde_path_to_error::{Path, Segment};

use crate::problem::FieldProblem;

/// Where reading failed and why. serde tells the kind of a failure in words only; the words are
/// part of its interface (`serde::de::Error`) and pinned by tests.
pub(super) fn field_problem(path: &Path, message: &str) -> FieldProblem {
    let message = without_position(message);
    let pointer = pointer(path);
    if let Some(field) = named(message, "unknown field `") {
        return FieldProblem::new(member(pointer, field), "unknown_field", "is not a known field");
    }
    if let Some(field) = named(message, "missing field `") {
        return FieldProblem::new(member(pointer, field), "required", "is required");
    }
    if let Some(field) = named(message, "duplicate field `") {
        return FieldProblem::new(member(pointer, field), "duplicate_field", "is given more than once");
    }
    let code = if message.starts_with("invalid type") {
        "wrong_type"
    } else if message.starts_with("unknown variant") {
        "unknown_value"
    } else {
        "invalid_value"
    };
    FieldProblem::new(pointer, code, message)
}

fn pointer(path: &Path) -> String {
    let mut pointer = String::new();
    for segment in path {
        match segment {
            Segment::Seq { index } => {
                pointer.push('/');
                pointer.push_str(&index.to_string());
            }
            Segment::Map { key } | Segment::Enum { variant: key } => push(&mut pointer, key),
            Segment::Unknown => {}
        }
    }
    pointer
}

/// The pointer of a member, where the path may or may not already end with it.
fn member(pointer: String, name: &str) -> String {
    let mut last = String::new();
    push(&mut last, name);
    if pointer.ends_with(&last) { pointer } else { pointer + &last }
}

fn push(pointer: &mut String, key: &str) {
    pointer.push('/');
    pointer.push_str(&key.replace('~', "~0").replace('/', "~1"));
}

/// The name between the backticks after `prefix`.
fn named<'a>(message: &'a str, prefix: &str) -> Option<&'a str> {
    let rest = message.strip_prefix(prefix)?;
    let end = rest.find("`, expected").or_else(|| rest.rfind('`'))?;
    Some(&rest[..end])
}

/// serde_json ends its messages with the place, which the pointer says better.
fn without_position(message: &str) -> &str {
    message.rsplit_once(" at line ").map_or(message, |(message, _)| message)
}
