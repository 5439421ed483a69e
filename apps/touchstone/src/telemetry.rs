//! Logs: for people on a terminal, as JSON for everything else, always on standard error.

use std::{env, io};

use http_shell::connections::ConnectionErrors;
use tracing_subscriber::{
    EnvFilter, Layer as _, fmt, layer::SubscriberExt as _, registry, util::SubscriberInitExt as _,
};

use crate::{
    config::{LogFormat, LogSettings},
    exit::{Exit, Failure},
    output,
};

/// Starts logging for the whole process; a second call changes nothing.
pub fn start(settings: &LogSettings) -> Result<(), Failure> {
    let filter = EnvFilter::builder().parse(&settings.filter).map_err(|error| {
        Failure::new(Exit::Settings, format!("log.filter: {error}; write it as info,sqlx=warn"))
    })?;
    // The driver logs what statements are bound to, which is people's own: in no log, whatever the filter says.
    let quiet = "tokio_postgres::query=info".parse().map_err(Failure::fault)?;
    let filter = filter.add_directive(quiet);
    let writer = fmt::layer().with_writer(io::stderr);
    let pretty = match settings.format {
        LogFormat::Auto => output::is_watched(),
        LogFormat::Pretty => true,
        LogFormat::Json => false,
    };
    let writer = if pretty {
        let colours = output::is_watched() && env::var_os("NO_COLOR").is_none();
        writer.with_ansi(colours).with_target(false).boxed()
    } else {
        writer.json().flatten_event(true).with_span_list(false).boxed()
    };
    let started = registry().with(writer).with(ConnectionErrors).with(filter).try_init();
    // It fails when a test, or a host program, has a subscriber of its own already.
    let _ = started;
    Ok(())
}
