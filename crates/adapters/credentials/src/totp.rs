//! Time-based one-time passwords (RFC 6238), as authenticator apps make them.

use std::fmt::Write as _;

use identity::credentials::OneTimeCodes;
use kernel::Timestamp;
use totp_rs::{Builder, Secret};

/// The name authenticator apps show.
const ISSUER: &str = "Touchstone";
const DIGITS: u8 = 6;
/// Seconds a code is shown.
const PERIOD: u64 = 30;
/// How many steps the clocks may differ by.
const SKEW: u16 = 1;

/// One-time codes of SHA-1, six digits and 30 seconds. Secrets have 20 bytes (RFC 4226, section 4, R6).
#[derive(Debug, Clone, Copy, Default)]
pub struct Totp;

impl OneTimeCodes for Totp {
    /// As the Key URI Format has it (<https://github.com/google/google-authenticator/wiki/Key-Uri-Format>).
    fn enrolment_uri(&self, secret: &[u8], account_name: &str) -> String {
        let secret = self.base32(secret);
        let account = percent_encoded(account_name);
        format!(
            "otpauth://totp/{ISSUER}:{account}?secret={secret}&issuer={ISSUER}&algorithm=SHA1&digits={DIGITS}&period={PERIOD}"
        )
    }

    fn base32(&self, secret: &[u8]) -> String {
        Secret::from(secret.to_vec()).to_base32()
    }

    fn matching_step(&self, secret: &[u8], code: &str, now: Timestamp) -> Option<i64> {
        let seconds = u64::try_from(now.unix_seconds()).ok()?;
        let step = generator(secret, DIGITS)?.check(code, seconds)?;
        i64::try_from(step).ok()
    }
}

/// `None` for a secret that is too short. Compares codes in constant time.
fn generator(secret: &[u8], digits: u8) -> Option<totp_rs::Totp> {
    let settings = Builder::new().with_digits(digits).with_step_duration(PERIOD).with_skew(SKEW);
    settings.with_secret(secret.to_vec()).build().ok()
}

/// All but unreserved characters escaped (RFC 3986, section 2.3).
fn percent_encoded(text: &str) -> String {
    let mut encoded = String::new();
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            write!(encoded, "%{byte:02X}").expect("a string takes everything");
        }
    }
    encoded
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECRET: &[u8; 20] = b"12345678901234567890";

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_unix_seconds(seconds).unwrap()
    }

    /// The rows for SHA-1 of RFC 6238, appendix B.
    const VECTORS: [(i64, &str); 6] = [
        (59, "94287082"),
        (1_111_111_109, "07081804"),
        (1_111_111_111, "14050471"),
        (1_234_567_890, "89005924"),
        (2_000_000_000, "69279037"),
        (20_000_000_000, "65353130"),
    ];

    #[test]
    fn codes_of_rfc_6238_appendix_b() {
        for (seconds, code) in VECTORS {
            let unsigned = u64::try_from(seconds).unwrap();
            assert_eq!(generator(SECRET, 8).unwrap().generate(unsigned).to_string(), code);
            // Six digits are the last six of eight: both are remainders of the same number.
            assert_eq!(Totp.matching_step(SECRET, &code[2..], at(seconds)), Some(seconds / 30));
        }
    }

    #[test]
    fn a_code_is_taken_one_step_early_or_late_and_no_more() {
        let (seconds, code) = (1_234_567_890, "005924");
        let step = seconds / 30;
        for (offset, expected) in [(-60, None), (-30, Some(step)), (30, Some(step)), (60, None)] {
            assert_eq!(Totp.matching_step(SECRET, code, at(seconds + offset)), expected, "{offset} s");
        }
    }

    #[test]
    fn only_six_digits_are_a_code() {
        for code in ["", "005924 ", "+05924", "5924", "89005924", "٠٠٥٩٢٤", "00592a", "005925"] {
            assert_eq!(Totp.matching_step(SECRET, code, at(1_234_567_890)), None, "{code:?}");
        }
        assert_eq!(Totp.matching_step(b"short", "005924", at(1_234_567_890)), None);
        assert_eq!(Totp.matching_step(SECRET, "005924", at(-1)), None);
    }

    #[test]
    fn an_app_reads_the_enrolment_uri() {
        assert_eq!(
            Totp.enrolment_uri(SECRET, "ann+b:c@exämple.org"),
            "otpauth://totp/Touchstone:ann%2Bb%3Ac%40ex%C3%A4mple.org\
             ?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=Touchstone&algorithm=SHA1&digits=6&period=30"
        );
    }
}
