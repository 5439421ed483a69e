//! Slugs: names as they stand in addresses and expressions.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};
use unicode_normalization::{UnicodeNormalization as _, char::is_combining_mark};

/// 1 to 64 characters of the form `[a-z0-9]+(-[a-z0-9]+)*`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct Slug(String);

impl Slug {
    /// The most characters.
    pub const MAX_LENGTH: usize = 64;

    /// Checks the form.
    pub fn new(text: impl Into<String>) -> Result<Self, ParseSlugError> {
        let text = text.into();
        let inner = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
        let sound = (1..=Self::MAX_LENGTH).contains(&text.len())
            && text.bytes().all(inner)
            && !text.starts_with('-')
            && !text.ends_with('-')
            && !text.contains("--");
        if sound { Ok(Self(text)) } else { Err(ParseSlugError) }
    }

    /// The slug of a name: decomposed (Unicode NFKD), accents stripped, letters of other scripts written in Latin ones,
    /// everything else a hyphen; cut at a hyphen where it is too long. `None` when nothing is left.
    pub fn of(name: &str) -> Option<Self> {
        let plain: String = name.nfkd().filter(|c| !is_combining_mark(*c)).collect();
        let mut slug = slug::slugify(plain);
        if slug.len() > Self::MAX_LENGTH {
            let hyphen = slug[..=Self::MAX_LENGTH].rfind('-');
            slug.truncate(hyphen.unwrap_or(Self::MAX_LENGTH));
        }
        Self::new(slug).ok()
    }

    /// The same slug with a number, for when it is taken: `-2`, `-3`, ..; never longer than a slug may be.
    pub fn numbered(&self, number: u32) -> Self {
        let number = number.to_string();
        let mut stem = self.0.as_str();
        stem = &stem[..stem.len().min(Self::MAX_LENGTH - number.len() - 1)];
        Self(format!("{}-{number}", stem.trim_end_matches('-')))
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Slug {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for Slug {
    type Err = ParseSlugError;

    fn from_str(text: &str) -> Result<Self, ParseSlugError> {
        Self::new(text)
    }
}

impl From<Slug> for String {
    fn from(slug: Slug) -> Self {
        slug.0
    }
}

impl TryFrom<String> for Slug {
    type Error = ParseSlugError;

    fn try_from(text: String) -> Result<Self, ParseSlugError> {
        Self::new(text)
    }
}

/// A text that is no slug.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("must be 1 to 64 characters of a-z, 0-9 and single inner hyphens, such as strategic-thinking")]
pub struct ParseSlugError;

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn of(name: &str) -> String {
        Slug::of(name).map(String::from).unwrap_or_default()
    }

    #[test]
    fn a_name_gives_a_readable_slug() {
        assert_eq!(of("Strategic Thinking"), "strategic-thinking");
        assert_eq!(of("Führung & Résumé (2026)"), "fuhrung-resume-2026");
        assert_eq!(of("Größe"), "grosse");
        assert_eq!(of("ﬁne ½ ＡＢＣ"), "fine-1-2-abc");
        assert_eq!(of("Лидерство"), "liderstvo");
        assert_eq!(of("  --A_B--  "), "a-b");
        assert_eq!(of("!?"), "");
        assert_eq!(of("e\u{301}tude"), of("étude"));
    }

    #[test]
    fn a_long_name_is_cut_between_words() {
        let name = "word ".repeat(20);
        assert_eq!(of(&name), "word-".repeat(13).trim_end_matches('-'));
        assert_eq!(of(&"x".repeat(99)), "x".repeat(64));
    }

    #[test]
    fn a_taken_slug_gets_a_number_and_stays_a_slug() {
        let slug = Slug::new("x".repeat(61) + "-yz").unwrap();
        assert_eq!(slug.numbered(2).as_str(), "x".repeat(61) + "-2");
        assert_eq!(Slug::new("audit").unwrap().numbered(3).as_str(), "audit-3");
    }

    proptest! {
        #[test]
        fn whatever_the_name_its_slug_is_sound_and_its_own_slug(name in any::<String>(), number in any::<u32>()) {
            if let Some(slug) = Slug::of(&name) {
                prop_assert_eq!(Slug::of(slug.as_str()), Some(slug.clone()));
                prop_assert!(Slug::new(slug.as_str()).is_ok());
                prop_assert!(Slug::new(slug.numbered(number).as_str()).is_ok());
            }
        }
    }
}
