//! The whole product, started.

use std::net::SocketAddr;

use anyhow::Context;
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
    let organisation = first_administrator(process, organisation).await?;
    let wakes = worker::start(process);
    let gateway = connect::start(process, wakes.orders()).await?;
    let internal = api_internal::start(process).await?;
    let public = api_public::start(process).await?;
    Ok(Product { internal, public, connect: gateway.address, organisation })
}

/// Makes the organisation and its first administrator where they are missing; a password that had
/// to be made up is printed, this once.
async fn first_administrator(process: &Process, name: &str) -> anyhow::Result<OrganisationId> {
    let bootstrap = &process.services.access.bootstrap;
    let organisation = bootstrap.ensure_organisation(name).await.context("the organisation")?.id;
    let admin = &process.config.admin;
    let password = (!admin.password.is_empty()).then(|| admin.password.expose());
    let made = bootstrap.ensure_first_administrator(organisation, &admin.email, password).await;
    if let Some(made) = made.context("the first administrator")?
        && let Some(password) = made.generated_password
    {
        println!("The first administrator is {}, the password {password}", admin.email);
    }
    Ok(organisation)
}
