//! Alerts, who is told of them, and the messages on their way.

mod alerts;
mod deliveries;
mod entities;
mod outside;
mod reader;
mod rules;
mod webhook_entities;
mod webhooks;
