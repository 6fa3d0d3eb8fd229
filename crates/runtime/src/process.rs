//! What every server does around its own work: read the configuration, open the stores, run until
//! told to stop, and say by the exit code how it went.

use std::{path::PathBuf, pin::Pin, process::ExitCode, sync::Arc, time::Duration};

use anyhow::Context;
use clap::{Arg, Command, value_parser};
use kernel::{OrganisationId, StoreError};
use metrics_exporter_prometheus::PrometheusHandle;
use tokio::net::TcpListener;

use crate::{
    backends::{Backend, Backends},
    config::{Config, ConfigError},
    lifecycle::Lifecycle,
    services::Services,
    telemetry,
};

/// How often a store that was away at the start is looked for.
const LOOK: Duration = Duration::from_secs(2);
/// Exit code of wrong arguments or a wrong configuration.
const UNUSABLE: u8 = 2;

/// A process with its stores open. Cheap to clone.
#[derive(Clone)]
pub struct Process {
    pub config: Arc<Config>,
    pub lifecycle: Lifecycle,
    /// Absent where the process collects no metrics.
    pub metrics: Option<PrometheusHandle>,
    pub backends: Backends,
    pub services: Arc<Services>,
}

impl Process {
    /// Opens the stores and brings the schema up to date.
    ///
    /// # Errors
    /// Where a store cannot be opened or migrated.
    pub async fn open(config: Config, metrics: Option<PrometheusHandle>) -> anyhow::Result<Self> {
        let backends = Backends::open(&config).await?;
        backends.sea.migrate().await.context("the schema cannot be brought up to date")?;
        let services = Arc::new(Services::new(&backends, &config)?);
        let process =
            Self { config: Arc::new(config), lifecycle: Lifecycle::default(), metrics, backends, services };
        process.set_up_documents().await?;
        Ok(process)
    }

    /// Makes the tables of documents, as soon as their store answers: chargers do not wait for it.
    async fn set_up_documents(&self) -> anyhow::Result<()> {
        let documents = self.backends.documents.clone();
        match documents.set_up().await {
            Ok(()) => return Ok(()),
            Err(error) if error.retryable() => {
                tracing::warn!(%error, "documents are set up once their store answers");
            }
            Err(error) => return Err(error).context("the store of documents cannot be set up"),
        }
        let stopping = self.lifecycle.stopping();
        self.lifecycle.spawn("documents", async move {
            while stopping.run_until_cancelled(tokio::time::sleep(LOOK)).await.is_some() {
                match documents.set_up().await {
                    Ok(()) => break,
                    Err(error) => tracing::debug!(%error, "documents cannot be set up for now"),
                }
            }
            Ok(())
        });
        Ok(())
    }
}

impl Process {
    /// Runs until told to stop and everything is finished. Returns whether all went well.
    pub async fn run_to_end(&self) -> bool {
        let went_well = self.lifecycle.clone().run().await;
        self.flush().await;
        went_well
    }

    /// Makes the organisation and its first administrator where they are missing; a password that
    /// had to be made up is printed, this once.
    ///
    /// # Errors
    /// Where the store does not answer, or the configured administrator cannot be one.
    pub async fn first_administrator(&self, organisation: &str) -> anyhow::Result<OrganisationId> {
        let bootstrap = &self.services.access.bootstrap;
        let organisation = bootstrap.ensure_organisation(organisation).await.context("the organisation")?.id;
        let admin = &self.config.admin;
        let password = (!admin.password.is_empty()).then(|| admin.password.expose());
        let made = bootstrap.ensure_first_administrator(organisation, &admin.email, password).await;
        if let Some(made) = made.context("the first administrator")?
            && let Some(password) = made.generated_password
        {
            println!("The first administrator is {}, the password {password}", admin.email);
        }
        Ok(organisation)
    }

    /// The backends by name, whether they are required, and how to ask each whether it answers.
    pub fn probes(
        &self,
    ) -> impl Iterator<Item = (&'static str, bool, impl Fn() -> Asked + Send + Sync + 'static)> {
        Backend::ALL.into_iter().map(|backend| {
            let backends = self.backends.clone();
            let probe = move || -> Asked {
                let backends = backends.clone();
                Box::pin(async move { backends.check(backend).await })
            };
            (backend.name(), backend.is_required(), probe)
        })
    }
}

/// The answer of a backend, on its way.
pub type Asked = Pin<Box<dyn Future<Output = Result<(), StoreError>> + Send>>;

/// Takes an address.
///
/// # Errors
/// Where it is in use or not ours, naming the key that says so.
pub async fn listen(key: &str, address: std::net::SocketAddr) -> anyhow::Result<TcpListener> {
    TcpListener::bind(address).await.with_context(|| format!("`{key}` is {address}, which cannot be taken"))
}

/// Starts logs and metrics as the configuration says.
///
/// # Errors
/// For a log filter that cannot be read.
pub fn observe(config: &Config) -> anyhow::Result<PrometheusHandle> {
    telemetry::start_logs(config)?;
    telemetry::start_metrics()
}

/// The whole life of a server that does one thing: `start` gets the open process and spawns its
/// tasks. `--config FILE` names the configuration.
pub fn run<F>(name: &'static str, about: &'static str, start: impl FnOnce(Process) -> F) -> ExitCode
where
    F: Future<Output = anyhow::Result<()>>,
{
    let file = Arg::new("config")
        .long("config")
        .value_name("FILE")
        .value_parser(value_parser!(PathBuf))
        .help("The configuration, instead of ./manage.toml. Every key can also be set as MANAGE_<SECTION>__<KEY>");
    let matches = Command::new(name).about(about).version(env!("CARGO_PKG_VERSION")).arg(file).get_matches();
    let config = match Config::load(matches.get_one::<PathBuf>("config").map(PathBuf::as_path)) {
        Ok(config) => config,
        Err(error) => return refused(&error),
    };
    block_on(async {
        let metrics = observe(&config)?;
        let process = Process::open(config, Some(metrics)).await?;
        start(process.clone()).await?;
        Ok(process.run_to_end().await)
    })
}

/// Says why the configuration cannot be used.
pub fn refused(error: &ConfigError) -> ExitCode {
    eprintln!("error: {error}");
    ExitCode::from(UNUSABLE)
}

/// Runs to the end: 0 where all went well, else 1 with the reason on standard error.
pub fn block_on(work: impl Future<Output = anyhow::Result<bool>>) -> ExitCode {
    let outcome = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .context("no async runtime")
        .and_then(|runtime| runtime.block_on(work));
    match outcome {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}
