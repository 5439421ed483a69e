//! One conversation with an SMTP server: how it is opened, how a letter is handed over, and what each failure means.

use std::{error::Error as _, time::Duration};

use kernel::MailError;
use lettre::{
    address::Envelope,
    transport::smtp::{
        Error,
        authentication::{Credentials, DEFAULT_MECHANISMS},
        client::{AsyncSmtpConnection, Certificate, TlsParameters},
        commands::{Data, Mail, Rcpt},
        extension::{ClientId, Extension, MailBodyParameter, MailParameter},
    },
};

use crate::{SettingsError, SmtpSecurity, SmtpSettings};

/// Replies that concern the login, wherever they come (RFC 4954, section 6).
const LOGIN_REPLIES: [&str; 4] = ["530", "534", "535", "538"];
/// What a server without it would answer to an address beyond ASCII (RFC 6531, section 3.5).
const NO_UTF8: &str = "553 5.6.7";

/// The way to a server.
pub(crate) struct Route {
    host: String,
    port: u16,
    security: SmtpSecurity,
    tls: TlsParameters,
    login: Option<Credentials>,
    hello: ClientId,
    limits: Limits,
}

/// An open conversation. Dropping it closes it, so that one whose state is unknown is never used again.
pub(crate) struct Connection {
    smtp: AsyncSmtpConnection,
    limits: Limits,
}

#[derive(Clone, Copy)]
struct Limits {
    command: Duration,
    letter: Duration,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum About {
    TheServer,
    TheLetter,
}

impl Route {
    pub(crate) fn new(settings: &SmtpSettings) -> Result<Self, SettingsError> {
        let login = settings
            .login
            .as_ref()
            .map(|login| Credentials::new(login.username.clone(), login.password.expose().to_owned()));
        Ok(Self {
            host: settings.host.clone(),
            port: settings.port,
            security: settings.security,
            tls: tls(settings)?,
            login,
            hello: ClientId::Domain(
                settings.hello.clone().unwrap_or_else(|| settings.sender.domain().to_owned()),
            ),
            limits: Limits { command: settings.timeout, letter: settings.letter_timeout },
        })
    }

    pub(crate) async fn connect(&self) -> Result<Connection, MailError> {
        let limit = self.limits.command;
        let wrapper = (self.security == SmtpSecurity::ImplicitTls).then(|| self.tls.clone());
        let server = (self.host.as_str(), self.port);
        let opening = AsyncSmtpConnection::connect_tokio1(server, Some(limit), &self.hello, wrapper, None);
        // Host names with several addresses, TLS and the greeting share the time of two commands.
        let mut smtp = step("connect", About::TheServer, limit * 2, opening).await?;
        if self.security == SmtpSecurity::StartTls {
            let upgrade = smtp.starttls(self.tls.clone(), &self.hello);
            step("STARTTLS", About::TheServer, limit, upgrade).await?;
        }
        if let Some(login) = &self.login {
            let proof = smtp.auth(DEFAULT_MECHANISMS, login);
            step("AUTH", About::TheServer, limit, proof).await?;
        }
        Ok(Connection { smtp, limits: self.limits })
    }
}

impl Connection {
    /// Whether the server still listens after a pause.
    pub(crate) async fn is_alive(&mut self) -> bool {
        tokio::time::timeout(self.limits.command, self.smtp.test_connected()).await.unwrap_or(false)
    }

    /// Hands one letter over; after an error the connection must be dropped.
    pub(crate) async fn deliver(&mut self, envelope: &Envelope, message: &[u8]) -> Result<(), MailError> {
        let parameters = self.parameters(envelope, message)?;
        let limit = self.limits.command;
        let from = self.smtp.command(Mail::new(envelope.from().cloned(), parameters));
        step("MAIL", About::TheLetter, limit, from).await?;
        for to in envelope.to() {
            let to = self.smtp.command(Rcpt::new(to.clone(), Vec::new()));
            step("RCPT", About::TheLetter, limit, to).await?;
        }
        let ready = step("DATA", About::TheLetter, limit, self.smtp.command(Data)).await?;
        if !ready.has_code(354) {
            return Err(MailError::Transient("DATA: the mail server's answers are out of step".to_owned()));
        }
        step("the letter", About::TheLetter, self.limits.letter, self.smtp.message(message)).await?;
        Ok(())
    }

    fn parameters(&self, envelope: &Envelope, message: &[u8]) -> Result<Vec<MailParameter>, MailError> {
        let mut parameters = Vec::new();
        if !envelope.to().iter().all(|address| AsRef::<str>::as_ref(address).is_ascii()) {
            parameters.push((Extension::SmtpUtfEight, MailParameter::SmtpUtfEight));
        }
        if !message.is_ascii() {
            let eight_bit = MailParameter::Body(MailBodyParameter::EightBitMime);
            parameters.push((Extension::EightBitMime, eight_bit));
        }
        if parameters.iter().any(|(needed, _)| !self.smtp.server_info().supports_feature(*needed)) {
            return Err(MailError::Refused(NO_UTF8.to_owned()));
        }
        Ok(parameters.into_iter().map(|(_, parameter)| parameter).collect())
    }
}

fn tls(settings: &SmtpSettings) -> Result<TlsParameters, SettingsError> {
    let mut builder = TlsParameters::builder(settings.host.clone());
    if let Some(pem) = &settings.root_certificates {
        if !pem.contains("-----BEGIN CERTIFICATE-----") {
            return Err(SettingsError::RootCertificate);
        }
        let roots = Certificate::from_pem(pem.as_bytes()).map_err(|_| SettingsError::RootCertificate)?;
        builder = builder.add_root_certificate(roots);
    }
    builder.build().map_err(|error| SettingsError::Tls(error.to_string()))
}

async fn step<T>(
    name: &'static str,
    about: About,
    limit: Duration,
    work: impl Future<Output = Result<T, Error>>,
) -> Result<T, MailError> {
    match tokio::time::timeout(limit, work).await {
        Ok(Ok(done)) => Ok(done),
        Ok(Err(error)) => Err(meaning(name, about, &error)),
        Err(_) => Err(MailError::Transient(format!("{name}: no answer within {limit:?}"))),
    }
}

/// What a failure means for the letter. The server's own words are left out: some quote the letter or its reader.
fn meaning(name: &str, about: About, error: &Error) -> MailError {
    let Some(code) = error.status().map(|code| code.to_string()) else {
        let what =
            if error.is_response() { "an answer that is not SMTP".to_owned() } else { error.to_string() };
        return MailError::Transient(format!("{name}: {what}"));
    };
    let refused =
        error.is_permanent() && about == About::TheLetter && !LOGIN_REPLIES.contains(&code.as_str());
    let words = error.source().map(ToString::to_string).unwrap_or_default();
    let detail = words.split_whitespace().next().filter(|word| is_enhanced_code(word));
    let answer = format!("{code} {}", detail.unwrap_or_default());
    let answer = answer.trim_end();
    if refused {
        MailError::Refused(answer.to_owned())
    } else {
        MailError::Transient(format!("{name}: the mail server answered {answer}"))
    }
}

/// Whether the word is an enhanced status code such as `5.7.1` (RFC 3463).
fn is_enhanced_code(word: &str) -> bool {
    let fields: Vec<_> = word.split('.').collect();
    fields.len() == 3
        && fields
            .iter()
            .all(|field| (1..=3).contains(&field.len()) && field.bytes().all(|b| b.is_ascii_digit()))
}
