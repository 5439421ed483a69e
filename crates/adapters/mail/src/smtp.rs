//! Sends letters over SMTP: the settings, the mailer and the connections it keeps.

use std::{
    net::IpAddr,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use async_trait::async_trait;
use kernel::{CalendarWriter, Clock, Mail, MailError, Mailer, NoticeText, NoticeTextError, Secret};
use tokio::time::Instant;

use serde_json::Value;

use crate::{
    Sender, SettingsError,
    connection::{Connection, Route},
    message,
    notices::render_notice,
};

const IDLE_CONNECTIONS: usize = 4;
const IDLE_FOR: Duration = Duration::from_secs(30);

/// How the connection is protected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SmtpSecurity {
    /// Starts in the clear and MUST become TLS before anything is said; port 587 as a rule.
    StartTls,
    /// TLS from the first byte; port 465 as a rule.
    ImplicitTls,
    /// No protection: for a server on this machine.
    Plain {
        /// Whether the server may be on another machine, where anyone on the way reads links and password.
        even_remote: bool,
    },
}

/// Who the mailer is to the server.
#[derive(Debug, Clone)]
pub struct SmtpLogin {
    /// The user's name.
    pub username: String,
    /// The user's password.
    pub password: Secret,
}

/// Where and how letters are sent. Made by [`SmtpSettings::new`], then changed where the defaults do not fit.
#[derive(Debug, Clone)]
pub struct SmtpSettings {
    /// The server's host name or IP address; its certificate must bear it.
    pub host: String,
    /// The server's port.
    pub port: u16,
    /// How the connection is protected.
    pub security: SmtpSecurity,
    /// Name and password, if the server wants them.
    pub login: Option<SmtpLogin>,
    /// Whom letters come from.
    pub sender: Sender,
    /// The name this machine greets with; the sender's domain if absent.
    pub hello: Option<String>,
    /// PEM certificates to trust in addition to the public roots.
    pub root_certificates: Option<String>,
    /// How long the server may take to accept a connection and to answer each command.
    pub timeout: Duration,
    /// How long the server may take to accept a whole letter. Too short a time makes duplicates: the server may
    /// have accepted what the client gave up on (RFC 5321, section 4.5.3.2.6).
    pub letter_timeout: Duration,
}

impl SmtpSettings {
    /// STARTTLS on port 587 without login, 10 seconds for a command and a minute for a letter.
    pub fn new(host: impl Into<String>, sender: Sender) -> Self {
        Self {
            host: host.into(),
            port: 587,
            security: SmtpSecurity::StartTls,
            login: None,
            sender,
            hello: None,
            root_certificates: None,
            timeout: Duration::from_secs(10),
            letter_timeout: Duration::from_mins(1),
        }
    }

    fn refuse_unencrypted(&self) -> Result<(), SettingsError> {
        let local = self.host.eq_ignore_ascii_case("localhost")
            || self.host.parse().is_ok_and(|address: IpAddr| address.is_loopback());
        match self.security {
            SmtpSecurity::Plain { even_remote: false } if !local => {
                Err(SettingsError::Unencrypted(self.host.clone()))
            }
            _ => Ok(()),
        }
    }
}

/// A mailer that hands letters to an SMTP server.
///
/// A letter is [`MailError::Refused`] only if the server refused the letter itself with 5xx. Whatever an operator
/// or time can put right is [`MailError::Transient`]: 4xx, timeouts, lost connections, TLS, a refused login.
/// A letter whose fate is unknown may arrive twice, then with the same `Message-ID`.
pub struct SmtpMailer {
    route: Route,
    sender: Sender,
    calendar: Option<Arc<dyn CalendarWriter>>,
    clock: Arc<dyn Clock>,
    // Not lettre's pool: that one gives a connection back when its future is dropped by a timeout, and the late
    // answer would then be taken for that to the next letter.
    idle: Mutex<Vec<(Connection, Instant)>>,
}

impl SmtpMailer {
    /// Checks the settings; connects when the first letter is sent.
    pub fn new(settings: SmtpSettings, clock: Arc<dyn Clock>) -> Result<Self, SettingsError> {
        settings.refuse_unencrypted()?;
        let route = Route::new(&settings)?;
        Ok(Self { route, sender: settings.sender, calendar: None, clock, idle: Mutex::default() })
    }

    /// The same mailer, which takes letters with appointments too.
    pub fn with_calendar(self, writer: Arc<dyn CalendarWriter>) -> Self {
        Self { calendar: Some(writer), ..self }
    }

    async fn connection(&self) -> Result<Connection, MailError> {
        while let Some(mut connection) = self.take_idle() {
            if connection.is_alive().await {
                return Ok(connection);
            }
        }
        self.route.connect().await
    }

    fn take_idle(&self) -> Option<Connection> {
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        idle.retain(|(_, since)| since.elapsed() < IDLE_FOR);
        idle.pop().map(|(connection, _)| connection)
    }

    fn keep(&self, connection: Connection) {
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        if idle.len() < IDLE_CONNECTIONS {
            idle.push((connection, Instant::now()));
        }
    }
}

#[async_trait]
impl Mailer for SmtpMailer {
    fn notice(&self, template: &str, values: &Value) -> Result<NoticeText, NoticeTextError> {
        render_notice(template, values)
    }

    async fn send(&self, mail: &Mail) -> Result<(), MailError> {
        let message = message::build(mail, &self.sender, self.calendar.as_deref(), self.clock.now())?;
        let mut connection = self.connection().await?;
        connection.deliver(message.envelope(), &message.formatted()).await?;
        self.keep(connection);
        Ok(())
    }
}
