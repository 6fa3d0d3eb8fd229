//! Mail to a real server, and webhooks to real receivers.

mod mail;
mod smtp_server;
mod webhooks;
