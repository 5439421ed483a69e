//! Delivery status notifications, as mail servers send them.

use mail::{NoNotification, Notification, read_notification};
use uuid::Uuid;

const LETTER: Uuid = Uuid::from_u128(0x0192_f3c4_5a6b_7c8d_9e0f_a1b2_c3d4_e5f6);

/// A notification of the shape that RFC 3464 shows in appendix E.1, about a letter of ours.
fn report(status: &str, returned: &str) -> String {
    format!(
        "Date: Fri, 20 Nov 2026 12:00:05 +0000\r\n\
         From: Mail system <MAILER-DAEMON@mx.example.org>\r\n\
         Message-Id: <9f2c@mx.example.org>\r\n\
         To: <no-reply@touchstone.example>\r\n\
         MIME-Version: 1.0\r\n\
         Content-Type: multipart/report; report-type=delivery-status;\r\n\
         \x20     boundary=\"one/two.three\"\r\n\
         Subject: Undelivered\r\n\
         \r\n\
         --one/two.three\r\n\
         \r\n\
         The letter below did not arrive.\r\n\
         \r\n\
         --one/two.three\r\n\
         content-type: message/delivery-status\r\n\
         \r\n\
         Reporting-MTA: dns; mx.example.org\r\n\
         \r\n\
         {status}\r\n\
         --one/two.three\r\n\
         {returned}\r\n\
         --one/two.three--\r\n"
    )
}

const FAILED: &str = "Original-Recipient: rfc822;cleo@example.net\r\n\
    Final-Recipient: rfc822;cleo@example.net\r\n\
    Action: failed\r\n\
    Status: 5.1.1\r\n\
    Diagnostic-Code: smtp; 550 5.1.1 <cleo@example.net>\r\n\
    \x20 Recipient address rejected: User unknown\r\n";

fn whole() -> String {
    format!(
        "Content-Type: message/rfc822\r\n\r\nFrom: no-reply@touchstone.example\r\nTo: cleo@example.net\r\n\
         Message-ID: <{LETTER}@touchstone.example>\r\nSubject: Hello\r\n\r\nWords.\r\n"
    )
}

fn headers() -> String {
    format!(
        "Content-Type: text/rfc822-headers\r\n\r\nMessage-ID: <{LETTER}@touchstone.example>\r\nSubject: Hello\r\n"
    )
}

#[test]
fn a_failure_names_the_letter_and_the_codes_and_nobody() {
    for returned in [whole(), headers()] {
        let read = read_notification(report(FAILED, &returned).as_bytes());
        let expected = Notification { letter: LETTER, failed: true, code: "550 5.1.1".to_owned() };
        assert_eq!(read, Ok(expected), "{returned}");
    }
    let bare =
        "Final-Recipient: rfc822;cleo@example.net\r\nAction: FAILED\r\nStatus: 5.4.7 (delivery expired)\r\n";
    assert_eq!(read_notification(report(bare, &headers()).as_bytes()).unwrap().code, "5.4.7");
    let odd = "Final-Recipient: rfc822;a@b.example\r\nAction: failed\r\nStatus: no\r\nDiagnostic-Code: x-unix; 1 cleo@example.net\r\n";
    assert_eq!(read_notification(report(odd, &headers()).as_bytes()).unwrap().code, "5.0.0");
}

#[test]
fn what_is_only_delayed_is_not_lost() {
    for action in ["delayed", "delivered", "relayed", "expanded"] {
        let status =
            format!("Final-Recipient: rfc822;cleo@example.net\r\nAction: {action}\r\nStatus: 4.4.1\r\n");
        let read = read_notification(report(&status, &whole()).as_bytes()).unwrap();
        assert_eq!((read.failed, read.code.as_str()), (false, "4.4.1"), "{action}");
    }
    let both =
        format!("Final-Recipient: rfc822;a@b.example\r\nAction: delivered\r\nStatus: 2.0.0\r\n\r\n{FAILED}");
    assert!(read_notification(report(&both, &whole()).as_bytes()).unwrap().failed, "one of two recipients");
}

#[test]
fn what_is_no_notification_of_ours_says_why() {
    let read = |message: &str| read_notification(message.as_bytes()).unwrap_err();
    assert_eq!(read(""), NoNotification::NoReport);
    assert_eq!(read("Subject: Out of office\r\n\r\nBack on Monday.\r\n"), NoNotification::NoReport);
    assert_eq!(
        read(&report("Final-Recipient: rfc822;a@b.example\r\n", &whole())),
        NoNotification::NoRecipient
    );
    assert_eq!(read(&report(FAILED, "Content-Type: text/plain\r\n\r\nGone.\r\n")), NoNotification::NoLetter);
    let foreign = whole().replace(&LETTER.to_string(), "somebody-elses");
    assert_eq!(read(&report(FAILED, &foreign)), NoNotification::NoLetter);
    for cut in (0..report(FAILED, &whole()).len()).step_by(7) {
        let _ = read_notification(&report(FAILED, &whole()).as_bytes()[..cut]);
    }
}
