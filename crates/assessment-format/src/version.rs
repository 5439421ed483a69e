//! Editions of an assessment: `major.minor`.

use std::{fmt, str::FromStr};

use kernel::{Form, Formed};
use serde::{Deserialize, Serialize};

/// Which version of an assessment: a change of wording asks for the next minor, a change of scoring for the next major.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct Version {
    /// From 0 to 9,999.
    major: u16,
    /// From 0 to 9,999.
    minor: u16,
}

const MAX: u16 = 9_999;

impl Version {
    /// The first version, `1.0`.
    pub const FIRST: Self = Self { major: 1, minor: 0 };

    /// Checks the range: each from 0 to 9,999.
    pub const fn new(major: u16, minor: u16) -> Result<Self, ParseVersionError> {
        if major <= MAX && minor <= MAX { Ok(Self { major, minor }) } else { Err(ParseVersionError) }
    }

    /// The number before the point.
    pub const fn major(self) -> u16 {
        self.major
    }

    /// The number after the point.
    pub const fn minor(self) -> u16 {
        self.minor
    }

    /// The next version with other words; `None` after `x.9999`.
    pub const fn next_minor(self) -> Option<Self> {
        if self.minor < MAX { Some(Self { major: self.major, minor: self.minor + 1 }) } else { None }
    }

    /// The next version with other scoring; `None` after `9999.x`.
    pub const fn next_major(self) -> Option<Self> {
        if self.major < MAX { Some(Self { major: self.major + 1, minor: 0 }) } else { None }
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.major, self.minor)
    }
}

impl FromStr for Version {
    type Err = ParseVersionError;

    fn from_str(text: &str) -> Result<Self, ParseVersionError> {
        let number = |digits: &str| {
            let sound = matches!(digits.len(), 1..=4) && digits.bytes().all(|byte| byte.is_ascii_digit());
            let padded = digits.len() > 1 && digits.starts_with('0');
            if sound && !padded { digits.parse().ok() } else { None }
        };
        let (major, minor) = text.split_once('.').ok_or(ParseVersionError)?;
        match (number(major), number(minor)) {
            (Some(major), Some(minor)) => Self::new(major, minor),
            _ => Err(ParseVersionError),
        }
    }
}

impl Formed for Version {
    const NAME: &'static str = "Version";
    const FORM: Form = Form::of(3, 9, r"^(0|[1-9][0-9]{0,3})\.(0|[1-9][0-9]{0,3})$");
}

impl From<Version> for String {
    fn from(version: Version) -> Self {
        version.to_string()
    }
}

impl TryFrom<String> for Version {
    type Error = ParseVersionError;

    fn try_from(text: String) -> Result<Self, ParseVersionError> {
        text.parse()
    }
}

/// A text that is no version.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a version is two whole numbers from 0 to 9999 with a point between, such as 1.0")]
pub struct ParseVersionError;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_has_one_way_to_be_written() {
        for text in ["0.0", "1.0", "12.34", "9999.9999"] {
            assert_eq!(text.parse::<Version>().unwrap().to_string(), text);
        }
        for text in
            ["", "1", "1.", ".1", "1.0.0", "01.0", "1.00", "-1.0", "+1.0", "1. 0", "10000.0", "v1.0", "١.٠"]
        {
            assert_eq!(text.parse::<Version>(), Err(ParseVersionError), "{text}");
        }
    }

    #[test]
    fn ten_comes_after_nine() {
        let version = |text: &str| text.parse::<Version>().unwrap();
        assert!(version("1.10") > version("1.9"));
        assert_eq!(version("1.9").next_minor(), Some(version("1.10")));
        assert_eq!(version("1.9").next_major(), Some(version("2.0")));
        assert_eq!((version("9999.9999").next_major(), version("9999.9999").next_minor()), (None, None));
    }
}
