//! Keeps letters instead of sending them, for tests and for trying Touchstone out without anything around it.

use std::{
    collections::HashMap,
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use async_trait::async_trait;
use kernel::{CalendarWriter, Mail, MailError, Mailer, NoticeText, NoticeTextError};
use tokio::sync::watch;

use serde_json::Value;

use crate::{notices::render_notice, templates};

const CAPACITY: usize = 10_000;

/// A mailer whose letters stay here, the latest 10,000 of them; refuses what the others would refuse, and what it is
/// told to.
pub struct MemoryMailer {
    sent: watch::Sender<Vec<Mail>>,
    refused: Mutex<HashMap<String, String>>,
    calendar: Option<Arc<dyn CalendarWriter>>,
}

impl MemoryMailer {
    /// A mailer that has sent nothing.
    pub fn new() -> Self {
        Self { sent: watch::Sender::new(Vec::new()), refused: Mutex::default(), calendar: None }
    }

    /// The same mailer, which takes letters with appointments too.
    pub fn with_calendar(self, writer: Arc<dyn CalendarWriter>) -> Self {
        Self { calendar: Some(writer), ..self }
    }

    /// From now on letters to this address are refused, as a mail server would with this answer.
    pub fn refuse(&self, address: &str, answer: &str) {
        self.refusals().insert(address.to_owned(), answer.to_owned());
    }

    /// From now on letters to this address are taken again.
    pub fn accept(&self, address: &str) {
        self.refusals().remove(address);
    }

    fn refusals(&self) -> MutexGuard<'_, HashMap<String, String>> {
        self.refused.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What was sent, oldest first.
    pub fn sent(&self) -> Vec<Mail> {
        self.sent.borrow().clone()
    }

    /// The first letter, sent before or from now on, for which `wanted` holds; `None` if there is none within
    /// `timeout`.
    pub async fn wait_for(&self, wanted: impl Fn(&Mail) -> bool + Send, timeout: Duration) -> Option<Mail> {
        let mut sent = self.sent.subscribe();
        let arrived = sent.wait_for(|mails| mails.iter().any(&wanted));
        let mails = tokio::time::timeout(timeout, arrived).await.ok()?.ok()?;
        mails.iter().find(|mail| wanted(mail)).cloned()
    }
}

impl Default for MemoryMailer {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for MemoryMailer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MemoryMailer").field("sent", &self.sent).finish_non_exhaustive()
    }
}

#[async_trait]
impl Mailer for MemoryMailer {
    fn notice(&self, template: &str, values: &Value) -> Result<NoticeText, NoticeTextError> {
        render_notice(template, values)
    }

    async fn send(&self, mail: &Mail) -> Result<(), MailError> {
        #[cfg(feature = "smtp")]
        crate::message::recipient(mail)?;
        templates::render(mail)?;
        templates::appointment(mail, self.calendar.as_deref(), "", &mail.to)?;
        if let Some(answer) = self.refusals().get(&mail.to) {
            return Err(MailError::Refused(answer.clone()));
        }
        self.sent.send_modify(|mails| {
            if mails.len() == CAPACITY {
                mails.remove(0);
            }
            mails.push(mail.clone());
        });
        Ok(())
    }
}
