//! The whole product, started.

use std::net::SocketAddr;

use kernel::OrganisationId;
use runtime::Process;

/// Where everything answers.
#[derive(Clone, Copy, Debug)]
pub struct Product {
    pub internal: SocketAddr,
    pub public: SocketAddr,
    pub connect: SocketAddr,
    pub organisation: OrganisationId,
}

/// Starts everything. `organisation` is made, with its first administrator, where it is missing.
///
/// # Errors
/// Where an address cannot be taken or a store does not answer.
pub async fn start(process: &Process, organisation: &str) -> anyhow::Result<Product> {
    let organisation = process.first_administrator(organisation).await?;
    let wakes = worker::start(process).await?;
    let gateway = connect::start(process, wakes.orders()).await?;
    let internal = api_internal::start(process).await?;
    let public = api_public::start(process).await?;
    Ok(Product { internal, public, connect: gateway.address, organisation })
}
