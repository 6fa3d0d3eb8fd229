//! Measurements of the whole product in release mode, printed as tables. Never a test: machines are
//! noisy, and what counts is one beside another on the same machine.

mod ingest;
mod lists;
mod processes;
mod product;
mod sockets;

use clap::{Parser, Subcommand};

#[derive(Parser)]
#[command(about)]
struct Arguments {
    #[command(subcommand)]
    what: What,
}

#[derive(Subcommand)]
enum What {
    /// Meter values of many stations: calls a second, waits, processor time and memory.
    Ingest(ingest::Arguments),
    /// Pages of a long audit trail beside pages of vehicles, on both databases.
    Audit(lists::Arguments),
    /// Many sockets that do nothing: how fast they get in, and what each costs.
    Sockets(sockets::Arguments),
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    match Arguments::parse().what {
        What::Ingest(arguments) => ingest::run(&arguments).await,
        What::Audit(arguments) => lists::run(&arguments).await,
        What::Sockets(arguments) => sockets::run(&arguments).await,
    }
}
