//! The documents of both APIs, as the servers serve them.

use anyhow::Context;
use clap::ValueEnum;

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Server {
    /// The operators' API.
    Internal,
    /// The partners' API.
    Public,
}

/// # Errors
/// Where the document cannot be written.
pub fn document(server: Server) -> anyhow::Result<String> {
    let document = match server {
        Server::Internal => api_internal::document(),
        Server::Public => api_public::document(),
    };
    let mut text = document.to_pretty_json().context("the document cannot be written")?;
    text.push('\n');
    Ok(text)
}
