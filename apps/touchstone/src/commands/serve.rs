//! `touchstone serve`: from nothing to a server that answers, and back.

mod greeting;

use std::{
    io::ErrorKind,
    net::{SocketAddr, TcpListener},
    time::Duration,
};

use credentials::KeyEncryptionKeys;
use embedded_postgres::Exit as PostgresExit;
use metrics_exporter_prometheus::PrometheusHandle;
use platform::{
    Platform,
    shutdown::{self, Signals, Stop},
};
use system::SystemRandom;
use tokio::{
    task::{JoinHandle, JoinSet},
    time,
};
use tracing::{error, info, warn};

use self::greeting::{Greeting, greet};
use crate::{
    config::{Settings, StoreKind},
    data_folder::DataFolder,
    database::{Database, OpenMode},
    exit::{Exit, Failure},
    options, output, serving,
};

/// How long what is left is closed after something broke.
const REMAINS_CLOSE: Duration = Duration::from_secs(5);
/// How long background work may take to finish what it took.
const WORK_FINISHES: Duration = Duration::from_secs(10);
/// How long requests may take to finish; a little more than the HTTP server itself grants.
const REQUESTS_FINISH: Duration = Duration::from_secs(32);

/// Serves until it is asked to stop.
pub(super) async fn run(settings: &Settings) -> Result<(), Failure> {
    let mut signals = Signals::listen().map_err(Failure::fault)?;
    let started = tokio::select! {
        started = Server::start(settings) => started?,
        () = signals.next() => {
            output::notice("Stopped before it was ready.");
            return Ok(());
        }
    };
    started.serve(signals).await
}

struct Server {
    /// `None` when nothing is kept.
    database: Option<Database>,
    work: JoinSet<()>,
    work_stop: Stop,
    requests: JoinHandle<std::io::Result<()>>,
    requests_stop: Stop,
}

impl Server {
    async fn start(settings: &Settings) -> Result<Self, Failure> {
        let folder = DataFolder::choose(settings.data.as_deref())?;
        // First of all, since it fails quickly. Whoever connects meanwhile is answered when all is ready.
        let listener = listen(settings.listen, "--listen")?;
        let admin = settings.admin_listen.0.map(|address| listen(address, "--admin-listen")).transpose()?;
        let address = listener.local_addr().map_err(Failure::fault)?;
        let admin_address = admin.as_ref().and_then(|listener| listener.local_addr().ok());
        let public_url = options::public_url(settings, address);
        let metrics = http_shell::layers::metrics::install().map_err(Failure::fault)?;

        let (platform, database) = open(settings, &folder, &public_url).await?;
        let (requests_stop, mut requests_stopping) = shutdown::channel();
        let (work_stop, work_stopping) = shutdown::channel();
        let work = platform.start_work(&options::worker_options(settings), &work_stopping);
        let state = serving::state(&platform, serving::settings(settings));
        if let Some(admin) = admin {
            serve_metrics(admin, metrics, requests_stopping.clone());
        }
        let requests = serving::serve(listener, state, async move { requests_stopping.stopped().await });
        greet(&Greeting {
            address,
            admin_address,
            store: database.as_ref().map(|database| database.description.as_str()),
            mail: &options::mail_destination(&settings.mail, &folder),
            workers: settings.workers.enabled,
            data: settings.data.as_deref(),
        });
        Ok(Self { database, work, work_stop, requests, requests_stop })
    }

    async fn serve(mut self, mut signals: Signals) -> Result<(), Failure> {
        let outcome = tokio::select! {
            () = signals.next() => {
                output::notice("Stopping: running requests are finished first. A second signal ends it at once.");
                Ok(())
            }
            exit = died(self.database.as_ref()) => Err(postgres_died(&exit)),
            ended = &mut self.requests => Err(server_ended(ended)),
        };
        let stopped = tokio::select! {
            stopped = self.stop(outcome.is_ok()) => stopped,
            () = signals.next() => {
                return Err(Failure::new(Exit::Interrupted, "ended at once"));
            }
        };
        outcome.and(stopped)
    }

    /// Work first: its last words go through connections that the HTTP server's threads may have opened, and those
    /// end with it.
    async fn stop(mut self, gently: bool) -> Result<(), Failure> {
        let begun = time::Instant::now();
        self.work_stop.stop();
        let finished = time::timeout(if gently { WORK_FINISHES } else { Duration::ZERO }, async {
            while self.work.join_next().await.is_some() {}
        });
        if finished.await.is_err() && gently {
            warn!("background work was cut short; its deliveries come again");
        }
        self.work.abort_all();
        self.requests_stop.stop();
        if !self.requests.is_finished()
            && gently
            && time::timeout(REQUESTS_FINISH, &mut self.requests).await.is_err()
        {
            warn!("requests were cut short");
        }
        match self.database {
            Some(database) if gently => database.close().await?,
            // PostgreSQL may be gone, and with it the answers its connections wait for.
            Some(database) => {
                if let Ok(closed) = time::timeout(REMAINS_CLOSE, database.close()).await {
                    closed?;
                }
            }
            None => {}
        }
        info!(took_ms = begun.elapsed().as_millis(), "stopped");
        Ok(())
    }
}

async fn open(
    settings: &Settings,
    folder: &DataFolder,
    public_url: &str,
) -> Result<(Platform, Option<Database>), Failure> {
    if settings.store == StoreKind::Memory {
        let keys = KeyEncryptionKeys::generate(&SystemRandom);
        let options = options::options(settings, public_url, folder, keys)?;
        return Ok((Platform::in_memory(options).await?, None));
    }
    let database = Database::open(settings, folder, OpenMode::Serve).await?;
    let options = options::options(settings, public_url, folder, database.keys.clone())?;
    match Platform::on_postgres(database.storage.clone(), options).await {
        Ok(platform) => Ok((platform, Some(database))),
        Err(error) => {
            // The failure is what matters; a cluster that does not stop cleanly recovers at its next start.
            let _ = database.close().await;
            Err(error.into())
        }
    }
}

fn listen(address: SocketAddr, flag: &str) -> Result<TcpListener, Failure> {
    TcpListener::bind(address).map_err(|error| {
        let message = match error.kind() {
            ErrorKind::AddrInUse => {
                format!(
                    "{address} is in use, perhaps by another touchstone; choose another address with {flag}"
                )
            }
            _ => format!("cannot listen on {address}: {error}; choose another address with {flag}"),
        };
        Failure::new(Exit::AddressUnusable, message)
    })
}

fn serve_metrics(listener: TcpListener, metrics: PrometheusHandle, mut stopping: shutdown::Stopping) {
    tokio::spawn(async move {
        let served = http_shell::admin::serve(listener, metrics, async move { stopping.stopped().await });
        if let Err(error) = served.await {
            error!(%error, "metrics are no longer served");
        }
    });
}

/// Never, when there is no cluster of ours.
async fn died(database: Option<&Database>) -> PostgresExit {
    match database.and_then(|database| database.cluster.as_ref()) {
        Some(cluster) => cluster.exited().await,
        None => std::future::pending().await,
    }
}

fn postgres_died(exit: &PostgresExit) -> Failure {
    let code = exit.code.map_or_else(|| "was killed".to_owned(), |code| format!("ended with code {code}"));
    let last = exit.log.lines().last().unwrap_or("its log says nothing");
    Failure::new(
        Exit::PostgresFailed,
        format!("PostgreSQL {code} under the running server; its log ends: {last}"),
    )
}

fn server_ended(ended: Result<std::io::Result<()>, tokio::task::JoinError>) -> Failure {
    match ended {
        Ok(Ok(())) => Failure::new(Exit::Fault, "the HTTP server ended by itself"),
        Ok(Err(error)) => Failure::new(Exit::Fault, format!("the HTTP server failed: {error}")),
        Err(error) => Failure::new(Exit::Fault, format!("the HTTP server broke off: {error}")),
    }
}
