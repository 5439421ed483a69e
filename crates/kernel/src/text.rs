//! Text a person typed, checked once at the edge.

use std::fmt;

use serde::Serialize;

use crate::form::{Form, Formed, LINE};

/// One line of text: trimmed, 1 to `MAX` characters, no control or direction-changing characters.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize)]
#[serde(transparent)]
pub struct SingleLine<const MAX: usize>(String);

/// A person's or an organisation's name.
pub type Name = SingleLine<120>;

/// What is wrong with a text.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TextError {
    /// Nothing but space.
    #[error("must not be empty")]
    Empty,
    /// Nothing that is seen.
    #[error("must hold a character that can be seen")]
    Blank,
    /// Too long.
    #[error("has {found} characters; at most {most} are allowed")]
    TooLong {
        /// How many there are.
        found: usize,
        /// How many are allowed.
        most: usize,
    },
    /// A character that does not belong in one line of text.
    #[error("holds the character U+{:04X}, which is not allowed here", u32::from(*.0))]
    Character(char),
    /// Not of the form.
    #[error("{0}")]
    Form(&'static str),
}

impl<const MAX: usize> SingleLine<MAX> {
    /// Checks the text.
    pub fn new(text: &str) -> Result<Self, TextError> {
        let text = text.trim();
        if text.is_empty() {
            return Err(TextError::Empty);
        }
        let found = text.chars().count();
        if found > MAX {
            return Err(TextError::TooLong { found, most: MAX });
        }
        if let Some(character) = text.chars().find(|c| c.is_control() || is_direction_override(*c)) {
            return Err(TextError::Character(character));
        }
        if text.chars().all(is_blank) { Err(TextError::Blank) } else { Ok(Self(text.to_owned())) }
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl<const MAX: usize> Formed for SingleLine<MAX> {
    const NAME: &'static str = "Line";
    const FORM: Form = Form::of(1, MAX, LINE);
}

impl<const MAX: usize> fmt::Display for SingleLine<MAX> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Whether nothing is seen of a character: white space, what is ignored by default (`Default_Ignorable_Code_Point` of
/// Unicode 17), and the Braille pattern without a dot.
fn is_blank(c: char) -> bool {
    c.is_whitespace()
        || matches!(c,
            '\u{AD}' | '\u{34F}' | '\u{61C}' | '\u{115F}'..='\u{1160}' | '\u{17B4}'..='\u{17B5}'
            | '\u{180B}'..='\u{180F}' | '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{206F}'
            | '\u{2800}' | '\u{3164}' | '\u{FE00}'..='\u{FE0F}' | '\u{FEFF}' | '\u{FFA0}' | '\u{FFF0}'..='\u{FFF8}'
            | '\u{1BCA0}'..='\u{1BCA3}' | '\u{1D173}'..='\u{1D17A}' | '\u{E0000}'..='\u{E0FFF}')
}

/// Bidirectional controls that make text read other than it is (Unicode Technical Report 36, section 2.5).
fn is_direction_override(c: char) -> bool {
    matches!(c, '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}')
}

/// An `http` or `https` address of at most 2,048 characters.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct WebAddress(String);

impl WebAddress {
    /// Checks scheme, length and characters; the address is not visited.
    pub fn new(text: &str) -> Result<Self, TextError> {
        let text = SingleLine::<2048>::new(text)?.0;
        let rest = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"));
        let host = rest.and_then(|rest| rest.split(['/', '?', '#']).next());
        let sound = host.is_some_and(|host| !host.is_empty() && !host.contains('@'));
        if !sound || text.contains(|c: char| c.is_whitespace() || matches!(c, '"' | '<' | '>' | '\\')) {
            return Err(TextError::Form("must be a web address such as https://example.org/me.png"));
        }
        Ok(Self(text))
    }

    /// The address.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Formed for WebAddress {
    const NAME: &'static str = "WebAddress";
    const FORM: Form = Form::of(
        8,
        2048,
        concat!(
            r"^https?://[^\u0000- \u007f-\u00a0\u1680\u2000-\u200a\u2028-\u202f\u205f\u2066-\u2069\u3000",
            r##""#/<>?@\\]+([/?#][^\u0000- \u007f-\u00a0\u1680\u2000-\u200a\u2028-\u202f\u205f\u2066-\u2069\u3000"##,
            r#""<>\\]*)?$"#,
        ),
    );
}

/// The part of an address that names an organisation: 3 to 63 of `a-z`, `0-9` and inner hyphens.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize)]
#[serde(transparent)]
pub struct Slug(String);

impl Slug {
    /// Checks the text.
    pub fn new(text: &str) -> Result<Self, TextError> {
        let form =
            TextError::Form("must be 3 to 63 characters of a-z, 0-9 and inner hyphens, such as north-wind");
        let inner = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        let sound = (3..=63).contains(&text.len())
            && text.chars().all(inner)
            && !text.starts_with('-')
            && !text.ends_with('-')
            && !text.contains("--");
        if sound { Ok(Self(text.to_owned())) } else { Err(form) }
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Formed for Slug {
    const NAME: &'static str = "OrganizationSlug";
    const FORM: Form = Form::of(3, 63, "^[a-z0-9]+(-[a-z0-9]+)*$");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_trimmed_and_bounded() {
        assert_eq!(Name::new("  Ann ").unwrap().as_str(), "Ann");
        assert_eq!(Name::new(" \t"), Err(TextError::Empty));
        assert_eq!(Name::new(&"x".repeat(121)), Err(TextError::TooLong { found: 121, most: 120 }));
        assert_eq!(Name::new("a\u{202E}b"), Err(TextError::Character('\u{202E}')));
        assert_eq!(Name::new("a\r\nb"), Err(TextError::Character('\r')));
        for unseen in ["\u{3164}", "\u{200B}\u{FEFF}", "\u{2800} \u{3164}", "\u{E0041}"] {
            assert_eq!(Name::new(unseen), Err(TextError::Blank), "{unseen:?}");
        }
        assert!(Name::new("a\u{200D}b").is_ok(), "joiners are part of how names are written");
    }

    #[test]
    fn a_web_address_runs_no_script() {
        assert!(WebAddress::new("https://example.org/a.png").is_ok());
        for bad in ["javascript:alert(1)", "https://", "http://user@host/", "https://a b", "ftp://x"] {
            assert!(WebAddress::new(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn slugs_have_one_form() {
        assert!(Slug::new("north-wind-2").is_ok());
        for bad in ["ab", "-ab", "ab-", "a--b", "North", "a b c"] {
            assert!(Slug::new(bad).is_err(), "{bad}");
        }
    }
}
