//! What the program does when it is told to.

mod admin;
mod assessment;
mod attach;
mod audit;
mod backup;
#[cfg(feature = "demo")]
mod demo;
mod documents;
mod keys;
mod mail;
mod migrate;
mod openapi;
mod organization;
mod outbox;
mod passwords;
mod progress;
pub mod serve;
mod throttle;
mod webhooks;

use std::collections::BTreeMap;

use crate::{
    cli::{Admin, Cli, Command, Keys, Mail, Organization, Outbox, Passwords, Throttle},
    config,
    exit::Failure,
    output, telemetry,
};

/// Does what the command line says.
pub async fn run(cli: Cli) -> Result<(), Failure> {
    // Variables that are not UTF-8 are none of ours.
    let environment: BTreeMap<_, _> = std::env::vars_os()
        .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
        .collect();
    let command = cli.command.unwrap_or(Command::Serve);
    if matches!(command, Command::Openapi) {
        return openapi::print();
    }
    if let Command::Assessment(command) = &command
        && let Some(done) = assessment::alone(command)
    {
        return done;
    }
    if let Command::Webhooks(command) = &command
        && let Some(done) = webhooks::alone(command).await
    {
        return done;
    }
    let loaded = config::load(&cli.options.flags(), &environment)?;
    if matches!(command, Command::Config) {
        output::line(config::show(&loaded).trim_end());
        return Ok(());
    }
    let settings = &loaded.settings;
    telemetry::start(&settings.log)?;
    match command {
        Command::Serve => serve::run(settings).await,
        Command::Migrate => migrate::run(settings).await,
        Command::Admin(Admin::Create { email, name, password_stdin }) => {
            admin::create(settings, &email, name.as_deref(), password_stdin).await
        }
        Command::Admin(Admin::RemoveFactor { email }) => admin::remove_factor(settings, &email).await,
        Command::Passwords(Passwords::Import { lists, plain }) => passwords::import(settings, &lists, plain),
        #[cfg(feature = "demo")]
        Command::Demo => demo::run(settings).await,
        Command::Keys(Keys::Rotate) => keys::rotate(settings).await,
        Command::Keys(Keys::Reseal) => keys::reseal(settings).await,
        Command::Outbox(Outbox::List { waiting }) => outbox::list(settings, waiting).await,
        Command::Outbox(Outbox::Retry { id }) => outbox::retry(settings, id).await,
        Command::Mail(Mail::Bounce { files }) => mail::bounce(settings, &files).await,
        Command::Mail(Mail::Pause { organization }) => organization::pause(settings, &organization).await,
        Command::Mail(Mail::Resume { organization }) => organization::resume(settings, &organization).await,
        Command::Organization(Organization::Show { organization }) => {
            organization::show(settings, &organization).await
        }
        Command::Organization(Organization::Limit { organization, asked_per_day, open_invitations }) => {
            organization::limit(settings, &organization, asked_per_day, open_invitations).await
        }
        Command::Throttle(Throttle::List) => throttle::list(settings).await,
        Command::Throttle(Throttle::Lift { keys }) => throttle::lift(settings, &keys).await,
        Command::Webhooks(command) => webhooks::run(settings, &command).await,
        Command::Documents(command) => documents::run(settings, &command).await,
        Command::Audit(command) => audit::run(settings, command).await,
        Command::Backup { file } => backup::backup(settings, &file).await,
        Command::Restore { file } => backup::restore(settings, &file).await,
        Command::Assessment(command) => assessment::run(settings, &command).await,
        Command::Openapi | Command::Config => Ok(()),
    }
}
