//! infra-local.
