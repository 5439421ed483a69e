//! `touchstone mail bounce`.

use std::{
    io::Read as _,
    path::{Path, PathBuf},
};

use mail::{Notification, read_notification};

use super::attach::{Attached, refused};
use crate::{
    config::Settings,
    exit::{Exit, Failure},
    output,
};

/// The most a notification may have: it may bring the whole letter back.
const LARGEST: u64 = 32 * 1024 * 1024;

/// Notes the letters that came back. What cannot be read is told, and the rest is done.
pub(super) async fn bounce(settings: &Settings, files: &[PathBuf]) -> Result<(), Failure> {
    let standard_input = [PathBuf::from("-")];
    let files = if files.is_empty() { &standard_input[..] } else { files };
    let (mut notifications, mut unread) = (Vec::new(), Vec::new());
    for file in files {
        match read(file) {
            Ok(notification) => notifications.push(notification),
            Err(why) => unread.push(format!("{}: {why}", file.display())),
        }
    }
    if !notifications.is_empty() {
        let attached = Attached::open(settings).await?;
        let noted = note_each(&attached, &notifications).await;
        attached.close(noted).await?;
    }
    if unread.is_empty() { Ok(()) } else { Err(Failure::new(Exit::Refused, unread.join("\n"))) }
}

fn read(file: &Path) -> Result<Notification, String> {
    let mut message = Vec::new();
    let read = if file == Path::new("-") {
        std::io::stdin().lock().take(LARGEST + 1).read_to_end(&mut message)
    } else {
        std::fs::File::open(file).and_then(|file| file.take(LARGEST + 1).read_to_end(&mut message))
    };
    read.map_err(|error| error.to_string())?;
    if message.len() as u64 > LARGEST {
        return Err("it is larger than 32 MiB".to_owned());
    }
    read_notification(&message).map_err(|error| error.to_string())
}

async fn note_each(attached: &Attached, notifications: &[Notification]) -> Result<(), Failure> {
    for Notification { letter, failed, code } in notifications {
        if !failed {
            output::line(format_args!("{letter} is not lost ({code})."));
        } else if attached.platform.identity.bounces.bounced(*letter, code).await.map_err(refused)? {
            output::line(format_args!("{letter} came back ({code})."));
        } else {
            output::line(format_args!(
                "{letter} came back ({code}); nobody waits to be told, or was told before."
            ));
        }
    }
    Ok(())
}
