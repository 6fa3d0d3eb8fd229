//! api-internal.
