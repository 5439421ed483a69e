//! What goes over the wire, and what each answer of a server means.

use std::time::{Duration, Instant};

use kernel::{Mail, MailError, Mailer, Secret};
use mail::{SettingsError, SmtpLogin, SmtpMailer, SmtpSecurity, SmtpSettings};
use serde_json::json;

use crate::{
    server::{Act, Security, Server},
    support::{LINK, clock, html, letter, read, reset, sender, text},
};

const SHORT: Duration = Duration::from_millis(400);

fn settings(server: &Server) -> SmtpSettings {
    SmtpSettings {
        port: server.port,
        security: SmtpSecurity::Plain { even_remote: false },
        ..SmtpSettings::new("127.0.0.1", sender())
    }
}

fn mailer(server: &Server) -> SmtpMailer {
    SmtpMailer::new(settings(server), clock()).unwrap()
}

fn hasty(server: &Server) -> SmtpSettings {
    SmtpSettings { timeout: SHORT, letter_timeout: SHORT, ..settings(server) }
}

fn shows_no_secret(error: &MailError) {
    for text in [error.to_string(), format!("{error:?}")] {
        assert!(!text.contains("s3cr3t") && !text.contains("anna@") && !text.contains("Anna"), "{text}");
    }
}

async fn failure(server: &Server) -> MailError {
    let error = mailer(server).send(&reset()).await.unwrap_err();
    shows_no_secret(&error);
    error
}

#[tokio::test]
async fn a_letter_arrives_whole() {
    let server = Server::start().await;
    let from = sender().with_reply_to("help@touchstone.example").unwrap();
    let mailer = SmtpMailer::new(SmtpSettings { sender: from, ..settings(&server) }, clock()).unwrap();
    mailer.send(&letter("identity/reset-password", json!({ "name": "Zoë" }))).await.unwrap();

    let received = server.received().remove(0);
    assert_eq!(received.mail.trim_end(), "MAIL FROM:<no-reply@touchstone.example>");
    assert_eq!(received.rcpt.trim_end(), "RCPT TO:<anna@example.org>");
    assert!(received.message.is_ascii());
    assert!(server.commands()[0].starts_with("EHLO touchstone.example"));

    let message = read(&received.message);
    assert_eq!(message.subject(), Some("Reset your Touchstone password"));
    assert_eq!(message.message_id(), Some("00000000-0000-0000-0000-000000000007@touchstone.example"));
    assert_eq!(message.date().unwrap().to_rfc3339(), "2026-11-20T11:00:00Z");
    assert_eq!(message.header_raw("Auto-Submitted").map(str::trim), Some("auto-generated"));
    assert_eq!(message.header_raw("MIME-Version").map(str::trim), Some("1.0"));
    let from = message.from().unwrap().first().unwrap();
    assert_eq!((from.name(), from.address()), (Some("Touchstone"), Some("no-reply@touchstone.example")));
    assert_eq!(message.reply_to().unwrap().first().unwrap().address(), Some("help@touchstone.example"));
    assert_eq!(message.to().unwrap().first().unwrap().address(), Some("anna@example.org"));
    assert_eq!((message.text_body_count(), message.html_body_count()), (1, 1));
    assert!(text(&message).starts_with("Hello Zoë,\n\nSomeone, we hope you,"));
    assert!(text(&message).contains(&format!("\n\n{LINK}\n\n")));
    assert!(html(&message).contains("Hello <bdi>Zoë</bdi>,"));
    assert!(html(&message).contains(&format!("href=\"{}\"", LINK.replace('&', "&amp;"))));
}

#[tokio::test]
async fn names_beyond_ascii_arrive_in_headers() {
    let server = Server::start().await;
    let from =
        mail::Sender::new("no-reply@touchstone.example", Some("Prüfstein \"日本\"\r\nBcc: x@y.z")).unwrap();
    let mailer = SmtpMailer::new(SmtpSettings { sender: from, ..settings(&server) }, clock()).unwrap();
    let values = json!({ "organization": "Čapek & Żółć\r\nBcc: x@evil.example", "name": null });
    mailer.send(&Mail { link: None, ..letter("identity/membership-removed", values) }).await.unwrap();

    let received = server.received().remove(0);
    assert!(received.message.is_ascii());
    let message = read(&received.message);
    let subject = "You are no longer a member of Čapek & Żółć Bcc: x@evil. example on Touchstone";
    assert_eq!(message.subject(), Some(subject));
    assert_eq!(message.from().unwrap().first().unwrap().name(), Some("Prüfstein '日本' Bcc: x@y.z"));
    assert!(message.bcc().is_none());
}

#[tokio::test]
async fn leading_dots_survive() {
    let server = Server::start().await;
    // The name follows "Hello " in the text; a lone dot line comes from the role list, wrapped by quoted-printable.
    let values = json!({ "inviter": ".", "organization": ".".repeat(90), "roles": ["."] });
    mailer(&server).send(&letter("identity/invitation", values)).await.unwrap();

    let received = server.received().remove(0);
    let stuffed = String::from_utf8(received.wire).unwrap();
    let dots = |text: &str, prefix: &str| text.lines().filter(|line| line.starts_with(prefix)).count();
    let message = String::from_utf8(received.message.clone()).unwrap();
    assert!(dots(&message, ".") > 0, "nothing to stuff:\n{message}");
    assert_eq!(dots(&stuffed, ".."), dots(&message, "."));
    assert!(text(&read(&received.message)).contains(&".".repeat(90)));
}

#[tokio::test]
async fn connections_are_kept_and_a_dead_one_is_replaced() {
    let server = Server::start().await;
    let mailer = SmtpMailer::new(hasty(&server), clock()).unwrap();
    mailer.send(&reset()).await.unwrap();
    mailer.send(&reset()).await.unwrap();
    assert_eq!((server.connections(), server.received().len()), (1, 2));
    server.once("NOOP", Act::HangUp);
    mailer.send(&reset()).await.unwrap();
    server.once("NOOP", Act::Stall);
    mailer.send(&reset()).await.unwrap();
    assert_eq!((server.connections(), server.received().len()), (3, 4));
}

#[tokio::test]
async fn a_repeat_has_the_same_message_id_and_bytes() {
    let server = Server::start().await;
    let mailer = mailer(&server);
    mailer.send(&reset()).await.unwrap();
    mailer.send(&reset()).await.unwrap();
    let received = server.received();
    assert_eq!(received[0].message, received[1].message);
}

#[tokio::test]
async fn refusals_of_the_letter_are_permanent() {
    for (event, words) in [
        ("MAIL", "550 5.7.1 no such sender"),
        ("RCPT", "550-5.1.1 anna@example.org\r\n550 5.1.1 is unknown"),
        ("DATA", "554 no"),
        ("letter", "554 5.7.1 Anna, s3cr3t-T0ken_x is on a list of bad words"),
    ] {
        let server = Server::start().await;
        server.once(event, Act::Say(words));
        let error = failure(&server).await;
        assert!(matches!(error, MailError::Refused(_)), "{event}: {error}");
        assert!(error.to_string().contains(&words[..3]), "{error}");
        assert!(server.received().is_empty());
    }
}

#[tokio::test]
async fn an_error_names_the_step_and_the_codes() {
    let server = Server::start().await;
    server.once("RCPT", Act::Say("550 5.1.1 <anna@example.org> unknown"));
    assert_eq!(failure(&server).await.to_string(), "the mail server refused the letter: 550 5.1.1");
}

#[tokio::test]
async fn what_time_or_an_operator_can_mend_is_transient() {
    for (event, act) in [
        ("connect", Act::Say("554 not today")),
        ("connect", Act::Say("421 4.3.2 shutting down")),
        ("connect", Act::Say("HTTP/1.1 400 anna@example.org")),
        ("connect", Act::HangUp),
        ("EHLO", Act::HangUp),
        ("EHLO", Act::Say("500 what?")),
        ("MAIL", Act::Say("451 4.3.0 later")),
        ("MAIL", Act::Say("530 5.7.0 Authentication required")),
        ("RCPT", Act::Say("450 4.2.0 anna@example.org is greylisted")),
        ("RCPT", Act::HangUp),
        ("DATA", Act::Say("421 bye")),
        ("DATA", Act::Say("250 ok")),
        ("letter", Act::Say("452 4.3.1 disk full, s3cr3t-T0ken_x not kept")),
        ("letter", Act::HangUp),
    ] {
        let server = Server::start().await;
        server.once(event, act);
        let error = failure(&server).await;
        assert!(matches!(error, MailError::Transient(_)), "{event}: {error}");
    }
}

#[tokio::test]
async fn slow_servers_are_given_up() {
    for event in ["connect", "EHLO", "AUTH", "MAIL", "RCPT", "DATA", "letter"] {
        let server = Server::start().await;
        server.once(event, Act::Stall);
        let login = Some(SmtpLogin { username: "u".to_owned(), password: Secret::new("p") });
        let mailer = SmtpMailer::new(SmtpSettings { login, ..hasty(&server) }, clock()).unwrap();
        let begun = Instant::now();
        let error = mailer.send(&reset()).await.unwrap_err();
        assert!(matches!(error, MailError::Transient(_)), "{event}: {error}");
        assert!(begun.elapsed() < Duration::from_secs(3), "{event} took {:?}", begun.elapsed());
        shows_no_secret(&error);
    }
}

#[tokio::test]
async fn a_late_answer_is_never_taken_for_that_to_the_next_letter() {
    let server = Server::start().await;
    let mailer = SmtpMailer::new(hasty(&server), clock()).unwrap();
    server.once("letter", Act::SayLate(SHORT * 2, "554 refused"));
    assert!(matches!(mailer.send(&reset()).await, Err(MailError::Transient(_))));
    mailer.send(&reset()).await.unwrap();
    assert_eq!((server.connections(), server.received().len()), (2, 1));
}

#[tokio::test]
async fn nobody_listening_is_transient() {
    let server = Server::start().await;
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let mailer = SmtpMailer::new(SmtpSettings { port: free, ..settings(&server) }, clock()).unwrap();
    assert!(matches!(mailer.send(&reset()).await, Err(MailError::Transient(_))));
}

#[tokio::test]
async fn the_login_is_used_and_its_refusal_is_transient() {
    let server = Server::start().await;
    let login = Some(SmtpLogin { username: "touchstone".to_owned(), password: Secret::new("hunter2") });
    let settings = SmtpSettings { login, ..settings(&server) };
    assert!(!format!("{settings:?}").contains("hunter2"));
    let mailer = SmtpMailer::new(settings, clock()).unwrap();
    server.once("AUTH", Act::Say("535 5.7.8 hunter2 is wrong"));
    let error = mailer.send(&reset()).await.unwrap_err();
    assert_eq!(error.to_string(), "mail could not be sent now: AUTH: the mail server answered 535 5.7.8");
    mailer.send(&reset()).await.unwrap();
    // NUL touchstone NUL hunter2
    assert_eq!(server.received()[0].login.as_deref(), Some("AUTH PLAIN AHRvdWNoc3RvbmUAaHVudGVyMg=="));
}

#[tokio::test]
async fn addresses_beyond_ascii_need_a_server_that_takes_them() {
    let mail = Mail { to: "zoë@example.org".to_owned(), ..reset() };
    let error = mailer(&Server::start().await).send(&mail).await.unwrap_err();
    assert!(matches!(error, MailError::Refused(_)), "{error}");
    assert!(!error.to_string().contains("zoë"));

    let server = Server::with(Security::None, &["SMTPUTF8", "8BITMIME"]).await;
    mailer(&server).send(&mail).await.unwrap();
    assert_eq!(server.received()[0].mail, "MAIL FROM:<no-reply@touchstone.example> SMTPUTF8 BODY=8BITMIME");
}

#[tokio::test]
async fn bad_recipients_never_reach_the_server() {
    let server = Server::start().await;
    for to in
        ["", "anna", "anna@", "anna@example.org\r\nRCPT TO:<x@y.z>", "A <anna@example.org>", "a@b.c, d@e.f"]
    {
        let error = mailer(&server).send(&Mail { to: to.to_owned(), ..reset() }).await.unwrap_err();
        assert!(matches!(error, MailError::Permanent(_)), "{to}: {error}");
    }
    assert_eq!(server.connections(), 0);
}

#[tokio::test]
async fn unencrypted_mail_stays_on_this_machine_unless_allowed() {
    let to = |host: &str, even_remote| {
        let security = SmtpSecurity::Plain { even_remote };
        SmtpMailer::new(SmtpSettings { security, ..SmtpSettings::new(host, sender()) }, clock()).map(drop)
    };
    for local in ["localhost", "127.0.0.1", "127.8.0.1", "::1"] {
        assert_eq!(to(local, false), Ok(()), "{local}");
    }
    for remote in ["mail.example", "localhost.evil.example", "10.0.0.1", "0.0.0.0"] {
        assert_eq!(to(remote, false), Err(SettingsError::Unencrypted(remote.to_owned())));
        assert_eq!(to(remote, true), Ok(()));
    }
}
