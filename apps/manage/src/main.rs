//! The command line.

use std::{io::Write, path::PathBuf, process::ExitCode};

use anyhow::Context;
use clap::{Parser, Subcommand};
use manage::{
    access::{NewUser, add_api_key, add_user},
    allocate::allocate,
    demo,
    openapi::{Server, document},
    plan::plan,
    product,
};
use runtime::{
    Config, Process,
    config::ORGANISATION,
    process::{block_on, observe, refused},
};

/// The central backend of an electric fleet's charging.
#[derive(Parser)]
#[command(version)]
struct Arguments {
    /// The configuration, instead of ./manage.toml. Every key can also be set as MANAGE_<SECTION>__<KEY>
    #[arg(long, global = true, value_name = "FILE")]
    config: Option<PathBuf>,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Run everything with a demo depot whose simulated chargers speak real OCPP
    Demo,
    /// Run everything
    Serve,
    /// Bring the database to the schema this program knows, and make the tables of documents
    Migrate,
    /// Print the OpenAPI document of an API
    Openapi { server: Server },
    /// Read the configuration and say whether it can be used
    CheckConfig,
    /// Manage people
    User {
        #[command(subcommand)]
        action: UserAction,
    },
    /// Manage the keys of partners
    ApiKey {
        #[command(subcommand)]
        action: ApiKeyAction,
    },
    /// Allocate power to a snapshot of a depot, and print the setpoints with their reasons
    Allocate {
        /// A JSON file; `-` is standard input
        snapshot: PathBuf,
    },
    /// Plan the charging of a depot's vehicles, and print power by slot with what is unmet and why
    Plan {
        /// A JSON file; `-` is standard input
        problem: PathBuf,
    },
}

#[derive(Subcommand)]
enum UserAction {
    /// Add somebody who may sign in
    Add {
        email: String,
        /// How they are called
        #[arg(long, default_value = "")]
        name: String,
        /// administrator, operator, viewer, or a role of your own
        #[arg(long, default_value = "operator")]
        role: String,
        /// 8 to 256 characters
        #[arg(long, env = "MANAGE_USER_PASSWORD", hide_env_values = true)]
        password: String,
        #[arg(long, default_value = ORGANISATION)]
        organisation: String,
    },
}

#[derive(Subcommand)]
enum ApiKeyAction {
    /// Make a key and print it, this once
    Add {
        name: String,
        /// What it may do, as in `vehicle:read`; repeat for more
        #[arg(long = "permission", required = true)]
        permissions: Vec<String>,
        #[arg(long, default_value = ORGANISATION)]
        organisation: String,
    },
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    match arguments.command {
        Command::Openapi { server } => print(document(server)),
        Command::Allocate { snapshot } => print(allocate(&snapshot)),
        Command::Plan { problem } => print(plan(&problem)),
        command => match Config::load(arguments.config.as_deref()) {
            Ok(config) => with_config(command, config),
            Err(error) => refused(&error),
        },
    }
}

fn print(text: anyhow::Result<String>) -> ExitCode {
    block_on(async move {
        // Whoever reads it may have seen enough: that is no failure.
        let _ = std::io::stdout().write_all(text?.as_bytes());
        Ok(true)
    })
}

fn with_config(command: Command, config: Config) -> ExitCode {
    block_on(async move {
        match command {
            Command::CheckConfig => println!("The configuration can be used."),
            Command::Migrate => {
                let documents = Process::open(config, None).await?.backends.documents;
                documents.set_up().await.context("the store of documents cannot be set up")?;
            }
            Command::Serve => return serve(config).await,
            Command::Demo => return demo::run(config).await,
            Command::User { action: UserAction::Add { email, name, role, password, organisation } } => {
                let process = Process::open(config, None).await?;
                let name = if name.is_empty() { email.clone() } else { name };
                let user = NewUser { organisation: &organisation, email, name, password, role: &role };
                add_user(&process, user).await?;
            }
            Command::ApiKey { action: ApiKeyAction::Add { name, permissions, organisation } } => {
                let process = Process::open(config, None).await?;
                add_api_key(&process, &organisation, name, &permissions).await?;
            }
            Command::Openapi { .. } | Command::Allocate { .. } | Command::Plan { .. } => {}
        }
        Ok(true)
    })
}

async fn serve(config: Config) -> anyhow::Result<bool> {
    let metrics = observe(&config)?;
    let process = Process::open(config, Some(metrics)).await?;
    let product = product::start(&process, &process.config.admin.organisation).await?;
    println!("operators  http://{}/docs", product.internal);
    println!("partners   http://{}/docs", product.public);
    println!("chargers   ws://{}/ocpp/{{identity}}", product.connect);
    Ok(process.run_to_end().await)
}
