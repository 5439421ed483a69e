//! `touchstone throttle list` and `touchstone throttle lift`.

use identity::throttle::Counter;
use kernel::{Limit, PageRequest};

use super::attach::{Attached, refused};
use crate::{
    config::Settings,
    exit::{Exit, Failure},
    output,
};

pub(super) async fn list(settings: &Settings) -> Result<(), Failure> {
    let attached = Attached::open(settings).await?;
    let listed = print_all(&attached).await;
    attached.close(listed).await
}

pub(super) async fn lift(settings: &Settings, keys: &[String]) -> Result<(), Failure> {
    let attached = Attached::open(settings).await?;
    let lifted = lift_each(&attached, keys).await;
    let unknown = attached.close(lifted).await?;
    if unknown.is_empty() {
        return Ok(());
    }
    let message =
        format!("nothing is counted under {}; `touchstone throttle list` shows the keys", unknown.join(", "));
    Err(Failure::new(Exit::Refused, message))
}

/// Returns the keys under which there is nothing.
async fn lift_each<'k>(attached: &Attached, keys: &'k [String]) -> Result<Vec<&'k str>, Failure> {
    let mut unknown = Vec::new();
    for key in keys {
        if attached.platform.throttle.lift(key).await.map_err(refused)? {
            output::line(format_args!("{key} is lifted."));
        } else {
            unknown.push(key.as_str());
        }
    }
    Ok(unknown)
}

async fn print_all(attached: &Attached) -> Result<(), Failure> {
    let now = attached.platform.clock.now();
    let mut page = PageRequest { limit: Limit::MOST, after: None };
    let mut is_first = true;
    loop {
        let part = attached.platform.throttle.locked(now, &page).await.map_err(refused)?;
        if is_first && part.items.is_empty() {
            output::line("Nothing is locked.");
        }
        part.items.iter().for_each(|(key, counter)| output::line(line(key, counter)));
        (page.after, is_first) = (part.next, false);
        if page.after.is_none() {
            return Ok(());
        }
    }
}

fn line(key: &str, counter: &Counter) -> String {
    let Counter { count, since, failed, .. } = counter;
    let until = counter.locked_until.map_or_else(String::new, |until| until.to_string());
    let weight = match key.split_once(':') {
        Some(("address", _)) => format!("{} accounts, ban {count}", failed.len()),
        Some(("mail", _)) => format!("{count} mails"),
        _ => format!("{count} failures"),
    };
    format!("{key}  since {since}  until {until}  {weight}")
}
