//! Input that breaks a rule of the domain, field by field, all at once.

use std::fmt;

/// One field and what is wrong with it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldError {
    /// JSON pointer into the request body, e.g. `/limit_kw`.
    pub pointer: String,
    /// A stable word for programs: `required`, `out_of_range`, `too_long`, `unknown_time_zone`, …
    pub code: &'static str,
    /// A sentence for people: lowercase, no full stop.
    pub detail: String,
}

/// Every broken rule of one command. Never empty when returned as an error.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Invalid {
    pub errors: Vec<FieldError>,
}

impl Invalid {
    pub fn one(pointer: impl Into<String>, code: &'static str, detail: impl Into<String>) -> Self {
        let mut invalid = Self::default();
        invalid.push(pointer, code, detail);
        invalid
    }

    pub fn push(&mut self, pointer: impl Into<String>, code: &'static str, detail: impl Into<String>) {
        self.errors.push(FieldError { pointer: pointer.into(), code, detail: detail.into() });
    }

    /// Checks a text: trimmed, not empty, at most `max` characters, no control characters.
    /// Returns it trimmed (possibly invalid, then an error is noted).
    pub fn text(&mut self, pointer: &str, text: &str, max: usize) -> String {
        let trimmed = text.trim();
        if trimmed.is_empty() {
            self.push(pointer, "required", "must not be empty");
        } else if trimmed.chars().count() > max {
            self.push(pointer, "too_long", format!("must be at most {max} characters"));
        } else if trimmed.chars().any(char::is_control) {
            self.push(pointer, "control_character", "must not hold control characters");
        }
        trimmed.to_owned()
    }

    /// Checks that a number lies in a closed range.
    pub fn range<T: PartialOrd + fmt::Display + Copy>(&mut self, pointer: &str, value: T, min: T, max: T) {
        if !(min..=max).contains(&value) {
            self.push(pointer, "out_of_range", format!("must be between {min} and {max}"));
        }
    }

    /// # Errors
    /// Itself, when anything was noted.
    pub fn into_result(self) -> Result<(), Self> {
        if self.errors.is_empty() { Ok(()) } else { Err(self) }
    }
}

impl fmt::Display for Invalid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("invalid input")?;
        for error in &self.errors {
            write!(f, "; {} {}", error.pointer, error.detail)?;
        }
        Ok(())
    }
}

impl std::error::Error for Invalid {}
