//! Keyset paging: a page continues after the last row seen, so rows that come and go meanwhile
//! neither repeat nor hide others.

use std::{fmt, str::FromStr};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use chrono::DateTime;
use uuid::Uuid;

use crate::clock::Timestamp;

/// How many items a page may hold: 1 to 500, 50 unless told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limit(u16);

impl Limit {
    pub const MAX: u16 = 500;

    /// `None` outside 1 to 500.
    pub const fn new(limit: u16) -> Option<Self> {
        if limit >= 1 && limit <= Self::MAX { Some(Self(limit)) } else { None }
    }

    pub const fn get(self) -> u16 {
        self.0
    }
}

impl Default for Limit {
    fn default() -> Self {
        Self(50)
    }
}

/// The place of the last row of a page in its list's order. Opaque to callers of the API.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cursor {
    /// The leading sort key of lists ordered by an instant; `None` where the id alone orders.
    pub at: Option<Timestamp>,
    pub id: Uuid,
}

impl Cursor {
    pub fn of(id: impl Into<Uuid>) -> Self {
        Self { at: None, id: id.into() }
    }

    pub fn at(at: Timestamp, id: impl Into<Uuid>) -> Self {
        Self { at: Some(at), id: id.into() }
    }
}

impl fmt::Display for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut bytes = self.id.as_bytes().to_vec();
        if let Some(at) = self.at {
            bytes.extend(at.timestamp_micros().to_be_bytes());
        }
        f.write_str(&URL_SAFE_NO_PAD.encode(bytes))
    }
}

#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("the cursor is not one this list gave out")]
pub struct BadCursor;

impl FromStr for Cursor {
    type Err = BadCursor;

    fn from_str(text: &str) -> Result<Self, BadCursor> {
        let bytes = URL_SAFE_NO_PAD.decode(text).map_err(|_| BadCursor)?;
        let (id, at) = bytes.split_at_checked(16).ok_or(BadCursor)?;
        let id = Uuid::from_slice(id).map_err(|_| BadCursor)?;
        if at.is_empty() {
            return Ok(Self { at: None, id });
        }
        let micros = i64::from_be_bytes(at.try_into().map_err(|_| BadCursor)?);
        let at = DateTime::from_timestamp_micros(micros).ok_or(BadCursor)?;
        Ok(Self { at: Some(at), id })
    }
}

#[derive(Clone, Copy, Debug, Default)]
pub struct PageRequest {
    pub limit: Limit,
    pub after: Option<Cursor>,
}

/// One page of a list, and where the next begins.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page<T> {
    pub items: Vec<T>,
    pub next: Option<Cursor>,
}

impl<T> Page<T> {
    /// Builds a page from rows fetched with one more than the limit: the surplus row only says
    /// that there is a next page.
    pub fn from_surplus(mut rows: Vec<T>, limit: Limit, cursor: impl Fn(&T) -> Cursor) -> Self {
        let more = rows.len() > usize::from(limit.get());
        rows.truncate(usize::from(limit.get()));
        let next = if more { rows.last().map(cursor) } else { None };
        Self { items: rows, next }
    }

    pub fn map<U>(self, f: impl FnMut(T) -> U) -> Page<U> {
        Page { items: self.items.into_iter().map(f).collect(), next: self.next }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn cursors_round_trip(id: u128, micros in proptest::option::of(0_i64..4_102_444_800_000_000)) {
            let cursor = Cursor {
                at: micros.and_then(DateTime::from_timestamp_micros),
                id: Uuid::from_u128(id),
            };
            prop_assert_eq!(cursor.to_string().parse::<Cursor>(), Ok(cursor));
        }

        #[test]
        fn foreign_text_is_refused_without_a_panic(text in ".{0,64}") {
            let _ = text.parse::<Cursor>();
        }
    }

    #[test]
    fn the_surplus_row_only_announces_the_next_page() {
        let limit = Limit::new(2).unwrap();
        let id = |n: &u128| Cursor::of(Uuid::from_u128(*n));
        let page = Page::from_surplus(vec![1, 2, 3], limit, id);
        assert_eq!((page.items, page.next), (vec![1, 2], Some(Cursor::of(Uuid::from_u128(2)))));
        assert_eq!(Page::from_surplus(vec![1, 2], limit, id).next, None);
    }
}
