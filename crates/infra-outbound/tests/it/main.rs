//! Mail to a real server, and webhooks to real receivers.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod authority;
mod guide;
mod mail;
mod smtp_server;
mod tls;
mod webhooks;
