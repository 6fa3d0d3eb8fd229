//! Ids in paths.

use axum::{
    extract::{FromRequestParts, Path, path::ErrorKind, rejection::PathRejection},
    http::request,
};
use serde::de::DeserializeOwned;

use crate::problem::Problem;

/// An id in the path, or a tuple of them. What is no id names nothing: 404.
#[derive(Clone, Copy, Debug)]
pub struct PathId<T>(pub T);

impl<S, T> FromRequestParts<S> for PathId<T>
where
    S: Send + Sync,
    T: DeserializeOwned + Send,
{
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut request::Parts, state: &S) -> Result<Self, Problem> {
        match Path::from_request_parts(parts, state).await {
            Ok(Path(id)) => Ok(Self(id)),
            Err(rejection) if is_ours(&rejection) => Err(Problem::internal(rejection)),
            Err(_) => Err(Problem::not_found()),
        }
    }
}

/// Whether the route and its handler disagree, which no caller can cause.
fn is_ours(rejection: &PathRejection) -> bool {
    match rejection {
        PathRejection::FailedToDeserializePathParams(error) => matches!(
            error.kind(),
            ErrorKind::WrongNumberOfParameters { .. } | ErrorKind::UnsupportedType { .. }
        ),
        _ => true,
    }
}
