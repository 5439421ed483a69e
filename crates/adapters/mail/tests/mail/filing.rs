//! Letters that stay here: in a folder or in memory.

use std::{
    fs,
    io::{self, Write},
    os::unix::fs::PermissionsExt,
    sync::{Arc, Mutex},
    time::Duration,
};

use kernel::{Mail, MailError, Mailer, Secret};
use mail::{FolderMailer, MemoryMailer};
use serde_json::json;

use crate::support::{LINK, clock, letter, read, reset, sender, text};

#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[tokio::test]
async fn a_letter_is_filed_for_its_owner_alone_and_logged_without_secrets() {
    let home = tempfile::tempdir().unwrap();
    let folder = home.path().join("data/mail");
    let log = Log::default();
    let writer = log.clone();
    let subscriber = tracing_subscriber::fmt()
        .with_ansi(false)
        .with_writer(move || writer.clone())
        .with_max_level(tracing_subscriber::filter::LevelFilter::TRACE)
        .finish();
    let guard = tracing_subscriber::util::SubscriberInitExt::set_default(subscriber);
    let unsubscribe = Some(Secret::new("https://touchstone.example/unsubscribe?token=s3cr3t"));
    FolderMailer::new(&folder, sender(), clock()).send(&Mail { unsubscribe, ..reset() }).await.unwrap();
    drop(guard);

    let names: Vec<_> = fs::read_dir(&folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    let expected = "20261120T110000.123456Z-identity-reset-password-00000000-0000-0000-0000-000000000007.eml";
    assert_eq!(names, [expected]);
    let path = folder.join(expected);
    assert_eq!(fs::metadata(&folder).unwrap().permissions().mode() & 0o777, 0o700);
    assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);

    let bytes = fs::read(&path).unwrap();
    let message = read(&bytes);
    assert_eq!(message.to().unwrap().first().unwrap().address(), Some("anna@example.org"));
    assert!(text(&message).contains(LINK));
    // An ASCII letter is readable as it lies there, its link in one piece.
    assert!(String::from_utf8(bytes).unwrap().contains(LINK));

    let log = String::from_utf8(log.0.lock().unwrap().clone()).unwrap();
    let lines: Vec<_> = log.lines().filter(|line| line.contains("mail")).collect();
    assert_eq!(lines.len(), 1, "{log}");
    assert!(
        lines[0].contains("INFO")
            && lines[0].contains(expected)
            && lines[0].contains("identity/reset-password")
    );
    assert!(!log.contains("anna") && !log.contains("s3cr3t"), "{log}");
}

#[tokio::test]
async fn a_folder_that_cannot_be_written_is_transient() {
    let home = tempfile::tempdir().unwrap();
    let file = home.path().join("file");
    fs::write(&file, "").unwrap();
    let error = FolderMailer::new(file.join("mail"), sender(), clock()).send(&reset()).await.unwrap_err();
    assert!(matches!(error, MailError::Transient(_)), "{error}");
}

#[tokio::test]
async fn the_same_letter_filed_twice_at_once_is_whole() {
    let home = tempfile::tempdir().unwrap();
    let mailer = FolderMailer::new(home.path(), sender(), clock());
    let mail = reset();
    let (one, two) = tokio::join!(mailer.send(&mail), mailer.send(&mail));
    assert!(one.is_ok() && two.is_ok());
    assert_eq!(fs::read_dir(home.path()).unwrap().count(), 1);
}

#[tokio::test]
async fn letters_in_memory_can_be_waited_for() {
    let mailer = Arc::new(MemoryMailer::new());
    assert!(mailer.wait_for(|_| true, Duration::from_millis(20)).await.is_none());
    let later = Arc::clone(&mailer);
    tokio::spawn(async move {
        tokio::time::sleep(Duration::from_millis(20)).await;
        later.send(&reset()).await.unwrap();
        later.send(&Mail { link: None, ..letter("identity/account-exists", json!({})) }).await.unwrap();
    });
    let wanted = |mail: &Mail| mail.template == "identity/account-exists";
    assert!(mailer.wait_for(wanted, Duration::from_secs(5)).await.is_some());
    let first = mailer.wait_for(|mail| mail.to == "anna@example.org", Duration::from_secs(5)).await.unwrap();
    assert_eq!(first.link.unwrap().expose(), LINK);
    assert_eq!(mailer.sent().len(), 2);
}

#[tokio::test]
async fn memory_refuses_what_the_others_would() {
    let mailer = MemoryMailer::new();
    for mail in [
        letter("identity/no-such", json!({})),
        letter("identity/password-changed", json!({})),
        Mail { to: "nobody".to_owned(), ..reset() },
        Mail { link: None, ..reset() },
    ] {
        assert!(matches!(mailer.send(&mail).await, Err(MailError::Permanent(_))));
    }
    assert!(mailer.sent().is_empty());
}
