//! Time that is given by hand, and why.

use std::time::Duration;

use kernel::{Form, Formed, Timestamp};
use serde::{Deserialize, Serialize};

/// Time that was given by hand: while the session ran, or to one that was over.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Grant {
    /// When.
    pub at: Timestamp,
    /// How many minutes.
    pub minutes: Minutes,
    /// Why.
    pub reason: Reason,
}

/// Minutes that are granted: 1 to 10,080, a week.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "u16", into = "u16")]
pub struct Minutes(u16);

/// A number of minutes that cannot be granted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("from 1 to 10080 minutes can be granted at a time")]
pub struct NoMinutes;

impl Minutes {
    /// Checks the range.
    pub const fn new(minutes: u16) -> Result<Self, NoMinutes> {
        if minutes >= 1 && minutes <= 7 * 24 * 60 { Ok(Self(minutes)) } else { Err(NoMinutes) }
    }

    /// From 1 to 10,080.
    pub const fn get(self) -> u16 {
        self.0
    }

    pub(super) fn duration(self) -> Duration {
        Duration::from_secs(60 * u64::from(self.0))
    }
}

impl From<Minutes> for u16 {
    fn from(minutes: Minutes) -> Self {
        minutes.0
    }
}

impl TryFrom<u16> for Minutes {
    type Error = NoMinutes;

    fn try_from(minutes: u16) -> Result<Self, NoMinutes> {
        Self::new(minutes)
    }
}

/// Why someone did it: 1 to 500 characters, trimmed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Reason(String);

/// A text that is no reason.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("give a reason of 1 to 500 characters, without control characters")]
pub struct NoReason;

impl Reason {
    const MAX_LENGTH: usize = 500;

    /// Trims and checks the text.
    pub fn new(text: &str) -> Result<Self, NoReason> {
        let text = text.trim();
        let sound = (1..=Self::MAX_LENGTH).contains(&text.chars().count());
        if sound && !text.chars().any(|c| c.is_control() && c != '\n') {
            Ok(Self(text.into()))
        } else {
            Err(NoReason)
        }
    }

    /// Stands for a reason that is not kept any more.
    pub(super) fn forgotten() -> Self {
        Self("erased".to_owned())
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Formed for Reason {
    const NAME: &'static str = "Reason";
    const FORM: Form = Form::of(
        1,
        Self::MAX_LENGTH,
        concat!(
            r"^[\t-\r \u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]*",
            r"[^\u0000- \u007f-\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]",
            r"([^\u0000-\t\u000b-\u001f\u007f-\u009f]*",
            r"[^\u0000- \u007f-\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000])?",
            r"[\t-\r \u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]*$",
        ),
    );
}

impl From<Reason> for String {
    fn from(reason: Reason) -> Self {
        reason.0
    }
}

impl TryFrom<String> for Reason {
    type Error = NoReason;

    fn try_from(text: String) -> Result<Self, NoReason> {
        Self::new(&text)
    }
}
