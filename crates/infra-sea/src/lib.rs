//! infra-sea.
