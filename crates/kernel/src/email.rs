//! E-mail addresses, compared without regard to case and to how their domains are spelt.

use std::{borrow::Cow, fmt};

use serde::Serialize;
use sha2::{Digest as _, Sha256};
use unicode_normalization::UnicodeNormalization as _;

use crate::{
    form::{Form, Formed},
    text::TextError,
};

/// An address mail can be sent to: at most 254 octets (RFC 5321, section 4.5.3.1.3), local part at most 64.
///
/// It remembers how its owner writes it; two are equal when they differ in case alone, or in how the domain is spelt:
/// as it reads, or in the letters of the DNS (`müller.example`, `xn--mller-kva.example`; UTS 46, nontransitional).
#[derive(Debug, Clone, Eq, Serialize)]
#[serde(transparent)]
pub struct EmailAddress(String);

impl EmailAddress {
    /// Checks the form. Quoted local parts and address literals are not taken.
    pub fn new(text: &str) -> Result<Self, TextError> {
        let form = TextError::Form("must be an e-mail address such as ann@example.org");
        let text: String = text.trim().nfc().collect();
        let Some((local, domain)) = text.rsplit_once('@') else { return Err(form) };
        let local_sound = (1..=64).contains(&local.len())
            && !local.starts_with('.')
            && !local.ends_with('.')
            && !local.contains("..")
            && local.chars().all(|c| c.is_alphanumeric() || ".!#$%&'*+/=?^_`{|}~-".contains(c));
        let label = |l: &str| {
            (1..=63).contains(&l.len())
                && !l.starts_with('-')
                && !l.ends_with('-')
                && l.chars().all(|c| c.is_alphanumeric() || c == '-')
        };
        let domain_sound = domain.contains('.') && domain.split('.').all(label) && readable(domain).is_some();
        if text.len() <= 254 && local_sound && domain_sound { Ok(Self(text)) } else { Err(form) }
    }

    /// As its owner writes it.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The form that is compared and kept unique: NFC, lower case, the domain as it reads.
    pub fn normalized(&self) -> String {
        let (local, domain) = self.0.rsplit_once('@').unwrap_or((&self.0, ""));
        let local: String = local.to_lowercase().nfc().collect();
        format!("{local}@{}", readable(domain).unwrap_or_else(|| domain.to_lowercase().into()))
    }

    /// As mail servers take it that know no letters beyond ASCII in domains: the domain in the letters of the DNS.
    pub fn for_delivery(&self) -> String {
        let (local, domain) = self.0.rsplit_once('@').unwrap_or((&self.0, ""));
        let domain = idna::domain_to_ascii(domain).unwrap_or_else(|_| domain.to_owned());
        format!("{local}@{domain}")
    }

    /// Its owner recognises it, others learn little: `a***@example.org`.
    pub fn masked(&self) -> String {
        let (local, domain) = self.0.rsplit_once('@').unwrap_or((&self.0, ""));
        format!("{}***@{domain}", local.chars().next().unwrap_or('*'))
    }

    /// A short name for counters that need not know the address: the first 16 octets of its SHA-256 in hex.
    pub fn fingerprint(&self) -> String {
        crate::encoding::hex(&Sha256::digest(self.normalized())[..16])
    }
}

/// A domain as it reads, by UTS 46; `None` of one that cannot be in the DNS.
fn readable(domain: &str) -> Option<Cow<'_, str>> {
    let is_plain =
        domain.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'.');
    if is_plain {
        return Some(Cow::Borrowed(domain));
    }
    let (read, sound) = idna::domain_to_unicode(domain);
    sound.ok().map(|()| Cow::Owned(read))
}

impl Formed for EmailAddress {
    const NAME: &'static str = "EmailAddress";
    const FORM: Form = Form { least: 5, most: 254, pattern: None, format: Some("idn-email") };
}

impl PartialEq for EmailAddress {
    fn eq(&self, other: &Self) -> bool {
        self.normalized() == other.normalized()
    }
}
impl fmt::Display for EmailAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn case_does_not_tell_addresses_apart() {
        assert_eq!(
            EmailAddress::new("Ann@Example.org").unwrap(),
            EmailAddress::new("ann@example.ORG").unwrap()
        );
        assert_eq!(EmailAddress::new("Ann@Example.org").unwrap().as_str(), "Ann@Example.org");
    }

    #[test]
    fn how_a_domain_is_spelt_does_not_tell_addresses_apart() {
        let address = |text: &str| EmailAddress::new(text).unwrap();
        for (typed, other) in [
            ("x@müller-x.example", "x@xn--mller-x-n2a.example"),
            ("x@MÜLLER.example", "X@XN--MLLER-KVA.example"),
            ("x@straße.example", "x@xn--strae-oqa.example"),
            ("x@ｅｘａｍｐｌｅ.org", "x@example.org"),
            ("x@例え.example", "x@xn--r8jz45g.example"),
        ] {
            assert_eq!(address(typed), address(other), "{typed}");
            assert_eq!(address(typed).fingerprint(), address(other).fingerprint());
            assert_eq!(address(typed).as_str(), typed, "it is shown as it was typed");
        }
        assert_ne!(address("x@strasse.example"), address("x@straße.example"));
        assert_eq!(address("x@müller.example").for_delivery(), "x@xn--mller-kva.example");
        assert_eq!(address("zoë@example.org").for_delivery(), "zoë@example.org");
        for bad in ["x@xn--a.example", "x@a\u{200d}b.example"] {
            assert!(EmailAddress::new(bad).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn what_is_no_address_is_refused() {
        let long = format!("{}@example.org", "x".repeat(65));
        for bad in [
            "",
            "ann",
            "@example.org",
            "ann@",
            "ann@localhost",
            "a b@example.org",
            "a@b@c.de ,x@y.z",
            "ann@-bad.org",
            "ann@bad..org",
            ".ann@x.org",
            "a\r\nBcc:x@example.org",
            &long,
        ] {
            assert!(EmailAddress::new(bad).is_err(), "{bad:?}");
        }
        for good in ["a@b.co", "ann+tag@example.org", "jürgen@müller.de", "o'neil@example.org"] {
            assert!(EmailAddress::new(good).is_ok(), "{good}");
        }
    }

    #[test]
    fn a_mask_shows_little() {
        assert_eq!(EmailAddress::new("ann@example.org").unwrap().masked(), "a***@example.org");
    }
}
