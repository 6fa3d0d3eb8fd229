//! Query fields, and the two that every list has.

use std::borrow::Cow;

use axum::{extract::FromRequestParts, http::request};
use kernel::{Cursor, Limit, PageRequest};
use serde::de::DeserializeOwned;
use utoipa::IntoParams;

use super::decode::field_problem;
use crate::problem::{FieldProblem, Problem};

/// Named query fields. Refused with 400 for unknown fields (give `T`
/// `#[serde(deny_unknown_fields)]`), repeated fields and unreadable values.
#[derive(Clone, Debug)]
pub struct ValidQuery<T>(pub T);

impl<S, T> FromRequestParts<S> for ValidQuery<T>
where
    S: Send + Sync,
    T: DeserializeOwned,
{
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut request::Parts, _: &S) -> Result<Self, Problem> {
        let fields = fields(parts)?;
        read(&fields).map(Self)
    }
}

/// The query of a list: which page, and the list's own filter.
#[derive(Clone, Debug)]
pub struct PagedQuery<F> {
    pub page: PageRequest,
    pub filter: F,
}

impl<S, F> FromRequestParts<S> for PagedQuery<F>
where
    S: Send + Sync,
    F: DeserializeOwned,
{
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut request::Parts, _: &S) -> Result<Self, Problem> {
        let mut fields = fields(parts)?;
        let limit = match take(&mut fields, "limit")? {
            Some(text) => text.parse().ok().and_then(Limit::new).ok_or_else(|| {
                refused(FieldProblem::new(
                    "/limit",
                    "out_of_range",
                    format!("must be between 1 and {}", Limit::MAX),
                ))
            })?,
            None => Limit::default(),
        };
        let after = match take(&mut fields, "cursor")? {
            Some(text) => Some(text.parse::<Cursor>().map_err(|error| {
                refused(FieldProblem::new("/cursor", "invalid_value", error.to_string()))
            })?),
            None => None,
        };
        Ok(Self { page: PageRequest { limit, after }, filter: read(&fields)? })
    }
}

/// The fields of [`PagedQuery`] that are not the filter, for the documentation of endpoints.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "describes the fields; `PagedQuery` reads them")]
pub struct PageParams {
    /// How many items a page may hold.
    #[param(minimum = 1, maximum = 500, default = 50)]
    limit: Option<u16>,
    /// `next_cursor` of the page before.
    cursor: Option<String>,
}

type Field<'a> = (Cow<'a, str>, Cow<'a, str>);

fn fields(parts: &request::Parts) -> Result<Vec<Field<'_>>, Problem> {
    let query = parts.uri.query().unwrap_or_default();
    let fields: Vec<Field<'_>> = form_urlencoded::parse(query.as_bytes()).collect();
    match fields.iter().find(|(_, value)| value.chars().any(char::is_control)) {
        Some((name, _)) => Err(refused(FieldProblem::new(
            format!("/{name}"),
            "control_character",
            "must not hold control characters",
        ))),
        None => Ok(fields),
    }
}

/// Takes the one field of that name out.
fn take<'a>(fields: &mut Vec<Field<'a>>, name: &str) -> Result<Option<Cow<'a, str>>, Problem> {
    let Some(at) = fields.iter().position(|(field, _)| field == name) else { return Ok(None) };
    let (_, value) = fields.remove(at);
    if fields.iter().any(|(field, _)| field == name) {
        let twice = FieldProblem::new(format!("/{name}"), "duplicate_field", "is given more than once");
        return Err(refused(twice));
    }
    Ok(Some(value))
}

fn read<T: DeserializeOwned>(fields: &[Field<'_>]) -> Result<T, Problem> {
    let text = form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
    let deserializer = serde_urlencoded::Deserializer::new(form_urlencoded::parse(text.as_bytes()));
    serde_path_to_error::deserialize(deserializer)
        .map_err(|error| refused(field_problem(error.path(), &error.inner().to_string())))
}

fn refused(field: FieldProblem) -> Problem {
    Problem::malformed("malformed_query", "the query cannot be used").field(field)
}
