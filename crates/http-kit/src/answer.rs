//! Answers that are more than a body: created, accepted, nothing left.

use axum::{
    Json,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use kernel::Version;
use serde::Serialize;

use crate::version::ETag;

/// 201 with the place, the version and the body of what was made.
#[derive(Debug)]
pub struct Created<T> {
    pub location: String,
    pub version: Option<Version>,
    pub body: T,
}

impl<T> Created<T> {
    pub fn new(location: impl Into<String>, body: T) -> Self {
        Self { location: location.into(), version: None, body }
    }

    #[must_use]
    pub fn version(mut self, version: Version) -> Self {
        self.version = Some(version);
        self
    }
}

impl<T: Serialize> IntoResponse for Created<T> {
    fn into_response(self) -> Response {
        let mut response = (StatusCode::CREATED, Json(self.body)).into_response();
        locate(&mut response, &self.location);
        match self.version {
            Some(version) => (ETag(version), response).into_response(),
            None => response,
        }
    }
}

/// 202 with the resource that tells how it went.
#[derive(Debug)]
pub struct Accepted<T> {
    pub location: String,
    pub body: T,
}

impl<T> Accepted<T> {
    pub fn new(location: impl Into<String>, body: T) -> Self {
        Self { location: location.into(), body }
    }
}

impl<T: Serialize> IntoResponse for Accepted<T> {
    fn into_response(self) -> Response {
        let mut response = (StatusCode::ACCEPTED, Json(self.body)).into_response();
        locate(&mut response, &self.location);
        response
    }
}

/// 204.
#[derive(Clone, Copy, Debug)]
pub struct NoContent;

impl IntoResponse for NoContent {
    fn into_response(self) -> Response {
        StatusCode::NO_CONTENT.into_response()
    }
}

fn locate(response: &mut Response, location: &str) {
    if let Ok(location) = HeaderValue::try_from(location) {
        response.headers_mut().insert(header::LOCATION, location);
    }
}
