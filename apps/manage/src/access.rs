//! `manage user add` and `manage api-key add`: who may come in, from the command line.

use std::collections::BTreeSet;

use access::{CreateApiKey, CreateUser};
use anyhow::{Context, bail};
use kernel::{PageRequest, Permission, Scope};
use runtime::Process;

async fn scope(process: &Process, organisation: &str) -> anyhow::Result<Scope> {
    let found = process.services.access.bootstrap.ensure_organisation(organisation).await;
    Ok(Scope::system(found.context("the organisation")?.id))
}

/// A new user.
pub struct NewUser<'a> {
    pub organisation: &'a str,
    pub email: String,
    pub name: String,
    pub password: String,
    pub role: &'a str,
}

/// # Errors
/// For an unknown role and whatever the rules of users refuse.
pub async fn add_user(process: &Process, user: NewUser<'_>) -> anyhow::Result<()> {
    let scope = scope(process, user.organisation).await?;
    let roles = process.services.access.roles.role_list(&scope, PageRequest::default()).await?.items;
    let Some(role) = roles.iter().find(|role| role.name.eq_ignore_ascii_case(user.role)) else {
        let known: Vec<&str> = roles.iter().map(|role| role.name.as_str()).collect();
        bail!("no such role; there are {}", known.join(", "));
    };
    let command = CreateUser {
        email: user.email,
        display_name: user.name,
        password: Some(user.password),
        roles: BTreeSet::from([role.id]),
        grants: BTreeSet::new(),
    };
    let (made, _) = process.services.access.users.user_create(&scope, command).await?;
    println!("{}", made.id);
    Ok(())
}

/// Makes a key and prints it, this once.
///
/// # Errors
/// For unknown permissions and whatever the rules of keys refuse.
pub async fn add_api_key(
    process: &Process,
    organisation: &str,
    name: String,
    permissions: &[String],
) -> anyhow::Result<()> {
    let scope = scope(process, organisation).await?;
    let permissions = permissions.iter().map(|text| text.parse::<Permission>()).collect::<Result<_, _>>()?;
    let command = CreateApiKey { name, permissions, groups: None, expires_at: None };
    let (_, secret) = process.services.access.api_keys.api_key_create(&scope, command).await?;
    println!("{}", secret.expose());
    Ok(())
}
