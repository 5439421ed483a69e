//! Files letters in a folder instead of sending them, for developing without a mail server.

use std::{
    fs,
    io::{self, Write},
    os::unix::fs::{DirBuilderExt, OpenOptionsExt},
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use async_trait::async_trait;
use kernel::{CalendarWriter, Clock, Mail, MailError, Mailer, NoticeText, NoticeTextError, Timestamp};
use time::{format_description::StaticFormatDescription, macros::format_description};

use serde_json::Value;

use crate::{Sender, message, notices::render_notice};

const STAMP: StaticFormatDescription =
    format_description!("[year][month][day]T[hour][minute][second].[subsecond digits:6]Z");

/// A mailer that writes each letter as `<time>-<template>-<id>.eml`, readable by its owner alone.
///
/// The files hold one-time links, so the folder, made when first needed, is closed to others.
pub struct FolderMailer {
    folder: PathBuf,
    sender: Sender,
    calendar: Option<Arc<dyn CalendarWriter>>,
    clock: Arc<dyn Clock>,
    attempts: AtomicU64,
}

impl FolderMailer {
    /// A mailer that files letters from `sender` in `folder`.
    pub fn new(folder: impl Into<PathBuf>, sender: Sender, clock: Arc<dyn Clock>) -> Self {
        Self { folder: folder.into(), sender, calendar: None, clock, attempts: AtomicU64::new(0) }
    }

    /// The same mailer, which takes letters with appointments too.
    pub fn with_calendar(self, writer: Arc<dyn CalendarWriter>) -> Self {
        Self { calendar: Some(writer), ..self }
    }

    fn file_name(mail: &Mail, now: Timestamp) -> String {
        let stamp =
            now.to_offset_date_time().format(STAMP).unwrap_or_else(|_| now.unix_seconds().to_string());
        format!("{stamp}-{}-{}.eml", mail.template.replace('/', "-"), mail.id)
    }
}

#[async_trait]
impl Mailer for FolderMailer {
    fn notice(&self, template: &str, values: &Value) -> Result<NoticeText, NoticeTextError> {
        render_notice(template, values)
    }

    async fn send(&self, mail: &Mail) -> Result<(), MailError> {
        let now = self.clock.now();
        let message = message::build(mail, &self.sender, self.calendar.as_deref(), now)?.formatted();
        let name = Self::file_name(mail, now);
        let attempt = self.attempts.fetch_add(1, Ordering::Relaxed);
        let draft = self.folder.join(format!(".{name}.{}-{attempt}.tmp", std::process::id()));
        let path = self.folder.join(name);
        let folder = self.folder.clone();
        let filed = path.clone();
        tokio::task::spawn_blocking(move || file(&folder, &draft, &filed, &message))
            .await
            .map_err(|_| MailError::Transient("the writing task ended early".to_owned()))?
            .map_err(|error| MailError::Transient(format!("{}: {error}", self.folder.display())))?;
        tracing::info!(path = %path.display(), template = mail.template, "mail filed");
        Ok(())
    }
}

fn file(folder: &Path, draft: &Path, path: &Path, message: &[u8]) -> io::Result<()> {
    fs::DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
    let written = write(draft, message).and_then(|()| fs::rename(draft, path));
    if written.is_err() {
        let _ = fs::remove_file(draft); // may not exist; the first error is the one to tell
    }
    written
}

fn write(draft: &Path, message: &[u8]) -> io::Result<()> {
    let mut file = fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(draft)?;
    file.write_all(message)?;
    file.sync_all()
}
